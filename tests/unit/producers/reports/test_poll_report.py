"""Reports of polls: counts add up, validators are kept verbatim, lying servers are caught, failures forget nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest
from support.drafts import FEED, NOW, draft, stamp, state

from newsmon.records import EntryRejection, FeedState, FetchResult
from producers.answers.outcome import SUCCESSES, Fetched
from producers.answers.validators import NOT_CONDITIONAL, Validators, body_hash, is_same_body, validators_for
from producers.articles.known_entries import entries_of
from producers.articles.parse_job import ParsedBody
from producers.reports.poll_report import FeedReport, PollPolicy, poll_report
from producers.timing.schedule import Limits

POLICY = PollPolicy(Limits(300, 60, 86_400))
BODY = b"<rss>1</rss>"


def polled(
    before: FeedState | None, fetched: Fetched, parsed: ParsedBody | None = None, *, sent: Validators = NOT_CONDITIONAL
) -> FeedReport:  # fmt: skip
    return poll_report(
        FEED,
        before,
        stamp(before.poll_seq + 1 if before else 1),
        fetched,
        parsed,
        finished_at=NOW,
        policy=POLICY,
        jitter=0.0,
        sent=sent,
    )


def answered(body: bytes = BODY, **headers: str) -> Fetched:
    return Fetched(FetchResult.OK, 200, body, {name.replace("_", "-"): value for name, value in headers.items()})


def test_the_counts_of_an_outcome_add_up_to_its_entries() -> None:
    drafts = (draft(1), draft(2, text="Changed."), draft(3), draft(3), EntryRejection.NO_TEXT)
    found = polled(state(draft(1), draft(2)), answered(), ParsedBody(FetchResult.OK, drafts))
    outcome = found.outcome
    assert (outcome.entry_count, outcome.new_count, outcome.revised_count, outcome.known_count) == (5, 1, 1, 1)
    assert outcome.rejected == {EntryRejection.DUPLICATE_ENTRY: 1, EntryRejection.NO_TEXT: 1}
    assert {one.poll_id for one in found.articles} == {outcome.poll_id}
    assert found.state.poll_seq == outcome.poll_seq == 2


def test_both_validators_are_kept_letter_by_letter_and_sent_back() -> None:
    found = polled(None, answered(etag='W/"a b"', last_modified="Tuesday, 24-Nov-26 1:02:03 GMT"), ParsedBody(FetchResult.OK, (draft(1),)))
    sent = validators_for(found.state, FEED, now=NOW + timedelta(minutes=5))
    assert (sent.etag, sent.last_modified, sent.forced) == ('W/"a b"', "Tuesday, 24-Nov-26 1:02:03 GMT", False)


def test_a_304_keeps_what_it_does_not_repeat_and_takes_what_it_changes() -> None:
    before = state(draft(1), etag='"1"', last_modified="then", body_sha256="x", forced_full_at=NOW)
    found = polled(before, Fetched(FetchResult.NOT_MODIFIED, 304, headers={"etag": '"2"'}))
    assert (found.state.etag, found.state.last_modified, found.state.body_sha256) == ('"2"', "then", "x")
    assert (found.outcome.result, found.outcome.entry_count, found.articles) == (FetchResult.NOT_MODIFIED, 0, ())
    assert found.state.known == before.known


def test_the_same_bytes_are_not_parsed_again() -> None:
    before = state(draft(1), body_sha256=body_hash(BODY))
    assert is_same_body(answered(), before, FEED)
    assert not is_same_body(answered(b"<rss>2</rss>"), before, FEED)
    assert not is_same_body(answered(), None, FEED)
    assert polled(before, answered()).outcome.result is FetchResult.SAME_BODY


def test_a_cut_answer_is_not_remembered_and_what_it_lacks_means_nothing() -> None:
    before = state(draft(1), draft(2), etag='"1"', last_modified="then", body_sha256="x", forced_full_at=NOW)
    parsed = ParsedBody(FetchResult.OK, (draft(3), EntryRejection.CUT_OFF), detail="cut", is_cut=True)
    found = polled(before, answered(etag='"2"'), parsed)
    assert (found.outcome.result, found.outcome.detail, found.outcome.rejected) == (FetchResult.OK, "cut", {EntryRejection.CUT_OFF: 1})
    assert (found.state.etag, found.state.last_modified, found.state.body_sha256) == (None, None, None)
    assert (found.outcome.gap_suspected, found.state.gap_count, found.notices) == (False, 0, ())
    assert len(entries_of(found.state.known)) == 3


def test_a_feed_whose_address_was_changed_starts_without_validators_but_knows_its_articles() -> None:
    before = state(draft(1), url="https://old.example/feed", etag='"1"', body_sha256=body_hash(BODY), forced_full_at=NOW)
    assert validators_for(before, FEED, now=NOW).etag is None
    assert not is_same_body(answered(), before, FEED)
    found = polled(before, answered(), ParsedBody(FetchResult.OK, (draft(1),)))
    assert (found.outcome.known_count, found.state.url) == (1, FEED.url)


@pytest.mark.parametrize("result", [one for one in FetchResult if one not in SUCCESSES])
def test_a_failure_counts_and_forgets_nothing(result: FetchResult) -> None:
    before = state(draft(1), etag='"1"', body_sha256="x", failure_count=2, last_new_article_at=NOW - timedelta(days=1))
    from_parser = result in (FetchResult.NOT_A_FEED, FetchResult.PARSE_ERROR)
    found = polled(before, answered(etag='"9"'), ParsedBody(result)) if from_parser else polled(before, Fetched(result, 500))
    after = found.state
    assert (found.outcome.result, after.failure_count, after.last_result) == (result, 3, result)
    assert (after.etag, after.body_sha256, after.known, after.last_success_at) == ('"1"', "x", before.known, before.last_success_at)
    assert after.next_due_at == found.outcome.next_due_at > NOW


def test_a_success_ends_the_count_of_failures() -> None:
    assert polled(state(draft(1), failure_count=7), Fetched(FetchResult.NOT_MODIFIED, 304)).state.failure_count == 0


def test_a_validator_no_header_can_carry_is_not_kept() -> None:
    found = polled(None, answered(etag='"' + "x" * 5000 + '"', last_modified="a\x00b"), ParsedBody(FetchResult.OK, (draft(1),)))
    assert (found.state.etag, found.state.last_modified) == (None, None)
