"""Alerts served as RSS, Atom and JSON Feed over HTTP.

In: requests, the alerts table. Out: feed documents. May import: database, message.
"""
