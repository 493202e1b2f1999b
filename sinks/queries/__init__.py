"""What people ask of the database: alerts, feedback, past articles, quarantine.

May import database and ledger's counting.
"""
