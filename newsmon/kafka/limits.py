"""Sizes that broker, topics and clients must agree on."""

from __future__ import annotations

# The largest record any stage may write. Kafka's own default is 1 MiB; a long article together with its matches can be more.
MAX_RECORD_BYTES = 8 * 1024 * 1024
