"""Feeds, news sitemaps, OPML lists and links in pages are read, and addresses brought to one form.

In: bytes. Out: entries and addresses, not yet cleaned. May import newsmon's records and text, and answers.
"""
