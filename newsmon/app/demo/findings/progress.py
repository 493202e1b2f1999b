"""Decides when the demo is over: every feed polled, everything processed through to delivery, and nothing moving."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

POLLS_WANTED = 2
STALLED_S = 120.0  # without progress for this long, the demo gives up
SETTLE_S = 4.0  # unchanged this long with all expected alerts delivered
SETTLE_MISSING_S = 30.0  # ... and with some missing: a slow machine gets more time


class Wait(StrEnum):
    """The step that the demo is waiting for."""

    STARTING = "starting"
    POLLING = "polling feeds"
    CLASSIFYING = "classifying"
    GROUPING = "grouping into stories"
    DELIVERING = "delivering"
    SETTLING = "waiting for things to settle"
    QUIET = "done"


@dataclass(frozen=True, slots=True)
class Flow:
    """The progress of every step, counted in the database."""

    polls: Mapping[str, int]  # finished polls by feed
    good_polls: Mapping[str, int]  # of these, the ones that brought or confirmed content
    read_polls: Mapping[str, int]  # of these, the ones that brought another text than the poll before
    published: int = 0  # new + revised over all polls
    sightings: int = 0
    classified: int = 0
    themes_named: int = 0  # by distinct match
    matches: int = 0
    members: int = 0
    alerts: int = 0  # alert revisions
    fanned_out: int = 0
    unfinished: int = 0  # outbox rows pending or held
    delivered: int = 0

    @property
    def moved(self) -> tuple[int, ...]:
        """Counts that change while there is work to do. Polls that bring nothing new are not among them."""
        counted = (self.published, self.sightings, self.classified, self.themes_named, self.matches, self.members)
        return (*counted, self.alerts, self.fanned_out, self.unfinished, self.delivered)

    @property
    def progress(self) -> tuple[int, ...]:
        """`moved`, and polls up to the number wanted: a machine that is merely slow still changes these."""
        return (*self.moved, len(self.polls), *(min(count, POLLS_WANTED) for _feed, count in sorted(self.good_polls.items())))


@dataclass(frozen=True, slots=True)
class Needs:
    """The polls that the producer must finish before the demo may end."""

    feeds: frozenset[str]
    good_polls: Mapping[str, int]  # wanted by feed; a feed that never answers well is not in it
    read_polls: Mapping[str, int]  # wanted by feed; both versions of those that have two


def waiting_for(flow: Flow | None, needs: Needs, *, unchanged_s: float, alerts_complete: bool) -> Wait:
    """The step that is still unfinished; QUIET if none is."""
    if flow is None:
        return Wait.STARTING
    polled = all(flow.polls.get(feed, 0) >= POLLS_WANTED for feed in needs.feeds)
    if not polled or _short(flow.good_polls, needs.good_polls) or _short(flow.read_polls, needs.read_polls):
        return Wait.POLLING
    if flow.sightings < flow.published or flow.classified < flow.sightings:
        return Wait.CLASSIFYING
    if flow.matches < flow.themes_named or flow.members < flow.matches:
        return Wait.GROUPING
    if flow.fanned_out < flow.alerts or flow.unfinished:
        return Wait.DELIVERING
    return Wait.QUIET if unchanged_s >= (SETTLE_S if alerts_complete else SETTLE_MISSING_S) else Wait.SETTLING


def _short(counts: Mapping[str, int], wanted: Mapping[str, int]) -> bool:
    return any(counts.get(feed, 0) < number for feed, number in wanted.items())
