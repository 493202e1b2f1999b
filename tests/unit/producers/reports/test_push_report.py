"""What a push or a safety poll means for the feed."""

from __future__ import annotations

from datetime import timedelta

import msgspec
from support.drafts import FEED, NOW, draft, stamp, state

from newsmon.records import FeedState, FetchKind, FetchResult, Subscription
from producers.articles.known_entries import entries_of
from producers.articles.parse_job import ParsedBody
from producers.reports.poll_report import FeedReport
from producers.reports.push_report import after_safety_poll, push_report
from producers.reports.subscription import is_trusted, verified
from producers.timing.rhythm import first_rhythm

HUB, TOPIC, CALLBACK = "https://hub.example/", "https://a.example/feed", "https://us.example/a/token"
THERE = Subscription(hub=HUB, topic=TOPIC, callback=CALLBACK, ask_at=NOW)
ACTIVE = msgspec.structs.replace(verified(THERE, 86_400, now=NOW), pushed_at=NOW)


def pushed(before: FeedState, *numbers: int, result: FetchResult = FetchResult.OK) -> FeedReport:
    parsed = ParsedBody(result, tuple(draft(number) for number in numbers))
    return push_report(FEED, before, stamp(before.poll_seq + 1), parsed, 500, safety_s=43_200)


def test_pushed_content_is_compared_with_what_is_known_and_counts_like_a_poll() -> None:
    before = msgspec.structs.replace(state(draft(1), draft(2)), subscription=verified(THERE, 86_400, now=NOW), etag='"1"', body_sha256="x")
    found = pushed(before, 3, 1)
    outcome = found.outcome
    assert ([one.title for one in found.articles], outcome.kind) == (["Report number 3 of the day"], FetchKind.PUSH)
    assert (outcome.entry_count, outcome.new_count, outcome.known_count, outcome.gap_suspected) == (2, 1, 1, False)
    assert len(entries_of(found.state.known)) == 3
    assert (found.state.etag, found.state.body_sha256, found.state.poll_seq) == ('"1"', "x", before.poll_seq + 1)


def test_what_is_pushed_belongs_to_the_feeds_rhythm() -> None:
    at = NOW - timedelta(days=3)
    before = msgspec.structs.replace(state(draft(1)), subscription=ACTIVE, rhythm=first_rhythm(at, []), last_success_at=at)
    after = pushed(before, 2).state.rhythm
    assert after is not None
    assert before.rhythm is not None
    assert sum(after.day_counts) > sum(before.rhythm.day_counts)


def test_a_push_of_one_new_entry_is_no_gap_and_six_new_ones_are_no_churn() -> None:
    before = msgspec.structs.replace(state(*(draft(n) for n in range(20))), subscription=ACTIVE)
    found = pushed(before, *range(30, 36))
    assert not found.outcome.gap_suspected
    assert not any(article.reidentified for article in found.articles)


def test_while_the_hub_delivers_the_feed_is_polled_for_safety_only() -> None:
    before = msgspec.structs.replace(state(draft(1)), subscription=verified(THERE, 86_400, now=NOW))
    after = pushed(before, 2).state
    assert after.next_due_at == NOW + timedelta(hours=12)
    quiet = FeedReport((), pushed(before, 1).outcome, after)
    again, missed = after_safety_poll(quiet, safety_s=43_200, now=NOW)
    assert (missed, again.state.next_due_at, again.outcome.next_due_at) == (0, NOW + timedelta(hours=12), NOW + timedelta(hours=12))


def test_the_safety_poll_is_never_later_than_the_end_of_the_lease() -> None:
    before = msgspec.structs.replace(state(draft(1)), subscription=verified(THERE, 3_600, now=NOW))
    assert pushed(before, 2).state.next_due_at == NOW + timedelta(hours=1)


def test_a_hub_that_has_delivered_nothing_yet_changes_no_rhythm() -> None:
    before = msgspec.structs.replace(state(draft(1)), subscription=verified(THERE, 86_400, now=NOW))
    polled = FeedReport((), pushed(before, 1).outcome, before)
    assert after_safety_poll(polled, safety_s=43_200, now=NOW) == (polled, 0)


def test_a_hub_that_kept_something_back_is_not_relied_on_until_it_delivers_again() -> None:
    before = msgspec.structs.replace(state(draft(1)), subscription=ACTIVE)
    outcome = msgspec.structs.replace(pushed(before, 2).outcome, new_count=1)
    doubted, missed = after_safety_poll(FeedReport((), outcome, before), safety_s=43_200, now=NOW)
    assert (missed, is_trusted(doubted.state.subscription, now=NOW)) == (1, False)
    assert doubted.state.next_due_at == before.next_due_at
    assert is_trusted(pushed(doubted.state, 3).state.subscription, now=NOW)


def test_a_failing_feed_stays_on_its_own_schedule() -> None:
    before = msgspec.structs.replace(state(draft(1)), subscription=ACTIVE)
    outcome = msgspec.structs.replace(pushed(before, 1).outcome, result=FetchResult.TIMEOUT)
    failed = FeedReport((), outcome, before)
    assert after_safety_poll(failed, safety_s=43_200, now=NOW) == (failed, 0)


def test_pushed_garbage_is_an_outcome_and_changes_nothing_else() -> None:
    before = msgspec.structs.replace(state(draft(1)), subscription=ACTIVE)
    found = pushed(before, result=FetchResult.NOT_A_FEED)
    assert (found.outcome.result, found.outcome.entry_count, found.articles) == (FetchResult.NOT_A_FEED, 0, ())
    assert found.state == msgspec.structs.replace(before, poll_seq=before.poll_seq + 1)
