"""Polite HTTP: one conditional GET, sitemaps, robots.txt, and how often one site may be asked.

In: a feed or address. Out: bytes and an outcome. May import answers and formats.
"""
