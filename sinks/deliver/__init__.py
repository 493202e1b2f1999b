"""`newsmon deliver`: alerts into the outbox, and from there to the receivers, each with its own queue.

May import every room of this stage but ledger and queries.
"""
