"""Brings addresses into one canonical form for identity, and into a form that opens for readers.

In: addresses as written. Out: addresses. Imports nothing of newsmon.
"""
