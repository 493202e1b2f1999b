"""Child processes that parse and clean, so that a poison feed costs one time-out and not the loop.

In: fetched bytes. Out: drafts. May import articles.
"""
