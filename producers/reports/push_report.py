"""What pushed content publishes for its feed, and what a poll publishes while a hub delivers."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import msgspec

from newsmon.records import Feed, FeedState, FetchKind, FetchOutcome, FetchResult
from producers.answers.outcome import SUCCESSES
from producers.articles.comparison import PollStamp, compare
from producers.articles.known_entries import repacked
from producers.articles.parse_job import ParsedBody
from producers.reports.poll_report import FeedReport, rhythm_after
from producers.reports.subscription import is_trusted


def after_safety_poll(report: FeedReport, *, safety_s: float, now: datetime) -> tuple[FeedReport, int]:
    """The report of a poll as a safety poll, and how many new articles it found that the hub should have brought.

    Where there were none, the next poll is only due after `safety_s`, or when the lease ends. A hub that kept something back is not
    relied on until it delivers again.
    """
    there = report.state.subscription
    if there is None or not is_trusted(there, now=now) or report.outcome.result not in SUCCESSES:
        return report, 0
    missed_count = report.outcome.new_count
    if missed_count:
        doubted = msgspec.structs.replace(there, pushed_at=None)
        return replace(report, state=msgspec.structs.replace(report.state, subscription=doubted)), missed_count
    assert there.lease_until is not None
    due = max(report.state.next_due_at, min(now + timedelta(seconds=safety_s), there.lease_until))
    outcome = msgspec.structs.replace(report.outcome, next_due_at=due)
    return replace(report, outcome=outcome, state=msgspec.structs.replace(report.state, next_due_at=due)), 0


def push_report(feed: Feed, state: FeedState, stamp: PollStamp, parsed: ParsedBody, body_bytes: int, *, safety_s: float) -> FeedReport:
    """What pushed content publishes: as a poll, but it is a part of the feed, and says nothing of the feed's address or rhythm."""
    now = stamp.first_seen_at
    drafts = parsed.drafts if parsed.result is FetchResult.OK else ()
    found = compare(drafts, state, feed, stamp, partial=True)
    changes: dict[str, object] = {"poll_seq": stamp.poll_seq}
    if parsed.result is FetchResult.OK and state.subscription is not None:
        subscription = msgspec.structs.replace(state.subscription, pushed_at=now)
        changes |= {"known": repacked(found.known, state.known), "subscription": subscription}
        if subscription.lease_until is not None and is_trusted(subscription, now=now) and state.failure_count == 0:
            changes["next_due_at"] = max(state.next_due_at, min(now + timedelta(seconds=safety_s), subscription.lease_until))
        if found.articles:
            changes |= {"last_new_article_at": now, "rhythm": rhythm_after(state, found, now)}
    following = msgspec.structs.replace(state, **changes)
    outcome = FetchOutcome(
        feed_id=feed.feed_id,
        poll_seq=stamp.poll_seq,
        poll_id=stamp.poll_id,
        started_at=now,
        finished_at=now,
        result=parsed.result,
        detail=parsed.detail,
        body_bytes=body_bytes,
        entry_count=len(drafts),
        new_count=found.new_count,
        revised_count=found.revised_count,
        known_count=found.known_count,
        rejected=found.rejected,
        next_due_at=following.next_due_at,
        kind=FetchKind.PUSH,
    )
    return FeedReport(found.articles, outcome, following)
