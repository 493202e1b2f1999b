"""The ledger knows the end of every topic it compares."""

from __future__ import annotations

from newsmon.topics import DELIVERIES
from sinks.ledger.log_ends import DOWNSTREAM_FIRST
from sinks.store.service import STORED


def test_the_ends_of_all_stored_topics_are_asked_for() -> None:
    assert set(DOWNSTREAM_FIRST) == {*STORED, DELIVERIES}
