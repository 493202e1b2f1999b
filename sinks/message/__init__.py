"""The content of every message: webhook bodies in every format, chat text, feed documents, acknowledgement links and pages, signatures.

In: records, settings. Out: bytes and text. May import: newsmon's records, settings and text. Does no I/O.
"""
