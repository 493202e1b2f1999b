"""From feeds to articles on Kafka: fetch, parse, clean, compare, publish."""
