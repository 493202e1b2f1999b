"""Validators for a conditional GET, and a check that the server's "not modified" is true.

Some servers repeat an ETag for ever while the feed changes, or say "not modified" to everything. So a server's word is believed only as
far as it has been right: at first every third poll asks for the full feed, and each time the server told of a change by itself, the
distance to the next full answer doubles, up to a hundred polls or a day; but not beyond twice the polls that usually lie between two
articles of the feed. One contradiction ends conditional polls for a week.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from newsmon.records import Feed, FeedState, FetchResult
from producers.answers.outcome import Fetched, http_date

FORCED_FULL_EVERY = timedelta(hours=24)
FORCED_FULL_EVERY_COUNT = 100
UNPROVEN_COUNT = 2  # conditional polls before a full one, while the server has never told of a change
DOUBT_TIMES_USUAL = 2  # the polls that usually lie between two new articles, without a full answer ...
DOUBT_SHARE = 0.5  # ... and of the polls without news, so that a quiet night costs few full answers
QUIET_WEIGHT = 0.3  # of the last pause, in polls, for the usual one
DISTRUST = timedelta(days=7)  # after the first lie; doubled by each further one
DISTRUST_MOST = timedelta(days=90)
FUTURE = timedelta(days=1)  # some servers write their local time as GMT
FIRST_YEAR = 1990  # an older Last-Modified is a clock that was never set
JUST_MODIFIED = timedelta(minutes=1)  # RFC 9110 section 8.8.2.2: a second change may have the same date
FULL_AFTER_FAILURES = 2  # in a row: some servers answer a conditional request with an error, or with nothing
UNANSWERED_COUNT = 3  # times that only a full request helped, before conditional ones are given up ...
TRIED_AGAIN_EVERY = 100  # ... but for one in so many polls
MAX_VALIDATOR_CHARS = 1_000


class Lie(StrEnum):
    """What contradicted the server."""

    SAME_VALIDATORS = "same_validators"  # new articles under the validators of the old ones
    FALSE_NOT_MODIFIED = "false_not_modified"  # "not modified" to validators that it had replaced itself


@dataclass(frozen=True, slots=True)
class Validators:
    """The validators to send. `forced` means none on purpose, to check the server's 304s.

    `outdated` means those of the answer before the last: an honest server does not answer 304 to them.
    """

    etag: str | None = None
    last_modified: str | None = None
    forced: bool = False
    outdated: bool = False

    @property
    def is_conditional(self) -> bool:
        return self.etag is not None or self.last_modified is not None


NOT_CONDITIONAL = Validators()


def validators_for(state: FeedState | None, feed: Feed, *, now: datetime) -> Validators:
    """The stored validators, verbatim; none when the address changed, the server has lied, or a full answer is due."""
    if state is None or state.url != feed.url or is_distrusted(state, now=now):
        return NOT_CONDITIONAL
    if state.conditional_failure_count >= UNANSWERED_COUNT and state.poll_seq % TRIED_AGAIN_EVERY:
        return NOT_CONDITIONAL
    if state.failure_count and state.failure_count % FULL_AFTER_FAILURES == 0:
        return Validators(forced=True)
    if state.outdated_etag is not None or state.outdated_last_modified is not None:
        return Validators(state.outdated_etag, state.outdated_last_modified, outdated=True)
    if state.etag is None and state.last_modified is None:
        return NOT_CONDITIONAL
    if state.forced_full_at is None or now - state.forced_full_at >= FORCED_FULL_EVERY:
        return Validators(forced=True)
    if state.conditional_count >= conditional_polls_allowed(state) or _should_have_news(state):
        return Validators(forced=True)
    return Validators(state.etag, state.last_modified)


def conditional_polls_allowed(state: FeedState) -> int:
    """Polls that may be conditional before one asks for the full feed."""
    return min(UNPROVEN_COUNT << min(state.validator_trust, 10), FORCED_FULL_EVERY_COUNT)


def is_distrusted(state: FeedState, *, now: datetime) -> bool:
    """True while every poll asks for the full feed because the server has lied."""
    until = distrusted_until(state)
    return state.validator_lie_count > 0 and (until is None or now < until)


def distrusted_until(state: FeedState) -> datetime | None:
    """When the server's validators are tried again; None when it has never lied, or an older version did not write down when."""
    if state.validator_lie_count == 0 or state.validators_lied_at is None:
        return None
    return state.validators_lied_at + min(DISTRUST * (1 << min(state.validator_lie_count - 1, 10)), DISTRUST_MOST)


def _should_have_news(state: FeedState) -> bool:
    """True when only 304s have come for many more polls than this feed usually pauses."""
    if state.usual_quiet_polls is None:
        return False
    return state.conditional_count >= max(UNPROVEN_COUNT, DOUBT_TIMES_USUAL * state.usual_quiet_polls, DOUBT_SHARE * state.quiet_poll_count)


