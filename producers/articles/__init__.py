"""Entries become drafts of articles, and drafts become new, revised, known or rejected. Pure.

In: entries or page bytes. Out: drafts, and the memory of what a feed has shown. May import formats.
"""
