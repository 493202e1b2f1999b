"""Commands about stories: what belongs together and why, a person's corrections, and grouping a file.

In: arguments and settings. Out: lines on standard output, an exit code. May import the stages; only `newsmon.app.cli` imports it.
"""
