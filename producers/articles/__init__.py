"""Entries become drafts of articles; a comparison with the feed's state tells new, revised, known and rejected ones apart.

In: entries, pages, backfill lines. Out: articles, and the entries a feed's state remembers. May import formats.
"""
