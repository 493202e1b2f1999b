"""Commands about themes: themes, classify, explain. Argument parsing and printing only.

In: arguments, files or standard input. Out: lines on standard output, an exit code. May import the stages; only `newsmon.app.cli`
imports it.
"""
