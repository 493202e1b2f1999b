"""The next poll follows the rhythm and the wishes of the server; it is never too early, and no feed is given up."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsmon.records import DueReason, FetchResult, Rhythm
from producers.answers.outcome import SUCCESSES
from producers.timing.rhythm import first_rhythm, learn
from producers.timing.schedule import JITTER, QUIET_TIMES_USUAL, Due, Limits, decide_due, first_poll_delay_s

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
LIMITS = Limits(usual_s=300, min_s=60, max_s=86_400)


def due(result: FetchResult = FetchResult.OK, **facts: object) -> Due:
    given_facts = {"now": NOW, "interval_s": 300.0, "failure_count": 0, "limits": LIMITS} | facts
    return decide_due(result, **given_facts)  # type: ignore[arg-type]


def wait_s(answer: Due) -> float:
    return (answer.at - NOW).total_seconds()


def watched(every: timedelta) -> Rhythm:
    """A feed that has published in these steps for two weeks, last some hours ago."""
    last = NOW - every / 2
    return first_rhythm(NOW, [last - every * number for number in range(int(timedelta(days=14) / every))])


def test_a_feed_nothing_is_known_of_has_the_usual_interval() -> None:
    assert (wait_s(due()), due().interval_s, due().reason) == (pytest.approx(300), 300, DueReason.RHYTHM)


def test_a_busy_feed_is_polled_more_often_and_a_quiet_one_more_seldom() -> None:
    busy, quiet = (due(rhythm=watched(timedelta(hours=hours))) for hours in (0.7, 11.2))
    assert wait_s(busy) < 300 < wait_s(quiet)


def test_a_feed_that_never_brings_anything_waits_so_many_times_the_usual_interval_and_no_longer() -> None:
    rhythm = first_rhythm(NOW - timedelta(days=60), [])
    assert wait_s(due(rhythm=learn(rhythm, NOW, []))) == 300 * QUIET_TIMES_USUAL


def test_a_feeds_own_interval_is_the_longest_it_waits() -> None:
    quiet = learn(first_rhythm(NOW - timedelta(days=60), []), NOW, [])
    assert wait_s(due(rhythm=quiet, limits=Limits(300, 60, 86_400, longest_s=400))) == 400
    assert wait_s(due(rhythm=watched(timedelta(minutes=1)), limits=Limits(300, 60, 86_400, longest_s=400))) == 60


@pytest.mark.parametrize("result", [one for one in FetchResult if one not in SUCCESSES])
def test_failures_back_off_to_the_longest_interval_and_never_beyond(result: FetchResult) -> None:
    waits = [wait_s(due(result, failure_count=count)) for count in range(1, 60)]
    assert waits == sorted(waits)
    assert waits[0] == 300
    assert waits[-1] == 86_400


def test_a_feed_that_fails_keeps_the_interval_it_had() -> None:
    assert due(FetchResult.TIMEOUT, failure_count=9).interval_s == 300


def test_what_the_network_did_is_tried_again_soon() -> None:
    answer = due(FetchResult.CONNECT_ERROR, failure_count=0, outage=True)
    assert (wait_s(answer), answer.reason) == (60, DueReason.OUTAGE)


def test_a_poll_lost_on_our_own_machine_is_repeated_within_a_minute_and_then_less_often() -> None:
    waits = [wait_s(due(FetchResult.PARSE_ERROR, interval_s=3600.0, failure_count=count, lost_here=True)) for count in range(1, 60)]
    assert waits[:3] == [60, 120, 240]
    assert waits == sorted(waits)
    assert 3600 < waits[-1] <= 86_400
    assert due(FetchResult.PARSE_ERROR, interval_s=3600.0, failure_count=1, lost_here=True).interval_s == 3600


def test_retry_after_is_a_floor_and_not_a_ceiling() -> None:
    assert (wait_s(due(FetchResult.UNAVAILABLE, failure_count=1, retry_after_s=7200))) == 7200
    assert (wait_s(due(FetchResult.UNAVAILABLE, failure_count=1, retry_after_s=5))) == 300


def test_the_servers_cache_time_is_obeyed_as_far_as_a_quiet_feed_waits() -> None:
    assert (wait_s(due(server_wish_s=900)), due(server_wish_s=900).reason) == (900, DueReason.SERVER_WISH)
    assert wait_s(due(server_wish_s=86_400)) == 300 * QUIET_TIMES_USUAL
    assert wait_s(due(server_wish_s=10)) == pytest.approx(300)


def test_what_a_feed_says_of_itself_holds_until_its_own_entries_contradict_it() -> None:
    assert due(feed_hint_s=1800).reason is DueReason.FEED_HINT
    assert due(feed_hint_s=1800, rhythm=watched(timedelta(hours=2))).reason is DueReason.FEED_HINT
    assert due(feed_hint_s=1800, rhythm=watched(timedelta(minutes=10))).reason is DueReason.RHYTHM


@settings(max_examples=100, deadline=None)
@given(
    result=st.sampled_from(list(FetchResult)),
    interval_s=st.floats(0, 1e6),
    failure_count=st.integers(1, 10_000),
    retry_after_s=st.none() | st.integers(0, 86_400),
    server_wish_s=st.none() | st.integers(0, 10**9),
    feed_hint_s=st.none() | st.integers(0, 10**9),
    pace=st.none() | st.floats(1e-6, 1e6),
    rhythm=st.none() | st.lists(st.datetimes(datetime(2026, 10, 1), datetime(2026, 11, 24), timezones=st.just(UTC)), max_size=30).map(
        lambda times: first_rhythm(NOW, times)
    ),
    outage=st.booleans(),
    jitter=st.floats(0, 1, exclude_max=True),
)  # fmt: skip
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
