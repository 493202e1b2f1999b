"""Acknowledgement: the server behind the links in messages, and the rows it writes.

In: requests with a token. Out: small HTML pages, acknowledgement rows. May import: database, message.
"""
