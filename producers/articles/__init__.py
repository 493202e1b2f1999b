"""Turns entries into drafts of articles, and tells new, revised, known and rejected ones apart by the feed's state.

In: entries, pages, backfill lines. Out: articles, and the entries a feed's state remembers. May import formats.
"""
