"""Validators for a conditional GET, and a check that the server's "unchanged" is true.

Some servers repeat an ETag forever while the feed changes. So we ask for a full answer once a day and every hundred polls. If its
bytes differ but its validators do not, the server lied; after two lies we ask it for full answers only.
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
    """The validators to send. `forced` means none on purpose, to check the server's 304s."""

    etag: str | None = None
    last_modified: str | None = None
    forced: bool = False


def validators_for(state: FeedState | None, feed: Feed, *, now: datetime) -> Validators:
    """The stored validators, verbatim; none when the address changed, the server lied, or a full answer is due."""
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
    """True when there is nothing to parse: the body is byte for byte the one the state was made from."""
    return state is not None and state.url == feed.url and state.body_sha256 is not None and state.body_sha256 == body_hash(fetched.body)


def validators_after(base: FeedState, fetched: Fetched, result: FetchResult, finished_at: datetime) -> dict[str, object]:
    """Changes to the state: both validators of this answer. A 304 may leave out those that have not changed."""
    etag, last_modified = _validators(fetched)
    if result is FetchResult.NOT_MODIFIED:
        kept = {"etag": etag or base.etag, "last_modified": last_modified or base.last_modified}
        return kept | {"conditional_count": base.conditional_count + 1}
    return {"etag": etag, "last_modified": last_modified, "forced_full_at": finished_at, "conditional_count": 0}


def has_lied(base: FeedState, fetched: Fetched, result: FetchResult, *, forced: bool) -> bool:
    """True when a forced full answer has a new body under the validators of the old one."""
    validators = _validators(fetched)
    unchanged = validators == (base.etag, base.last_modified) and validators != (None, None)
    return forced and unchanged and result is FetchResult.OK and base.body_sha256 is not None


def _validators(fetched: Fetched) -> tuple[str | None, str | None]:
    """ETag and Last-Modified; neither with `Expires: 0`, which says that the answer must not be cached."""
    if fetched.headers.get("expires", "").strip() == "0":
        return None, None
    return _usable(fetched.headers.get("etag")), _usable(fetched.headers.get("last-modified"))


def _usable(value: str | None) -> str | None:
    return value if value and len(value) <= MAX_VALIDATOR_CHARS and value.isprintable() else None
