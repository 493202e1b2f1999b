"""Decides past articles as the service would have: a rehearsal, and a backtest of changed themes.

In: articles, one or two theme sets. Out: every decision; the alerts gained and lost. May import the rooms with
the rules, and handling's interface to them.
"""
