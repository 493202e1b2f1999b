"""Commands that decide past articles again: rehearse, backtest. Argument parsing, the pool of processes, and printing only.

In: arguments, archives, stored articles. Out: lines on standard output, an exit code. May import the stages; only `newsmon.app.cli`
imports it.
"""
