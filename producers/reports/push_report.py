"""The report of pushed content, and of a poll while a hub delivers."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import msgspec

from newsmon.records import Feed, FeedState, FetchKind, FetchResult
from producers.answers.outcome import SUCCESSES
from producers.articles.comparison import PollStamp, compare, outcome_of
from producers.articles.known_entries import repacked
from producers.articles.matching import Elsewhere
from producers.articles.parse_job import ParsedBody
from producers.articles.publishers import Publishers
from producers.reports.poll_report import FeedReport, rhythm_after
from producers.reports.subscription import is_trusted


def after_safety_poll(report: FeedReport, *, safety_s: float, now: datetime) -> tuple[FeedReport, int]:
    """The report of a poll while a hub delivers, and the number of new articles that the hub should have pushed.

    If there were none, the next poll is due after `safety_s` or when the lease ends. A hub that missed an article is not trusted
    until it delivers again.
    """
    subscription = report.state.subscription
    if subscription is None or not is_trusted(subscription, now=now) or report.outcome.result not in SUCCESSES:
        return report, 0
    missed_count = report.outcome.new_count
    if missed_count:
        doubted = msgspec.structs.replace(subscription, pushed_at=None)
        return replace(report, state=msgspec.structs.replace(report.state, subscription=doubted)), missed_count
    assert subscription.lease_until is not None
    due = max(report.state.next_due_at, min(now + timedelta(seconds=safety_s), subscription.lease_until))
    outcome = msgspec.structs.replace(report.outcome, next_due_at=due)
    return replace(report, outcome=outcome, state=msgspec.structs.replace(report.state, next_due_at=due)), 0


def push_report(
    feed: Feed, state: FeedState, stamp: PollStamp, parsed: ParsedBody, body_bytes: int, *,
    safety_s: float, elsewhere: Elsewhere | None = None, publishers: Publishers | None = None,
) -> FeedReport:  # fmt: skip
    """The report of pushed content: like a poll's, but it shows only a part of the feed and nothing about its address."""
    now = stamp.first_seen_at
    drafts = parsed.drafts if parsed.result is FetchResult.OK else ()
    found = compare(drafts, state, feed, stamp, links=parsed.links, partial=True, elsewhere=elsewhere, publishers=publishers)
    changes: dict[str, object] = {"poll_seq": stamp.poll_seq}
    if parsed.result is FetchResult.OK and state.subscription is not None:
        subscription = msgspec.structs.replace(state.subscription, pushed_at=now)
        changes |= {"known": repacked(found.known, state.known), "subscription": subscription}
        changes |= {"links": found.links, "guids_repeat": state.guids_repeat or parsed.guids_repeat}
        if subscription.lease_until is not None and is_trusted(subscription, now=now) and state.failure_count == 0:
            changes["next_due_at"] = max(state.next_due_at, min(now + timedelta(seconds=safety_s), subscription.lease_until))
        if found.articles:
            changes |= {"last_new_article_at": now, "rhythm": rhythm_after(state, found, now)}
    following = msgspec.structs.replace(state, **changes)
    outcome = outcome_of(
        feed, stamp, found,
        finished_at=now, result=parsed.result, entry_count=len(drafts), body_bytes=body_bytes, next_due_at=following.next_due_at,
        detail=parsed.detail, kind=FetchKind.PUSH,
    )  # fmt: skip
    return FeedReport(found.articles, outcome, following)
