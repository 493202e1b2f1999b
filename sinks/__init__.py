"""The last stage: Kafka topics become database rows, and alerts become signed webhooks and chat messages."""