def quiet_after(base: FeedState, *, changed: bool) -> dict[str, object]:
    """Changes to the state after a success: the polls without news until now, and how many there usually are between two changes."""
    if not changed:
        return {"quiet_poll_count": base.quiet_poll_count + 1}
    if base.last_success_at is None:  # the first poll: all that the feed holds
        return {"quiet_poll_count": 0}
    usual = base.usual_quiet_polls
    now = base.quiet_poll_count if usual is None else (1 - QUIET_WEIGHT) * usual + QUIET_WEIGHT * base.quiet_poll_count
    return {"quiet_poll_count": 0, "usual_quiet_polls": float(now)}


def body_hash(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def is_same_body(fetched: Fetched, state: FeedState | None, feed: Feed) -> bool:
    """True when there is nothing to parse: the body is byte for byte the one the state was made from."""
    return state is not None and state.url == feed.url and state.body_sha256 is not None and state.body_sha256 == body_hash(fetched.body)


def lie_in(
    base: FeedState, feed: Feed, fetched: Fetched, result: FetchResult, *, sent: Validators, changed: bool, at: datetime
) -> Lie | None:  # fmt: skip
    """The contradiction in this answer, if any. `changed`: it has new or revised articles; other bytes alone may be generated noise."""
    if base.url != feed.url or base.body_sha256 is None or is_distrusted(base, now=at):
        return None
    if result is FetchResult.NOT_MODIFIED:
        return Lie.FALSE_NOT_MODIFIED if sent.outdated and not _may_lag(base, fetched) else None
    if result is FetchResult.OK and changed and _are_same(base, _validators(fetched, at)):
        return Lie.SAME_VALIDATORS
    return None


def validators_after(
    base: FeedState, fetched: Fetched, result: FetchResult, at: datetime, *, sent: Validators, changed: bool, lie: Lie | None
) -> dict[str, object]:  # fmt: skip
    """Changes to the state after a success: both validators of this answer, and how far the server's are believed."""
    etag, last_modified = _validators(fetched, at)
    if lie is not None:
        changes: dict[str, object] = {"validator_lie_count": base.validator_lie_count + 1, "validators_lied_at": at, "validator_trust": 0}
    elif base.validator_lie_count and base.validators_lied_at is None:
        changes = {"validators_lied_at": at}
    else:
        changes = {}
    lags = sent.outdated and lie is None and result is FetchResult.NOT_MODIFIED  # ask once more
    if not lags and (sent.outdated or lie is not None):
        changes |= {"outdated_etag": None, "outdated_last_modified": None}
    if sent.is_conditional:
        changes["conditional_failure_count"] = 0
    elif sent.forced and base.failure_count == FULL_AFTER_FAILURES:
        changes["conditional_failure_count"] = base.conditional_failure_count + 1
    if result is FetchResult.NOT_MODIFIED:  # it may leave out those that have not changed
        kept = {} if sent.outdated else {"etag": etag or base.etag, "last_modified": last_modified or base.last_modified}
        return changes | kept | {"conditional_count": base.conditional_count + 1, "unheeded_count": 0}
    if lie is None and sent.is_conditional and (changed or sent.outdated) and (etag or last_modified):
        changes["validator_trust"] = min(base.validator_trust + 1, 10)  # it told of the change by itself
    elif lie is None and changed and sent.forced and base.conditional_count > 0 and (etag or last_modified):
        # the change may be younger than the last 304, or that was false: the old validators will show it
        changes |= {"outdated_etag": base.etag, "outdated_last_modified": base.last_modified}
    if sent.is_conditional and not sent.outdated and not changed:
        changes["unheeded_count"] = base.unheeded_count + 1
    return changes | {"etag": etag, "last_modified": last_modified, "forced_full_at": at, "conditional_count": 0}


def _may_lag(base: FeedState, fetched: Fetched) -> bool:
    """True for a 304 that names the outdated ETag as the present one, the first time: one of several backends may be behind the others."""
    return base.conditional_count == 0 and base.outdated_etag is not None and fetched.headers.get("etag") == base.outdated_etag


def _are_same(base: FeedState, now: tuple[str | None, str | None]) -> bool:
    """True when this answer has the validator of the last one. An ETag goes before Last-Modified, as it does for servers."""
    etag, last_modified = now
    if etag is not None and base.etag is not None:
        return etag == base.etag
    modified_at = http_date(last_modified or "")
    if modified_at is None or last_modified != base.last_modified:
        return False
    return base.forced_full_at is None or base.forced_full_at - modified_at > JUST_MODIFIED


def _validators(fetched: Fetched, at: datetime) -> tuple[str | None, str | None]:
    """ETag and Last-Modified; neither with `Expires: 0`, which says that the answer must not be cached."""
    if fetched.headers.get("expires", "").strip() == "0":
        return None, None
    last_modified = _usable(fetched.headers.get("last-modified"))
    modified_at = http_date(last_modified or "")
    if modified_at is None or modified_at.year < FIRST_YEAR:
        last_modified = None
    elif modified_at - min(at, http_date(fetched.headers.get("date", "")) or at) > FUTURE:
        last_modified = None  # sent back, it would be answered with 304 until that day
    return _usable(fetched.headers.get("etag")), last_modified


def _usable(value: str | None) -> str | None:
    return value if value and len(value) <= MAX_VALIDATOR_CHARS and value.isprintable() else None
