"""What a person would have received: the messages of a rehearsal, and what came without one.

In: decisions, in order. Out: `Inbox`: messages, each with what joined its story in silence afterwards, and counts.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime

from newsmon.records import Alert, AlertReason, AlertState, Relation, Severity
from processors.replay.rehearsal import Decided

SHOWN_JOINED = 20  # articles that came after a message, before the next one on the same story


@dataclass(frozen=True, slots=True)
class Joined:
    """An article that joined a story without a message."""

    at: datetime
    source: str
    title: str
    relation: Relation
    reason: AlertReason


@dataclass(slots=True)
class Message:
    """An alert as it was sent, and what joined its story from then until the next message on it."""

    alert: Alert
    joined: list[Joined] = field(default_factory=list)
    joined_count: int = 0


@dataclass(slots=True)
class Inbox:
    """All messages in order, and the counts of everything that was decided."""

    messages: list[Message] = field(default_factory=list)
    match_count: int = 0
    story_count: int = 0
    silent: Counter[AlertReason] = field(default_factory=Counter)  # matches without a message, by reason
    _newest: dict[str, Message] = field(default_factory=dict)  # by story

    def add(self, decided: Decided) -> None:
        """Count a decision, and keep its messages."""
        if decided.is_repeat:
            return
        state = decided.state
        self.match_count += 1
        self.story_count += state.story.revision == 1
        for story in state.closed:
            self._newest.pop(story.story_id, None)
        if state.alert is None:
            self._join(decided)
        for alert in (state.alert, state.burst):
            if alert is not None and alert.state is not AlertState.CLOSED:
                message = Message(alert)
                self.messages.append(message)
                self._newest[alert.story_id] = message

    def _join(self, decided: Decided) -> None:
        state, article = decided.state, decided.match.article
        reason = state.story.alert_decision
        self.silent[reason] += 1
        message = self._newest.get(state.story_id)
        if message is None:
            return
        message.joined_count += 1
        if len(message.joined) < SHOWN_JOINED:
            message.joined.append(Joined(decided.match.matched_at, article.source, article.title, state.relation, reason))

    def counts(self) -> dict[tuple[date, str], Counter[Severity]]:
        """Messages by day, theme and severity, in the order of days and themes."""
        found: dict[tuple[date, str], Counter[Severity]] = {}
        for message in self.messages:
            found.setdefault((message.alert.raised_at.date(), message.alert.theme_id), Counter())[message.alert.severity] += 1
        return dict(sorted(found.items()))
