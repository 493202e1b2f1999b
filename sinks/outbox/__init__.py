"""The durable outbox: deliveries are enqueued in the transaction of the offsets, then held, released, claimed, settled or replayed.

In: alerts, attempts, the clock. Out: rows of the outbox and its attempts; records on news.deliveries. May import: consumer,
database, policy, message.
"""
