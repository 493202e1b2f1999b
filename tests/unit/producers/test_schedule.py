"""When a feed is polled next: never too often, never given up, and soon again after a quiet night."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsmon.records import FetchResult
from producers.outcome import SUCCESSES
from producers.schedule import JITTER, Due, DueReason, Limits, decide_due, first_poll_delay_s

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
LIMITS = Limits(usual_s=300, min_s=60, max_s=86_400)


def due(result: FetchResult = FetchResult.OK, **facts: object) -> Due:
    given_facts = {"now": NOW, "interval_s": 300.0, "known_share": 0.5, "failure_count": 0, "limits": LIMITS} | facts
    return decide_due(result, **given_facts)  # type: ignore[arg-type]


def wait_s(answer: Due) -> float:
    return (answer.at - NOW).total_seconds()


def test_a_poll_that_brought_some_news_keeps_the_rhythm() -> None:
    assert (wait_s(due()), due().reason) == (300, DueReason.RHYTHM)


def test_mostly_new_shortens_and_nothing_new_lengthens() -> None:
    assert due(known_share=0.1).interval_s < 300 < due(known_share=1.0).interval_s
    assert due(FetchResult.NOT_MODIFIED, known_share=None).interval_s > 300


def test_a_silent_night_stretches_the_interval_only_so_far_and_the_first_news_brings_it_back() -> None:
    interval = 300.0
    for _poll in range(200):
        interval = due(FetchResult.NOT_MODIFIED, known_share=None, interval_s=interval).interval_s
    assert 300 < interval <= 1800
    assert due(known_share=0.9, interval_s=interval).interval_s == 300


def test_a_busy_feed_is_never_asked_more_often_than_the_least_interval() -> None:
    interval = 300.0
    for _poll in range(50):
        interval = due(known_share=0.0, interval_s=interval).interval_s
    assert interval == 60


@pytest.mark.parametrize("result", [one for one in FetchResult if one not in SUCCESSES])
def test_failures_back_off_to_the_longest_interval_and_never_beyond(result: FetchResult) -> None:
    waits = [wait_s(due(result, known_share=None, failure_count=count)) for count in range(1, 60)]
    assert waits == sorted(waits)
    assert waits[0] == 300
    assert waits[-1] == 86_400


def test_a_feed_that_recovers_is_polled_at_its_old_interval() -> None:
    failing = due(FetchResult.TIMEOUT, known_share=None, failure_count=9)
    assert failing.interval_s == 300


def test_retry_after_is_a_floor_and_not_a_ceiling() -> None:
    assert (wait_s(due(FetchResult.UNAVAILABLE, known_share=None, failure_count=1, retry_after_s=7200))) == 7200
    assert (wait_s(due(FetchResult.UNAVAILABLE, known_share=None, failure_count=1, retry_after_s=5))) == 300


def test_the_servers_cache_time_is_obeyed_up_to_an_hour() -> None:
    assert (wait_s(due(server_wish_s=900)), due(server_wish_s=900).reason) == (900, DueReason.SERVER_WISH)
    assert wait_s(due(server_wish_s=86_400)) == 3600
    assert wait_s(due(server_wish_s=10)) == 300


@settings(max_examples=100, deadline=None)
@given(
    result=st.sampled_from(list(FetchResult)),
    interval_s=st.floats(0, 1e6),
    known_share=st.none() | st.floats(0, 1),
    failure_count=st.integers(1, 10_000),
    retry_after_s=st.none() | st.integers(0, 86_400),
    server_wish_s=st.none() | st.integers(0, 10**9),
    jitter=st.floats(0, 1, exclude_max=True),
)
def test_whatever_happened_the_next_poll_lies_within_the_bounds(**facts: object) -> None:
    answer = due(**facts)  # type: ignore[arg-type]
    longest_s = max(LIMITS.max_s, float(facts["retry_after_s"] or 0)) * (1 + JITTER)  # type: ignore[arg-type]
    assert LIMITS.min_s <= wait_s(answer) <= longest_s + 1
    assert LIMITS.min_s <= answer.interval_s <= LIMITS.max_s


def test_first_polls_are_spread_evenly_within_the_given_time() -> None:
    delays = [first_poll_delay_s(position, 60, spread_s=20) for position in range(60)]
    assert delays[0] == 0
    assert delays == sorted(delays)
    assert max(delays) < 20
    assert NOW + timedelta(seconds=max(delays)) < NOW + timedelta(seconds=30)
