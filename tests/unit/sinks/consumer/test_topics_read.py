"""The lists of topics that must agree, so that a topic added to one is not forgotten in the others."""

from __future__ import annotations

from newsmon.app.supervisor.lag import READ_BY
from newsmon.topics import ALL_TOPICS, FEED_KNOWN, STORY_STATE, THEMES, WORD_COUNTS
from sinks.ledger.log_ends import DOWNSTREAM_FIRST
from sinks.store.service import STORED


def test_verify_knows_the_ends_of_everything_the_store_reads() -> None:
    assert set(STORED) <= set(DOWNSTREAM_FIRST)


def test_the_lag_of_the_store_is_measured_in_everything_it_reads() -> None:
    assert set(READ_BY["store"]) == set(STORED)


def test_what_the_store_does_not_read_another_stage_sets_aside_when_it_is_no_record() -> None:
    assert set(ALL_TOPICS) - set(STORED) == {FEED_KNOWN, STORY_STATE, THEMES, WORD_COUNTS}  # the producer's and the processor's own
