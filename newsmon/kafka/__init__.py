"""Kafka for every stage: newsmon's own broker, client settings, connections, topics, and lag.

In: `[kafka]` settings. Out: connected clients, topics, offsets; DependencyError if the cluster is unreachable. May import the ground
floor; no stage.
"""
