"""The consumer loop of every sink: a batch from Kafka and its offsets, stored in one transaction.

In: topics, a handler. Out: what the handler writes; unreadable records on the quarantine topic. May import: database.
"""
