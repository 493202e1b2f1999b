"""Settles a body's encoding when its declaration is wrong or missing.

In: bytes and their declarations. Out: bytes and a declaration that agree. May import newsmon's records and text.
"""
