"""Decides whether a feed has moved permanently. A permanent redirect alone is not enough.

Captive portals and maintenance pages answer 301 too. A move is proposed to the operator after ten redirects to the same address over
two days, if this feed's entries are found there. It is applied only when `producer.follow_moves` is set.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from newsmon.records import Feed, FeedState, FetchResult
from producers.answers.outcome import SUCCESSES, Fetched

PROPOSED_AFTER_COUNT = 10
PROPOSED_AFTER = timedelta(hours=48)
GIVE_UP_AFTER_COUNT = 3  # failures at the new address before we return to the configured one

NO_MOVE: dict[str, object] = {"moved_to": None, "moved_count": 0, "moved_since": None, "moved_same": False}


def address_to_poll(feed: Feed, state: FeedState | None, *, follow: bool) -> str:
    """The address to poll: the configured one, or the new one of a feed that has moved, if `follow` is set."""
    if follow and state is not None and state.address is not None and state.url == feed.url and state.failure_count < GIVE_UP_AFTER_COUNT:
        return state.address
    return feed.url


def move_evidence_after(base: FeedState, fetched: Fetched, result: FetchResult, *, shared_count: int, now: datetime) -> dict[str, object]:
    """Changes to the state. `shared_count` is the number of entries in this answer that the feed has shown before."""
    if result not in SUCCESSES:
        return {}
    target = fetched.moved_permanently_to
    if target is None:
        return dict(NO_MOVE) if base.moved_to is not None else {}
    same = shared_count > 0 or result is FetchResult.SAME_BODY
    if target != base.moved_to:
        return {"moved_to": target, "moved_count": 1, "moved_since": now, "moved_same": same}
    return {"moved_count": base.moved_count + 1, "moved_same": base.moved_same or same}


def is_move_proposed(state: FeedState, *, now: datetime) -> bool:
    """True when the evidence suffices to ask the operator to change the address."""
    return (
        state.moved_to is not None
        and state.moved_same
        and state.moved_count >= PROPOSED_AFTER_COUNT
        and state.moved_since is not None
        and now - state.moved_since >= PROPOSED_AFTER
    )
