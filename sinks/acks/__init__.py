"""Acknowledgement: the server behind the links in messages, and the rows it writes.

May import database and message.
"""
