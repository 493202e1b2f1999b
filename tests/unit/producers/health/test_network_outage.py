"""When most hosts fail at once, no feed is blamed and one notice is raised."""

from __future__ import annotations

from datetime import timedelta

from support.drafts import NOW

from newsmon.records import FetchResult, NoticeState
from producers.health.network_outage import LEAST_DOMAINS, NetworkOutage, Reach, reach_of


def observe(outage: NetworkOutage, *reaches: tuple[str, Reach], at_s: float = 0.0) -> list[bool]:
    return [outage.observe(domain, reach, now=NOW + timedelta(seconds=at_s + number)) for number, (domain, reach) in enumerate(reaches)]


def all_down(count: int, *, start: int = 0) -> list[tuple[str, Reach]]:
    return [(f"{number}.example", Reach.UNREACHED) for number in range(start, start + count)]


def test_most_hosts_at_once_are_an_outage_with_one_notice_and_an_end() -> None:
    outage = NetworkOutage("w")
    blamed = observe(outage, *all_down(30))
    assert blamed == [False] * (LEAST_DOMAINS - 1) + [True] * (30 - LEAST_DOMAINS + 1)
    assert outage.since == NOW
    assert observe(outage, ("a.example", Reach.REACHED), at_s=60) == [False]
    assert outage.since is not None  # one answer may be a machine next door
    observe(outage, ("b.example", Reach.REACHED), at_s=61)
    assert outage.since is None
    assert [(one.state, one.revision) for one in outage.notices] == [(NoticeState.RAISED, 1), (NoticeState.RESOLVED, 2)]
    assert len({one.notice_id for one in outage.notices}) == 1


def test_one_host_that_fails_is_its_own_affair_however_often() -> None:
    outage = NetworkOutage("w")
    assert not any(observe(outage, *[("a.example", Reach.UNREACHED)] * 50))


def test_hosts_that_fail_among_others_that_answer_are_not_an_outage() -> None:
    outage = NetworkOutage("w")
    mixed = [(f"{number}.example", Reach.UNREACHED if number % 2 else Reach.REACHED) for number in range(60)]
    assert not any(observe(outage, *mixed))


def test_failures_long_apart_are_not_an_outage() -> None:
    outage = NetworkOutage("w")
    for number in range(20):
        assert observe(outage, (f"{number}.example", Reach.UNREACHED), at_s=number * 200) == [False]


def test_it_is_said_again_while_it_lasts() -> None:
    outage = NetworkOutage("w")
    observe(outage, *all_down(10))
    observe(outage, *all_down(2), at_s=25 * 3600)
    assert [one.state for one in outage.notices] == [NoticeState.RAISED, NoticeState.REPEATED]


def test_what_a_poll_says_about_the_network() -> None:
    assert reach_of(FetchResult.CONNECT_ERROR, None, failure_count_before=0) is Reach.UNREACHED
    assert reach_of(FetchResult.TIMEOUT, None, failure_count_before=0) is Reach.UNREACHED
    assert reach_of(FetchResult.CONNECT_ERROR, None, failure_count_before=3) is Reach.NOTHING  # dead before: says nothing
    assert reach_of(FetchResult.REFUSED_ADDRESS, None, failure_count_before=0) is Reach.NOTHING
    assert reach_of(FetchResult.HTTP_ERROR, 500, failure_count_before=0) is Reach.REACHED
    assert reach_of(FetchResult.NOT_MODIFIED, 304, failure_count_before=5) is Reach.REACHED
