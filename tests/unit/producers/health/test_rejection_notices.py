"""Entries that are rejected poll after poll are told once, with the reason and an example, and so is their end."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from datetime import timedelta

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.drafts import FEED, NOW, draft, stamp, state

from newsmon.records import EntryRejection, FeedState, FetchResult, Notice, NoticeKind, NoticeState
from producers.answers.outcome import Fetched
from producers.articles.draft import Draft
from producers.articles.parse_job import ParsedBody, ParseJob, drafts_of_body
from producers.articles.rejection_examples import MAX_EXAMPLE_CHARS, shown
from producers.documents.salvage import MAX_LENIENT_BYTES
from producers.health.feed_remarks import remarks_of
from producers.health.rejection_notices import TOLD_AFTER_COUNT, rejection_notices, rejections_after
from producers.reports.poll_report import FeedReport, PollPolicy, poll_report
from producers.timing.schedule import Limits

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
RAISED, REPEATED, RESOLVED = NoticeState.RAISED, NoticeState.REPEATED, NoticeState.RESOLVED
EMPTY = EntryRejection.NO_TEXT
SHOWN: list[Draft | EntryRejection] = [draft(1), draft(2)]


class Poll:
    """Polls of one feed, an hour apart."""

    def __init__(self) -> None:
        self.state: FeedState = state(draft(1), draft(2))
        self.now = NOW

    def shows(
        self,
        *more: Draft | EntryRejection,
        result: FetchResult = FetchResult.OK,
        example: str = "An empty one",
        is_cut: bool = False,
        after: timedelta = HOUR,
    ) -> FeedReport:
        self.now += after
        fetched = Fetched(result, 200, b"%d" % self.state.poll_seq)
        examples = {one: example for one in more if isinstance(one, EntryRejection)}
        parsed = ParsedBody(FetchResult.OK, (*SHOWN, *more), examples=examples, is_cut=is_cut) if result is FetchResult.OK else None
        found = poll_report(
            FEED, self.state, stamp(self.state.poll_seq + 1), fetched, parsed,
            finished_at=self.now, policy=PollPolicy(Limits(300, 60, 86_400)), jitter=0.0,
        )  # fmt: skip
        self.state = found.state
        return found


def told(found: FeedReport | Iterable[FeedReport]) -> list[tuple[NoticeState, int]]:
    reports = [found] if isinstance(found, FeedReport) else list(found)
    return [(one.state, one.revision) for report in reports for one in report.notices if one.kind is NoticeKind.FEED_REJECTS]


def test_the_third_poll_in_a_row_raises_it_a_day_repeats_it_and_the_third_without_resolves_it() -> None:
    poll = Poll()
    assert [told(poll.shows(EMPTY)) for _time in range(5)] == [[], [], [(RAISED, 1)], [], []]
    assert [told(poll.shows(EMPTY, after=12 * HOUR)) for _time in range(4)] == [[], [(REPEATED, 2)], [], [(REPEATED, 3)]]
    assert [told(poll.shows()) for _time in range(4)] == [[], [], [(RESOLVED, 4)], []]
    assert poll.state.rejecting == ()


def test_the_notice_has_one_id_the_reason_an_example_and_what_to_do() -> None:
    poll = Poll()
    reports = [poll.shows(EMPTY, EMPTY, example="Weather <b>map</b>") for _time in range(3)] + [poll.shows() for _time in range(3)]
    first, last = (one for report in reports for one in report.notices)
    assert first.notice_id == last.notice_id
    assert first.details == {"reason": "no_text", "entry_count": "2", "poll_count": "3", "example": "Weather <b>map</b>"}
    assert first.text.startswith(
        "Feed a shows, in every poll, 2 entries that newsmon rejects as no_text, for example “Weather <b>map</b>”: "
    )
    assert (first.subject, first.opened_at, first.at) == ("feed:a", NOW + HOUR, NOW + 3 * HOUR)
    assert "no longer shows entries" in last.text


def test_one_or_two_polls_are_told_to_nobody() -> None:
    poll = Poll()
    assert told([poll.shows(*rejected) for rejected in ([EMPTY], [EMPTY], [], [EMPTY], [], [EMPTY], [EMPTY], [])]) == []


def test_a_feed_that_rejects_by_fits_and_starts_has_one_notice() -> None:
    poll = Poll()
    reports = [poll.shows(*([EMPTY] if number % 3 != 2 or number < 3 else [])) for number in range(3, 3 + 18)]
    reports = [poll.shows(EMPTY), poll.shows(EMPTY), poll.shows(EMPTY), *reports]
    assert [word for word, _revision in told(reports)].count(RAISED) == 1
    assert RESOLVED not in [word for word, _revision in told(reports)]


@pytest.mark.parametrize("unchanged", [FetchResult.NOT_MODIFIED, FetchResult.SAME_BODY])
def test_a_poll_that_finds_the_feed_unchanged_shows_the_same_entries(unchanged: FetchResult) -> None:
    poll = Poll()
    reports = [poll.shows(EMPTY), *(poll.shows(result=unchanged) for _time in range(3))]
    assert told(reports) == [(RAISED, 1)]
    poll.shows()
    assert told([poll.shows(result=unchanged) for _time in range(3)]) == [(RESOLVED, 2)]


def test_a_poll_that_fails_says_nothing_about_entries() -> None:
    poll = Poll()
    reports = [poll.shows(EMPTY), poll.shows(EMPTY), poll.shows(result=FetchResult.TIMEOUT), poll.shows(EMPTY)]
    assert [told(one) for one in reports] == [[], [], [], [(RAISED, 1)]]
    assert told([poll.shows(result=FetchResult.TIMEOUT) for _time in range(5)]) == []


def test_each_reason_has_its_own_notice_and_its_own_end() -> None:
    poll, limit = Poll(), EntryRejection.OVER_ENTRY_LIMIT
    both = [poll.shows(EMPTY, limit) for _time in range(3)][-1]
    assert {one.details["reason"] for one in both.notices} == {"no_text", "over_entry_limit"}
    assert len({one.notice_id for one in both.notices}) == 2
    later = [poll.shows(limit) for _time in range(3)]
    assert [one.details["reason"] for report in later for one in report.notices] == ["no_text"]


def test_a_feed_that_is_cut_off_in_every_poll_is_told_of_also_where_it_is_cut_between_two_entries() -> None:
    poll = Poll()
    assert [told(poll.shows(is_cut=True)) for _time in range(4)] == [[], [], [(RAISED, 1)], []]
    assert [told(poll.shows(EntryRejection.CUT_OFF, is_cut=True)) for _time in range(2)] == [[], []]
    assert told([poll.shows() for _time in range(3)]) == [(RESOLVED, 2)]


@pytest.mark.parametrize("reason", EntryRejection)
def test_every_reason_has_a_text_of_its_own(reason: EntryRejection) -> None:
    rejecting = rejections_after(state(), {reason: 9}, {}, entry_count=10, now=NOW)
    following = msgspec.structs.replace(state(), rejecting=tuple(msgspec.structs.replace(one, poll_count=3) for one in rejecting))
    (notice,), _state = rejection_notices(following, now=NOW, again_after=DAY)
    assert reason.value in notice.text or reason is EntryRejection.CUT_OFF
    assert reason in (EntryRejection.BAD_LINE, EntryRejection.PAGE_FAILED) or "newsmon cannot use them" not in notice.text


@pytest.mark.parametrize(
    ("repeat_count", "other_count", "is_told"), [(2, 1, False), (3, 2, True), (3, 4, False), (20, 20, False), (35, 9, True)]
)
def test_repeats_within_a_poll_are_told_only_when_they_are_most_of_the_feed(repeat_count: int, other_count: int, is_told: bool) -> None:
    before, notices = state(), ()
    for _time in range(TOLD_AFTER_COUNT):
        shown_in_poll = {EntryRejection.DUPLICATE_ENTRY: repeat_count}
        rejecting = rejections_after(before, shown_in_poll, {}, entry_count=repeat_count + other_count, now=NOW)
        notices, before = rejection_notices(msgspec.structs.replace(before, rejecting=rejecting), now=NOW, again_after=DAY)
    assert bool(notices) is is_told


def test_repeats_and_revisions_beyond_the_limit_are_named_by_their_title() -> None:
    same = draft(7, title="Quay reopens")
    found = poll_report(
        FEED, state(draft(1), revision=24), stamp(2), Fetched(FetchResult.OK, 200, b"x"),
        ParsedBody(FetchResult.OK, (draft(1, text="Read 1,205 times."), same, same, same, same)),
        finished_at=NOW, policy=PollPolicy(Limits(300, 60, 86_400)), jitter=0.0,
    )  # fmt: skip
    assert {one.reason.value: (one.entry_count, one.example) for one in found.state.rejecting} == {
        "duplicate_entry": (3, "Quay reopens"), "too_many_revisions": (1, "Report number 1 of the day"),
    }  # fmt: skip


def test_an_entry_without_text_is_named_by_its_guid_without_what_may_be_a_secret() -> None:
    body = b"<rss version='2.0'><channel><item><guid>https://quay.example/7?token=s3cret</guid></item><item><title>A</title><guid>1</guid></item></channel></rss>"
    found = drafts_of_body(ParseJob(FEED, body, "", "", 100, NOW))
    assert found.examples == {EntryRejection.NO_TEXT: "https://quay.example/7"}


@settings(max_examples=50, deadline=None)
@given(st.text(max_size=4 * MAX_EXAMPLE_CHARS + 10))
def test_an_example_is_one_short_line_that_steers_no_terminal(text: str) -> None:
    example = shown(text)
    assert len(example) <= MAX_EXAMPLE_CHARS
    assert not any(unicodedata.category(character).startswith("C") for character in example)
    assert example == example.strip()


def test_the_list_of_feeds_remarks_on_it_while_it_lasts() -> None:
    poll = Poll()
    remarks = [remarks_of(poll.shows(EMPTY, EMPTY).state, now=NOW) for _time in range(3)]
    assert remarks == [(), (), ("rejects 2 entries in every poll (no_text)",)]
    assert remarks_of(poll.shows().state, now=NOW) == ()
    cut = [remarks_of(poll.shows(is_cut=True).state, now=NOW) for _time in range(3)]
    assert cut == [(), (), ("is cut off in every poll",)]
    assert remarks_of(None, now=NOW) == ()


def test_polls_of_another_address_are_not_counted_in() -> None:
    poll = Poll()
    assert told([poll.shows(EMPTY), poll.shows(EMPTY)]) == []
    poll.state = msgspec.structs.replace(poll.state, url="https://old.example/feed")
    assert told([poll.shows(EMPTY), poll.shows(EMPTY)]) == []
    assert told(poll.shows(EMPTY)) == [(RAISED, 1)]
    poll.state = msgspec.structs.replace(poll.state, url="https://old.example/feed")
    assert told([poll.shows() for _time in range(3)]) == [(RESOLVED, 2)]


def test_a_poll_repeated_after_a_crash_gives_the_same_notice() -> None:
    poll = Poll()
    poll.shows(EMPTY)
    poll.shows(EMPTY)
    before = poll.state
    first = notice_of(poll.shows(EMPTY))
    poll.state = before
    assert notice_of(poll.shows(EMPTY, after=2 * HOUR)).notice_id == first.notice_id


def notice_of(found: FeedReport) -> Notice:
    (notice,) = found.notices
    return notice


def test_an_entry_that_cannot_be_read_is_named_by_its_place() -> None:
    good = "<item><title>Report {0}</title><link>https://quay.example/{0}</link></item>"
    damaged = "<item><title>&#99999999;" + "<b>" * MAX_LENIENT_BYTES + "</title></item>"
    body = f"<rss version='2.0'><channel>{good.format(1)}{damaged}{good.format(2)}<item><title><b> </b></title></item></channel></rss>"
    found = drafts_of_body(ParseJob(FEED, body.encode(), "", "", 100, NOW))
    assert found.examples == {EntryRejection.DAMAGED_ENTRY: "entry 2", EntryRejection.NO_TEXT: "entry 4"}


SHOWS = st.lists(st.sampled_from(["clean", "empty", "limit", "both", "failed", "unchanged"]), min_size=1, max_size=40)


@settings(max_examples=50, deadline=None)
@given(SHOWS)
def test_whatever_a_feed_shows_each_notice_is_raised_once_counts_up_and_ends_once(shows: list[str]) -> None:
    poll, limit = Poll(), EntryRejection.OVER_ENTRY_LIMIT
    rejected = {"clean": (), "empty": (EMPTY,), "limit": (limit,), "both": (EMPTY, limit), "failed": (), "unchanged": ()}
    results = {"failed": FetchResult.TIMEOUT, "unchanged": FetchResult.NOT_MODIFIED}
    reports = [poll.shows(*rejected[one], result=results.get(one, FetchResult.OK), after=7 * HOUR) for one in shows]
    by_id: dict[str, list[Notice]] = {}
    for notice in (one for report in reports for one in report.notices if one.kind is NoticeKind.FEED_REJECTS):
        by_id.setdefault(notice.notice_id, []).append(notice)
    for notices in by_id.values():
        words = [one.state for one in notices]
        assert [one.revision for one in notices] == list(range(1, len(notices) + 1))
        assert (words[0], words.count(RAISED), words.count(RESOLVED) <= 1) == (RAISED, 1, True)
        assert RESOLVED not in words[:-1]
    still_open = [notices[-1].details["reason"] for notices in by_id.values() if notices[-1].state is not RESOLVED]
    assert sorted(still_open) == sorted(one.reason.value for one in poll.state.rejecting if one.notice_id is not None)
