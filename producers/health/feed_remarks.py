"""What newsmon has learned about a feed that its health does not say: a few words each, for the last column of `newsmon feeds list`."""

from __future__ import annotations

from datetime import datetime

from newsmon.records import EntryRejection, FeedState, RejectedEntries
from producers.answers.redirects import is_move_proposed
from producers.answers.validators import is_distrusted
from producers.health.rejection_notices import counted, is_lasting
from producers.identity.habits import what_changes


def remarks_of(state: FeedState | None, *, now: datetime) -> tuple[str, ...]:
    """The remarks, those that cost articles first."""
    if state is None:
        return ()
    changing = what_changes(state.links)
    remarks = [f"its {changing} change from poll to poll"] if changing else []
    remarks += [_rejection(one) for one in state.rejecting if is_lasting(one) and not one.clean_count]
    if is_distrusted(state, now=now):
        remarks.append('its "not modified" is not believed')
    if state.guids_repeat:
        remarks.append("guids repeat")
    if is_move_proposed(state, now=now):
        remarks.append("has moved")
    return tuple(remarks)


def _rejection(one: RejectedEntries) -> str:
    if one.reason is EntryRejection.CUT_OFF:
        return "is cut off in every poll"
    return f"rejects {counted(one)} in every poll ({one.reason.value})"
