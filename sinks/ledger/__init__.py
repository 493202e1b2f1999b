"""The ledger: proves from the database and the log that every input ended in a counted outcome.

In: the database, the topics. Out: balanced lines, or what is missing by name. May import: database, consumer, store.
"""
