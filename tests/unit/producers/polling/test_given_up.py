"""Metrics of feeds that another replica polls now: the old word of this one must not win against the new one's."""

from __future__ import annotations

from types import SimpleNamespace

from support.drafts import state

from newsmon import metrics
from producers.polling.service import Producer


def value(name: str) -> float | None:
    return metrics.REGISTRY.get_sample_value(name, {"feed": "given-up"})


def test_a_replica_takes_back_what_it_said_of_a_feed_that_left_it() -> None:
    metrics.announce_feeds(["given-up"])
    producer = object.__new__(Producer)  # but for Kafka, which this does not touch
    producer._told_states = {}
    producer._states = SimpleNamespace(state_of=lambda _feed_id: state())  # type: ignore[assignment]
    producer._show_states(("given-up",))
    metrics.FEED_WELL.labels("given-up").set(0)
    metrics.FEED_POLL_INTERVAL.labels("given-up").set(86_400)
    producer._show_states(("given-up",))
    assert (value("newsmon_feed_well"), value("newsmon_feed_poll_interval_seconds")) == (0, 86_400)
    producer._show_states(())
    assert (value("newsmon_feed_well"), value("newsmon_feed_poll_interval_seconds")) == (1, 0)
    assert producer._told_states == {}
