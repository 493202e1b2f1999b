"""Child processes that parse feeds and extract pages, so that a poison feed costs one time-out and not the event loop.

In: fetched bytes. Out: drafts or texts. May import articles.
"""
