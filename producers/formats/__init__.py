"""Reads feeds, news sitemaps, OPML lists and links in pages, and brings addresses into one form.

In: bytes. Out: entries and addresses, not yet cleaned. May import newsmon's records and text, and answers.
"""
