"""Polite HTTP: a conditional GET, sitemaps behind an index, robots.txt, and limits per site.

In: an address and what the feed's state knows. Out: an answer in every case. May import answers and formats.
"""
