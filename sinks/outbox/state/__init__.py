"""What is stored about deliveries: the rows as they are spelt, and what they answer about openings, silences, receivers and the past.

In: a connection. Out: rows and facts. May import: database, policy, message; nothing of the outbox above it.
"""
