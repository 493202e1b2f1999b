"""Reads the publication time an entry states, in any language and form that feeds write.

In: date texts. Out: an aware UTC time with its quality, or none. May import newsmon's records.
"""
