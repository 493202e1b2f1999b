"""Whether a feed has moved for good: permanent redirects are evidence, never a command. [pure]

Captive portals and maintenance pages answer 301 too. Ten times the same target over two days, and what is there must be this feed:
then the move is proposed to the operator, and applied only where `producer.follow_moves` says so.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from newsmon.records import Feed, FeedState, FetchResult
from producers.answers.outcome import SUCCESSES, Fetched

PROPOSED_AFTER_COUNT = 10
PROPOSED_AFTER = timedelta(hours=48)
GIVE_UP_AFTER_COUNT = 3  # failures at the new address, after which the configured one is asked again

NO_MOVE: dict[str, object] = {"moved_to": None, "moved_count": 0, "moved_since": None, "moved_same": False}


def address_to_poll(feed: Feed, state: FeedState | None, *, follow: bool) -> str:
    """Where to ask for the feed."""
    if follow and state is not None and state.address is not None and state.url == feed.url and state.failure_count < GIVE_UP_AFTER_COUNT:
        return state.address
    return feed.url


def move_evidence_after(base: FeedState, fetched: Fetched, result: FetchResult, *, shared_count: int, now: datetime) -> dict[str, object]:
    """The state's changes. `shared_count`: entries of this answer the feed has shown before. Failures are no evidence of anything."""
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
    """Whether there is evidence enough to tell the operator to change the address."""
    return (
        state.moved_to is not None
        and state.moved_same
        and state.moved_count >= PROPOSED_AFTER_COUNT
        and state.moved_since is not None
        and now - state.moved_since >= PROPOSED_AFTER
    )
