"""Kafka topics -> database rows and signed webhooks."""
