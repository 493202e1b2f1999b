"""The queries of the commands: alerts, feedback, past articles, quarantine; and replaying the quarantine.

In: the database. Out: typed rows. May import: database, ledger's counting.
"""
