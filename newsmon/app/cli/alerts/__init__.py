"""Commands about alerts and who gets them: alerts, notices, silences, deliveries, receivers, feedback, listen.

In: arguments and settings. Out: lines on standard output, an exit code. May import the stages; only `newsmon.app.cli` imports it.
"""
