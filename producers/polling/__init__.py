"""The producer process: feeds that are due are fetched, parsed, compared and published, until it is stopped.

In: settings and the feeds file. Out: articles, outcomes, states and notices on Kafka. May import every room of this stage except
lists and backfill.
"""
