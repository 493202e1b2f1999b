"""One batch of records answered on Kafka: decide, publish until acknowledged, quarantine what cannot be read.

May import the pure rooms; knows neither Faust nor a consumer loop.
"""
