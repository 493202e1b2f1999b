"""The ledger: every input ends in a counted outcome, proven from the database and the log.

May import database, consumer and store.
"""
