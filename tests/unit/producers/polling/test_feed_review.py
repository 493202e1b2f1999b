"""Metrics of feeds that another replica polls now: old values of this replica must not win against the new ones."""

from __future__ import annotations

from types import SimpleNamespace

from support.drafts import state

from newsmon import metrics
from newsmon.settings import Settings
from producers.health.network_outage import NetworkOutage
from producers.polling.feed_review import FeedReview
from producers.polling.replica import Replica
from producers.polling.slots import FeedSlots


def value(name: str) -> float | None:
    return metrics.REGISTRY.get_sample_value(name, {"feed": "given-up"})


def test_a_replica_takes_back_what_it_said_of_a_feed_that_left_it() -> None:
    metrics.announce_feeds(["given-up"])
    states = SimpleNamespace(state_of=lambda _feed_id: state())
    replica = Replica(Settings(), {}, states, FeedSlots(), None, "test")  # type: ignore[arg-type]
    review = FeedReview(replica, NetworkOutage("test"))
    review.show_owned(("given-up",))
    metrics.FEED_WELL.labels("given-up").set(0)
    metrics.FEED_POLL_INTERVAL.labels("given-up").set(86_400)
    review.show_owned(("given-up",))
    assert (value("newsmon_feed_well"), value("newsmon_feed_poll_interval_seconds")) == (0, 86_400)
    review.show_owned(())
    assert (value("newsmon_feed_well"), value("newsmon_feed_poll_interval_seconds")) == (None, None)
    assert review._held_since == {}
