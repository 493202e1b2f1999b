"""Commands about feeds: feeds (list, check, explain, import, export, discover), parse and backfill.

In: arguments, files or standard input. Out: lines on standard output, an exit code. May import the stages; only `newsmon.app.cli`
imports it.
"""
