"""Reads whole documents, however damaged: tells what a body is, repairs it, splits it, and has feedparser read its entries.

In: bytes in UTF-8. Out: feedparser's raw entries or JSON items, each in its place, or the reason why one is lost. May import newsmon's
records.
"""
