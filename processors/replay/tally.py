"""The result of a rehearsal: the alerts in order, what joined a story without one, and counts of everything.

In: decisions, in order. Out: `Tally`. Which messages a receiver gets of them is decided elsewhere.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime

from newsmon.records import Alert, AlertReason, Relation
from processors.replay.rehearsal import Decided

SHOWN_JOINED = 20  # articles that came after an alert, before the next one on the same story
AlertKey = tuple[str, int]  # alert, revision


@dataclass(frozen=True, slots=True)
class Joined:
    """An article that joined a story without an alert."""

    at: datetime
    source: str
    title: str
    relation: Relation
    reason: AlertReason


@dataclass(slots=True)
class Followers:
    """What joined a story between two alerts: the first few, and how many there were."""

    shown: list[Joined] = field(default_factory=list)
    count: int = 0


@dataclass(slots=True)
class Tally:
    """All alerts, closing ones included, and counts of every decision."""

    alerts: list[Alert] = field(default_factory=list)
    match_count: int = 0
    event_count: int = 0
    story_count: int = 0
    silent: Counter[AlertReason] = field(default_factory=Counter)  # matches without an alert, by reason
    _followers: dict[AlertKey, Followers] = field(default_factory=dict)
    _newest: dict[str, AlertKey] = field(default_factory=dict)  # by story

    def add(self, decided: Decided, *, is_counted: bool = True) -> None:
        """Keep the alerts of a decision and count it, unless it is from before the counted period."""
        if decided.is_repeat:
            return
        state = decided.state
        if is_counted:
            self.match_count += 1
            self.story_count += state.relation is Relation.OPENED
            self.event_count += state.relation in (Relation.OPENED, Relation.CONTINUED)
            if state.alert is None:
                self.silent[state.story.alert_decision] += 1
        for story in state.closed:
            self._newest.pop(story.story_id, None)
        if state.alert is None:
            self._join(decided)
        else:
            self._newest[state.story_id] = (state.alert.alert_id, state.alert.revision)
        self.alerts += [*state.closed_alerts, *(one for one in (state.alert, state.burst) if one is not None)]

    def followers(self, alert: Alert) -> Followers:
        """What joined the alert's story after it, before the next alert on the story."""
        return self._followers.get((alert.alert_id, alert.revision)) or Followers()

    def _join(self, decided: Decided) -> None:
        state, article = decided.state, decided.match.article
        newest = self._newest.get(state.story_id)
        if newest is None:
            return
        found = self._followers.setdefault(newest, Followers())
        found.count += 1
        if len(found.shown) < SHOWN_JOINED:
            found.shown.append(Joined(decided.match.matched_at, article.source, article.title, state.relation, state.story.alert_decision))
