"""What one poll comes to: from HTTP answer and drafts to articles, outcome and next state. [pure]"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec

from newsmon.records import Article, EntryRejection, Feed, FeedState, FetchOutcome, FetchResult
from producers.clean import Draft
from producers.known import PollResult, PollStamp, compare
from producers.outcome import SUCCESSES, Fetched, freshness_s, retry_after_s
from producers.parsing import Parsed
from producers.schedule import Limits, decide_due

FORCED_FULL_EVERY = timedelta(hours=24)  # servers have been seen repeating a validator for ever while the feed went on
LIES_TOLERATED = 2
MAX_VALIDATOR_CHARS = 1_000


@dataclass(frozen=True, slots=True)
class Validators:
    """What to send for a conditional GET; `forced`: nothing, on purpose, to see whether the server's 304 can be believed."""

    etag: str | None = None
    last_modified: str | None = None
    forced: bool = False


@dataclass(frozen=True, slots=True)
class PollReport:
    """Everything a poll publishes, in this order: articles, outcome, state."""

    articles: tuple[Article, ...]
    outcome: FetchOutcome
    state: FeedState


def validators_for(state: FeedState | None, feed: Feed, *, now: datetime) -> Validators:
    """The stored validators, verbatim; none when the address changed, the server lied, or a full GET is due."""
    if state is None or state.url != feed.url or state.validator_lie_count >= LIES_TOLERATED:
        return Validators()
    if state.etag is None and state.last_modified is None:
        return Validators()
    if state.forced_full_at is None or now - state.forced_full_at >= FORCED_FULL_EVERY:
        return Validators(forced=True)
    return Validators(state.etag, state.last_modified)


def body_hash(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def is_same_body(fetched: Fetched, state: FeedState | None, feed: Feed) -> bool:
    """Whether there is nothing to parse: byte for byte what the state was made from."""
    return state is not None and state.url == feed.url and state.body_sha256 is not None and state.body_sha256 == body_hash(fetched.body)


def report(
    feed: Feed, state: FeedState | None, stamp: PollStamp, fetched: Fetched, parsed: Parsed | None, *,
    finished_at: datetime, limits: Limits, jitter: float, forced: bool,
) -> PollReport:  # fmt: skip
    """Return what the poll publishes. `parsed` is None when there was nothing to parse; the state changes only by what is known now."""
    result = _result(fetched, parsed, state, feed)
    drafts: tuple[Draft | EntryRejection, ...] = parsed.drafts if parsed is not None and result is FetchResult.OK else ()
    found = compare(drafts, state, feed, stamp)
    failure_count = 0 if result in SUCCESSES else (state.failure_count if state else 0) + 1
    retry_s = retry_after_s(fetched.headers, now=finished_at) if result in (FetchResult.RATE_LIMITED, FetchResult.UNAVAILABLE) else None
    due = decide_due(
        result,
        now=finished_at,
        interval_s=state.interval_s if state else feed.interval_s or limits.usual_s,
        known_share=_known_share(found),
        failure_count=failure_count,
        limits=limits,
        retry_after_s=retry_s,
        server_wish_s=_server_wish_s(fetched, parsed, finished_at),
        jitter=jitter,
    )
    outcome = FetchOutcome(
        feed_id=feed.feed_id,
        poll_seq=stamp.poll_seq,
        poll_id=stamp.poll_id,
        started_at=stamp.first_seen_at,
        finished_at=finished_at,
        result=result,
        status=fetched.status,
        detail=(parsed.detail if parsed else None) or fetched.detail,
        body_bytes=len(fetched.body),
        entry_count=len(drafts),
        new_count=found.new_count,
        revised_count=found.revised_count,
        known_count=found.known_count,
        rejected=found.rejected,
        reidentified_count=found.reidentified_count,
        gap_suspected=found.gap_suspected,
        retry_after_s=retry_s,
        next_due_at=due.at,
    )
    following = _next_state(feed, state, stamp, fetched, found, result, finished_at, forced=forced)
    following = msgspec.structs.replace(following, next_due_at=due.at, interval_s=due.interval_s, failure_count=failure_count)
    return PollReport(found.articles, outcome, following)


def _known_share(found: PollResult) -> float | None:
    accepted = found.new_count + found.revised_count + found.known_count
    return found.known_count / accepted if accepted else None


def _result(fetched: Fetched, parsed: Parsed | None, state: FeedState | None, feed: Feed) -> FetchResult:
    if fetched.result is not FetchResult.OK:
        return fetched.result
    if parsed is not None:
        return parsed.result
    return FetchResult.SAME_BODY if is_same_body(fetched, state, feed) else FetchResult.OK


def _next_state(
    feed: Feed, state: FeedState | None, stamp: PollStamp, fetched: Fetched, found: PollResult, result: FetchResult,
    finished_at: datetime, *, forced: bool,
) -> FeedState:  # fmt: skip
    base = state or FeedState(feed_id=feed.feed_id, url=feed.url, poll_seq=0, polled_at=finished_at, next_due_at=finished_at, interval_s=0)
    changes: dict[str, object] = {"poll_seq": stamp.poll_seq, "polled_at": finished_at, "last_result": result, "url": feed.url}
    if result in SUCCESSES:
        changes["last_success_at"] = finished_at
        changes |= _validators_after(base, fetched, result, finished_at, forced=forced)
    if result is FetchResult.OK:
        changes["body_sha256"] = body_hash(fetched.body)
        changes["known"] = found.known or base.known
        if found.articles:
            changes["last_new_article_at"] = finished_at
    return msgspec.structs.replace(base, **changes)


def _validators_after(base: FeedState, fetched: Fetched, result: FetchResult, finished_at: datetime, *, forced: bool) -> dict[str, object]:
    """Both validators as they stand in this answer; a 304 may leave out what has not changed."""
    etag, last_modified = (_validator(fetched, name) for name in ("etag", "last-modified"))
    if result is FetchResult.NOT_MODIFIED:
        return {"etag": etag or base.etag, "last_modified": last_modified or base.last_modified}
    changes: dict[str, object] = {"etag": etag, "last_modified": last_modified, "forced_full_at": finished_at}
    unchanged_validators = (etag, last_modified) == (base.etag, base.last_modified) and (etag or last_modified)
    if forced and unchanged_validators and result is FetchResult.OK and base.body_sha256 is not None:
        changes["validator_lie_count"] = base.validator_lie_count + 1
    return changes


def _validator(fetched: Fetched, name: str) -> str | None:
    value = fetched.headers.get(name)
    return value if value and len(value) <= MAX_VALIDATOR_CHARS and value.isprintable() else None


def _server_wish_s(fetched: Fetched, parsed: Parsed | None, now: datetime) -> int | None:
    wishes = [wish for wish in (freshness_s(fetched.headers, now=now), parsed.ttl_s if parsed else None) if wish]
    return max(wishes) if wishes else None
