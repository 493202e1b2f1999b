"""Bytes of a feed, a sitemap, an OPML list or a page's links become entries and addresses, as they stood. Pure.

May import newsmon's records and text.
"""
