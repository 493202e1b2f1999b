"""Commands that check newsmon itself: doctor, verify and quarantine.

In: arguments and settings. Out: lines on standard output, an exit code. May import the stages; only `newsmon.app.cli` imports it.
"""
