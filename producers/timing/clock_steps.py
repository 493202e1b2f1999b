"""A feed's state after the system clock was set: no poll is held, and no trouble told, for the length of the step.

In: a state, the step or the time now. Out: the state with other times.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import msgspec

from newsmon.clock import due_from, is_ahead
from newsmon.records import FeedState

PAST = (
    "polled_at", "last_success_at", "last_new_article_at", "forced_full_at", "last_gap_at", "gap_said_at", "moved_since", "recovered_at",
    "validators_lied_at",
)  # fmt: skip

Change = Callable[[datetime], datetime]


def set_right(state: FeedState, *, now: datetime) -> FeedState:
    """The state without times from the future, which a clock that was ahead has left; each wait is counted from now."""
    if not is_ahead(state.polled_at, now=now):
        return state
    set_at = state.polled_at
    return _with_times(state, past=lambda at: min(at, now), due=lambda at: due_from(at, set_at=set_at, now=now))


def moved_on(state: FeedState, by: timedelta) -> FeedState:
    """The state after the clock was set forward by `by` under a running producer, which has waited no longer for that."""
    return _with_times(state, past=lambda at: at + by, due=lambda at: at + by)


def _with_times(state: FeedState, *, past: Change, due: Change) -> FeedState:
    changes: dict[str, object] = {name: past(at) for name in PAST if (at := getattr(state, name)) is not None}
    changes["next_due_at"] = due(state.next_due_at)
    if state.trouble is not None:
        changes["trouble"] = msgspec.structs.replace(
            state.trouble, opened_at=past(state.trouble.opened_at), said_at=past(state.trouble.said_at)
        )  # fmt: skip
    if state.rhythm is not None:
        last = state.rhythm.last_arrival_at
        changes["rhythm"] = msgspec.structs.replace(state.rhythm, at=past(state.rhythm.at), last_arrival_at=last and past(last))
    changes["pages"] = tuple(msgspec.structs.replace(page, not_before=due(page.not_before)) for page in state.pages)
    if state.subscription is not None:
        until = state.subscription.lease_until
        pushed = state.subscription.pushed_at
        changes["subscription"] = msgspec.structs.replace(
            state.subscription, ask_at=due(state.subscription.ask_at), lease_until=until and due(until), pushed_at=pushed and past(pushed)
        )  # fmt: skip
    return msgspec.structs.replace(state, **changes)
