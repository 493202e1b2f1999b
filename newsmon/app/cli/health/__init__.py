"""Commands that check newsmon itself: doctor, verify, quarantine, and the checks before `newsmon run` starts anything.

In: arguments and settings. Out: lines on standard output, an exit code. May import the stages; only `newsmon.app.cli` imports it.
"""
