"""The processor process: the Faust app, its agents, the watchdog, membership and assignment.

The only place that imports Faust. May import every room of this stage.
"""
