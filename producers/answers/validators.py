"""What to send for a conditional GET, and whether the server's "unchanged" can be believed. [pure]

Servers have been seen repeating an ETag for ever while the feed went on. So a full answer is asked for once a day and every hundred
polls; when its bytes differ and its validators do not, the server lied, and after two lies it is asked for full answers only.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from newsmon.records import Feed, FeedState, FetchResult
from producers.answers.outcome import Fetched

FORCED_FULL_EVERY = timedelta(hours=24)
FORCED_FULL_EVERY_COUNT = 100
LIES_TOLERATED = 2
MAX_VALIDATOR_CHARS = 1_000


@dataclass(frozen=True, slots=True)
class Validators:
    """What to send; `forced`: nothing, on purpose, to see whether the server's 304 can be believed."""

    etag: str | None = None
    last_modified: str | None = None
    forced: bool = False


def validators_for(state: FeedState | None, feed: Feed, *, now: datetime) -> Validators:
    """The stored validators, verbatim; none when the address changed, the server lied, or a full GET is due."""
    if state is None or state.url != feed.url or state.validator_lie_count >= LIES_TOLERATED:
        return Validators()
    if state.etag is None and state.last_modified is None:
        return Validators()
    if state.forced_full_at is None or now - state.forced_full_at >= FORCED_FULL_EVERY:
        return Validators(forced=True)
    if state.conditional_count >= FORCED_FULL_EVERY_COUNT:
        return Validators(forced=True)
    return Validators(state.etag, state.last_modified)


def body_hash(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def is_same_body(fetched: Fetched, state: FeedState | None, feed: Feed) -> bool:
    """Whether there is nothing to parse: byte for byte what the state was made from."""
    return state is not None and state.url == feed.url and state.body_sha256 is not None and state.body_sha256 == body_hash(fetched.body)


def validators_after(base: FeedState, fetched: Fetched, result: FetchResult, finished_at: datetime) -> dict[str, object]:
    """The state's changes: both validators as they stand in this answer; a 304 may leave out what has not changed."""
    etag, last_modified = _validators(fetched)
    if result is FetchResult.NOT_MODIFIED:
        kept = {"etag": etag or base.etag, "last_modified": last_modified or base.last_modified}
        return kept | {"conditional_count": base.conditional_count + 1}
    return {"etag": etag, "last_modified": last_modified, "forced_full_at": finished_at, "conditional_count": 0}


def has_lied(base: FeedState, fetched: Fetched, result: FetchResult, *, forced: bool) -> bool:
    """Whether a forced full answer is another text under the very validators that stood for the old one."""
    now_said = _validators(fetched)
    unchanged = now_said == (base.etag, base.last_modified) and now_said != (None, None)
    return forced and unchanged and result is FetchResult.OK and base.body_sha256 is not None


def _validators(fetched: Fetched) -> tuple[str | None, str | None]:
    """ETag and Last-Modified; neither when `Expires: 0` says that nothing of the kind is meant."""
    if fetched.headers.get("expires", "").strip() == "0":
        return None, None
    return _usable(fetched.headers.get("etag")), _usable(fetched.headers.get("last-modified"))


def _usable(value: str | None) -> str | None:
    return value if value and len(value) <= MAX_VALIDATOR_CHARS and value.isprintable() else None
