"""The processor process: the Faust app and its agents, the watchdog, group membership and assignment.

In: settings, themes. Out: a running worker and its exit code. May import every room of this stage; the only place that imports Faust.
"""
