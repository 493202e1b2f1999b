"""Notices are raised once, repeated while a problem lasts, and resolved once; a crash changes nothing."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest
from support.drafts import FEED, NOW, draft, stamp, state

from newsmon.records import FeedState, FetchResult, NoticeKind, NoticeState
from producers.answers.outcome import Fetched
from producers.answers.redirects import PROPOSED_AFTER_COUNT, address_to_poll, is_move_proposed
from producers.answers.validators import body_hash
from producers.articles.parse_job import ParsedBody
from producers.health.feed_health import FeedHealth, health_of
from producers.health.feed_notices import health_notices
from producers.reports.poll_report import FeedReport, PollPolicy, poll_report
from producers.timing.schedule import Limits

DAY = timedelta(days=1)
BODY = b"<rss>1</rss>"
NEW_URL = "https://new.example/feed"


def polled(before: FeedState | None, fetched: Fetched, *drafts: int, after: timedelta = timedelta(0), follow: bool = False) -> FeedReport:
    """The poll `after` NOW, of a feed that then shows these entries."""
    policy = PollPolicy(Limits(300, 60, 86_400), follow_moves=follow)
    parsed = ParsedBody(FetchResult.OK, tuple(draft(number) for number in drafts)) if drafts else None
    poll = stamp(before.poll_seq + 1 if before else 1)
    return poll_report(FEED, before, poll, fetched, parsed, finished_at=NOW + after, policy=policy, jitter=0.0)


def failed(before: FeedState, after: timedelta = timedelta(0), **more: object) -> FeedReport:
    return polled(before, Fetched(FetchResult.HTTP_ERROR, 500, **more), after=after)  # type: ignore[arg-type]


OK = Fetched(FetchResult.OK, 200, BODY)
UNCHANGED = Fetched(FetchResult.NOT_MODIFIED, 304)


def words(found: FeedReport) -> list[tuple[NoticeKind, NoticeState, int]]:
    return [(one.kind, one.state, one.revision) for one in found.notices]


def test_a_feed_that_fails_is_told_at_the_third_time_repeated_daily_and_resolved() -> None:
    now, before = timedelta(0), state(draft(1))
    seen = []
    for hours in (1, 2, 3, 4, 26, 28, 30):
        now = timedelta(hours=hours)
        found = failed(before, now)
        seen += [(hours, *word) for word in words(found)]
        before = found.state
    failing = NoticeKind.FEED_FAILING
    assert seen == [(3, failing, NoticeState.RAISED, 1), (28, failing, NoticeState.REPEATED, 2)]
    found = polled(before, UNCHANGED, after=timedelta(hours=31))
    assert words(found) == [(failing, NoticeState.RESOLVED, 3)]
    assert (found.state.trouble, health_of(found.state, now=NOW + timedelta(hours=31, minutes=1)).word) == (None, FeedHealth.RECOVERED)
    assert health_of(found.state, now=found.state.recovered_at + DAY + timedelta(seconds=1)).word is not FeedHealth.RECOVERED  # type: ignore[operator]


def test_a_notice_keeps_its_id_from_beginning_to_end_and_over_a_crash() -> None:
    before = failed(failed(state(draft(1))).state).state
    first, repeated_poll = failed(before, timedelta(hours=1)), failed(before, timedelta(hours=2))
    assert first.notices[0].notice_id == repeated_poll.notices[0].notice_id
    ended = polled(first.state, UNCHANGED, after=timedelta(hours=3))
    assert ended.notices[0].notice_id == first.notices[0].notice_id
    again = failed(failed(failed(ended.state, 4 * DAY).state, 4 * DAY).state, 4 * DAY)
    assert again.notices[0].notice_id != first.notices[0].notice_id


def test_a_feed_that_is_gone_is_told_at_once() -> None:
    assert words(polled(state(draft(1)), Fetched(FetchResult.GONE, 410))) == [(NoticeKind.FEED_FAILING, NoticeState.RAISED, 1)]


def test_one_trouble_gives_way_to_the_other() -> None:
    quiet = state(draft(1), last_new_article_at=NOW - 10 * DAY)
    silent = polled(quiet, UNCHANGED)
    assert words(silent) == [(NoticeKind.FEED_SILENT, NoticeState.RAISED, 1)]
    gone = polled(silent.state, Fetched(FetchResult.GONE, 410))
    assert words(gone) == [(NoticeKind.FEED_SILENT, NoticeState.RESOLVED, 2), (NoticeKind.FEED_FAILING, NoticeState.RAISED, 1)]
    assert gone.state.recovered_at is None


def test_late_is_told_by_who_looks_and_ended_by_the_next_poll() -> None:
    overdue = state(draft(1), next_due_at=NOW - DAY)
    notices, remembered = health_notices(overdue, health_of(overdue, now=NOW), now=NOW, again_after=DAY)
    assert [(one.kind, one.state) for one in notices] == [(NoticeKind.FEED_LATE, NoticeState.RAISED)]
    assert health_notices(remembered, health_of(remembered, now=NOW), now=NOW, again_after=DAY) == ((), remembered)
    assert words(polled(remembered, UNCHANGED)) == [(NoticeKind.FEED_LATE, NoticeState.RESOLVED, 2)]


def test_what_the_network_did_counts_on_no_feed() -> None:
    before = state(draft(1), failure_count=2)
    found = poll_report(
        FEED, before, stamp(2), Fetched(FetchResult.CONNECT_ERROR), None,
        finished_at=NOW, policy=PollPolicy(Limits(300, 60, 86_400)), jitter=0.0, outage=True,
    )  # fmt: skip
    assert (found.state.failure_count, found.notices) == (2, ())
    assert found.state.result_counts == {FetchResult.CONNECT_ERROR: 1}


def test_a_gap_is_counted_each_time_and_told_once_a_day() -> None:
    before = state(draft(1), draft(2))
    first = polled(before, OK, 3, 4)
    assert (words(first), first.outcome.gap_suspected, first.state.gap_count) == ([(NoticeKind.FEED_GAP, NoticeState.RAISED, 1)], True, 1)
    assert first.notices[0].details["lost_about"] == "1"
    second = polled(first.state, Fetched(FetchResult.OK, 200, b"2"), 5, 6, after=timedelta(hours=1))
    assert (words(second), second.state.gap_count) == ([], 2)
    third = polled(second.state, Fetched(FetchResult.OK, 200, b"3"), 7, 8, after=timedelta(hours=25))
    assert (words(third), third.state.gap_count) == ([(NoticeKind.FEED_GAP, NoticeState.RAISED, 1)], 3)


def redirected(to: str = NEW_URL, result: FetchResult = FetchResult.OK, body: bytes = BODY) -> Fetched:
    return Fetched(result, 200, body, moved_permanently_to=to)


def moved(times: int, over: timedelta, before: FeedState | None = None) -> FeedState:
    current = before or state(draft(1), body_sha256=body_hash(BODY))
    for number in range(times):
        current = polled(current, redirected(), after=over * number / max(times - 1, 1)).state
    return current


@pytest.mark.parametrize(
    ("times", "over", "proposed"),
    [
        (PROPOSED_AFTER_COUNT, 2 * DAY, True),
        (PROPOSED_AFTER_COUNT - 1, 2 * DAY, False),
        (200, DAY, False),
        (1, 30 * DAY, False),
    ],
)
def test_a_move_is_proposed_after_ten_times_over_two_days_and_never_sooner(times: int, over: timedelta, proposed: bool) -> None:
    assert is_move_proposed(moved(times, over), now=NOW + over) is proposed


def test_a_move_is_told_once_and_only_proposed() -> None:
    found = polled(moved(PROPOSED_AFTER_COUNT - 1, 2 * DAY), redirected(), after=2 * DAY)
    assert words(found) == [(NoticeKind.FEED_MOVED, NoticeState.RAISED, 1)]
    assert found.notices[0].details == {"from": FEED.url, "to": NEW_URL}
    assert words(polled(found.state, redirected(), after=3 * DAY)) == []
    assert address_to_poll(FEED, found.state, follow=True) == FEED.url


def test_one_straight_answer_or_another_target_begins_the_count_anew_and_a_failure_does_not() -> None:
    nearly = moved(PROPOSED_AFTER_COUNT, DAY)
    assert polled(nearly, OK, after=2 * DAY).state.moved_to is None
    assert polled(nearly, redirected("https://portal.example/"), after=2 * DAY).state.moved_count == 1
    assert failed(nearly, 2 * DAY, moved_permanently_to="https://portal.example/").state.moved_count == PROPOSED_AFTER_COUNT


def test_a_target_that_was_never_seen_to_be_this_feed_is_not_proposed() -> None:
    current = state(draft(1))
    for number in range(30):
        strange = redirected(body=b"<rss>%d</rss>" % number)
        current = polled(current, strange, 100 + number, after=timedelta(hours=3 * number)).state
    assert not is_move_proposed(current, now=NOW + timedelta(hours=90))


def test_opted_in_the_new_address_is_asked_and_the_old_one_again_when_it_fails() -> None:
    found = polled(moved(PROPOSED_AFTER_COUNT - 1, 2 * DAY), redirected(), after=2 * DAY, follow=True)
    assert address_to_poll(FEED, found.state, follow=True) == NEW_URL
    assert address_to_poll(FEED, found.state, follow=False) == FEED.url
    assert (
        address_to_poll(msgspec.structs.replace(FEED, url="https://other.example/"), found.state, follow=True) == "https://other.example/"
    )
    current = found.state
    for _time in range(3):
        assert address_to_poll(FEED, current, follow=True) == NEW_URL
        current = failed(current, 3 * DAY).state
    assert address_to_poll(FEED, current, follow=True) == FEED.url
