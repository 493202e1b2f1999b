"""Handles one batch of records from Kafka: decides, publishes until acknowledged, quarantines what cannot be read.

In: raw records from a runner, the rules as `Decisions`. Out: acknowledged records on Kafka, metrics.
May import newsmon's ground floor; knows neither Faust, a consumer loop nor the rooms that hold the rules.
"""
