"""Decides the past again with other themes.

In: articles and two theme sets. Out: the alerts gained and lost. May import the rooms with the rules, and handling's interface to them.
"""
