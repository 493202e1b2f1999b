"""Kafka for every stage: the local broker newsmon brings itself, client settings, and topic administration."""
