"""The producer process: fetches, parses, compares and publishes the feeds that are due, until it is stopped.

In: settings and the feeds file. Out: articles, outcomes, states and notices on Kafka. May import every room of this stage except
lists and backfill.
"""
