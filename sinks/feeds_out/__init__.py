"""Alerts as RSS, Atom and JSON Feed over HTTP.

May import database and message.
"""
