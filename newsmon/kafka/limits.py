"""Sizes on which broker, topics and clients must agree."""

from __future__ import annotations

# The largest record that a stage may write. Kafka's default is 1 MiB; a long article with its matches can be larger.
MAX_RECORD_BYTES = 8 * 1024 * 1024
