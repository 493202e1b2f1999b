"""The durable outbox: filled in the transaction of the offsets, claimed, settled, held, closed, replayed.

May import database, policy and message.
"""
