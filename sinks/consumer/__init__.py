"""The consumer loop of every sink: a batch, one transaction with its offsets, repeat.

In: topics. Out: batches to a handler. May import database.
"""
