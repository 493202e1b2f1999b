"""Turns an HTTP answer and its drafts into the report of a poll: articles, notices, an outcome and the next state."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

import msgspec

from newsmon.records import Article, DateQuality, EntryRejection, Feed, FeedState, FetchOutcome, FetchResult, Notice, Rhythm
from producers.answers.outcome import SUCCESSES, Fetched, freshness_s, retry_after_s
from producers.answers.redirects import NO_MOVE, is_move_proposed, move_evidence_after
from producers.answers.validators import NOT_CONDITIONAL, Lie, Validators, body_hash, is_same_body, lie_in, quiet_after, validators_after
from producers.articles.comparison import Comparison, PollStamp, compare, outcome_of
from producers.articles.draft import Draft, Unchanged
from producers.articles.known_entries import repacked
from producers.articles.matching import Elsewhere
from producers.articles.parse_job import ParsedBody
from producers.articles.publishers import Publishers
from producers.health.feed_health import health_of
from producers.health.feed_notices import health_notices, one_time_notices
from producers.health.rejection_notices import rejection_notices, rejections_after
from producers.timing.rhythm import first_rhythm, learn
from producers.timing.schedule import Limits, decide_due

DATED = frozenset({DateQuality.STATED, DateQuality.ASSUMED_ZONE})


@dataclass(frozen=True, slots=True)
class FeedReport:
    """Everything that is published for a feed at once, in this order: articles, notices, outcome, state."""

    articles: tuple[Article, ...]
    outcome: FetchOutcome
    state: FeedState
    notices: tuple[Notice, ...] = ()


@dataclass(frozen=True, slots=True)
class PollPolicy:
    """The settings, and the pace all feeds share, that decide the next poll."""

    limits: Limits
    pace: float | None = None  # None: no feed's rhythm is known yet
    follow_moves: bool = False
    again_after: timedelta = field(default=timedelta(hours=24))  # repeat an open notice
    elsewhere: Elsewhere | None = None  # knows what other feeds show
    publishers: Publishers | None = None


def poll_report(
    feed: Feed, state: FeedState | None, stamp: PollStamp, fetched: Fetched, parsed: ParsedBody | None, *,
    finished_at: datetime, policy: PollPolicy, jitter: float, sent: Validators = NOT_CONDITIONAL, outage: bool = False,
) -> FeedReport:  # fmt: skip
    """The report of one poll, which asked with the validators in `sent`. `parsed` is None when there was nothing to parse.

    During an `outage` of our own network a failure does not count against the feed.
    """
    result = _result(fetched, parsed, state, feed)
    drafts: tuple[Draft | Unchanged | EntryRejection, ...] = parsed.drafts if parsed is not None and result is FetchResult.OK else ()
    is_cut = parsed is not None and parsed.is_cut
    links = parsed.links if parsed is not None else None
    found = compare(drafts, state, feed, stamp, links=links, partial=is_cut, elsewhere=policy.elsewhere, publishers=policy.publishers)
    base = state or FeedState(feed_id=feed.feed_id, url=feed.url, poll_seq=0, polled_at=finished_at, next_due_at=finished_at, interval_s=0)
    lie = lie_in(base, feed, fetched, result, sent=sent, changed=_changed(found), at=finished_at)
    following = _next_state(feed, base, stamp, fetched, found, result, finished_at, sent=sent, lie=lie, outage=outage)
    if parsed is not None and result is FetchResult.OK:
        following = msgspec.structs.replace(
            following, hint_s=parsed.ttl_s, guids_repeat=base.guids_repeat or parsed.guids_repeat, charset=parsed.charset, links=found.links
        )
    if result in SUCCESSES:
        examples = (parsed.examples if parsed is not None else {}) | found.examples
        shown = found.rejected if result is FetchResult.OK else None
        if is_cut:
            shown = {EntryRejection.CUT_OFF: 1} | found.rejected  # also where it was cut between two entries
        if base.url != feed.url:  # of what another address showed, only what was told still has an end
            base = msgspec.structs.replace(base, rejecting=tuple(one for one in base.rejecting if one.notice_id))
        rejecting = rejections_after(base, shown, examples, entry_count=len(drafts), now=finished_at)
        following = msgspec.structs.replace(following, rejecting=rejecting)
    if is_cut:  # neither the same bytes nor a 304 may hide the rest
        following = msgspec.structs.replace(following, etag=None, last_modified=None, body_sha256=None)
    if policy.follow_moves and is_move_proposed(following, now=finished_at):
        following = msgspec.structs.replace(following, address=following.moved_to)
    retry_s = retry_after_s(fetched.headers, now=finished_at) if result in (FetchResult.RATE_LIMITED, FetchResult.UNAVAILABLE) else None
    due = decide_due(
        result,
        now=finished_at,
        interval_s=base.interval_s or feed.interval_s or policy.limits.usual_s,
        lost_here=parsed is not None and parsed.lost_here,
        rhythm=following.rhythm,
        pace=policy.pace,
        failure_count=following.failure_count,
        limits=policy.limits,
        retry_after_s=retry_s,
        server_wish_s=freshness_s(fetched.headers, now=finished_at),
        feed_hint_s=following.hint_s,
        outage=outage,
        jitter=jitter,
    )
    following = msgspec.structs.replace(following, next_due_at=due.at, interval_s=due.interval_s, due_reason=due.reason)
    said, following = one_time_notices(state, following, now=finished_at, entry_count=len(drafts))
    more, following = health_notices(following, health_of(following, now=finished_at), now=finished_at, again_after=policy.again_after)
    rejects, following = rejection_notices(following, now=finished_at, again_after=policy.again_after)
    counted = outcome_of(
        feed, stamp, found,
        finished_at=finished_at, result=result, entry_count=len(drafts), body_bytes=len(fetched.body), next_due_at=due.at,
        detail=(parsed.detail if parsed else None) or fetched.detail,
    )  # fmt: skip
    outcome = msgspec.structs.replace(
        counted, status=fetched.status, retry_after_s=retry_s, validator_lied=lie is not None, due_reason=due.reason
    )  # fmt: skip
    return FeedReport(found.articles, outcome, following, said + more + rejects)


def _result(fetched: Fetched, parsed: ParsedBody | None, state: FeedState | None, feed: Feed) -> FetchResult:
    if fetched.result is not FetchResult.OK:
        return fetched.result
    if parsed is not None:
        return parsed.result
    return FetchResult.SAME_BODY if is_same_body(fetched, state, feed) else FetchResult.OK


def _changed(found: Comparison) -> bool:
    """True when there is something new to read. Articles that were only given another guid are not."""
    return any(not article.reidentified for article in found.articles)


def _next_state(
    feed: Feed, base: FeedState, stamp: PollStamp, fetched: Fetched, found: Comparison, result: FetchResult,
    finished_at: datetime, *, sent: Validators, lie: Lie | None, outage: bool,
) -> FeedState:  # fmt: skip
    well = result in SUCCESSES
    changes: dict[str, object] = {
        "poll_seq": stamp.poll_seq,
        "polled_at": finished_at,
        "last_result": result,
        "url": feed.url,
        "failure_count": 0 if well else base.failure_count + (not outage),
        "result_counts": base.result_counts | {result: base.result_counts.get(result, 0) + 1},
    }
    if base.url != feed.url:
        changes |= NO_MOVE | {"address": None}
    else:
        shared = found.known_count + found.revised_count
        changes |= move_evidence_after(base, fetched, result, shared_count=shared, now=finished_at)
    if well:
        changes["last_success_at"] = finished_at
        changes |= validators_after(base, fetched, result, finished_at, sent=sent, changed=_changed(found), lie=lie)
        changes |= quiet_after(base, changed=_changed(found))
        changes["rhythm"] = rhythm_after(base, found, finished_at)
    if result is FetchResult.OK:
        changes["body_sha256"] = body_hash(fetched.body)
        changes["known"] = repacked(found.known, base.known)
        if found.articles:
            changes["last_new_article_at"] = finished_at
    if found.gap_suspected:
        changes |= {"gap_count": base.gap_count + 1, "last_gap_at": finished_at}
    return msgspec.structs.replace(base, **changes)


def rhythm_after(base: FeedState, found: Comparison, now: datetime) -> Rhythm | None:
    """The rhythm with the new articles. One dated before the last poll came into the feed later, so it counts as of that poll."""
    new = [article for article in found.articles if article.revision == 1 and not article.reidentified]
    dates = [article.published_at if article.date_quality in DATED else None for article in new]
    if base.rhythm is None:
        return first_rhythm(now, [at for at in dates if at is not None]) if base.last_success_at is None or new else None
    earliest = base.last_success_at or base.rhythm.at
    return learn(base.rhythm, now, [max(at, earliest) if at is not None else now for at in dates])
