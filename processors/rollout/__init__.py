"""Keeps every worker on the same theme set: watches the directory, and reads and writes the topic news.themes.

In: theme files, news.themes. Out: a call with each new ThemeSet, proposals on news.themes, notices. May import themes, matching, handling.
"""
