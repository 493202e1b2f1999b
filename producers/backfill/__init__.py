"""An archive of articles, published to the same topic as live news without raising alerts.

In: a file of JSON lines. Out: articles and outcomes. May import articles and polling's Kafka writer.
"""
