"""The lines of `newsmon rehearse --json`: one for each article and theme it matched, and one for each burst and each story that closed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from newsmon.records import Alert
from processors.replay.rehearsal import Decided
from processors.replay.tally import AlertKey
from sinks.policy.inbox import Message


class Rows:
    """Collects the lines; which alerts became messages is known only at the end. `by_line`: name articles by the id of their line."""

    def __init__(self, *, by_line: bool) -> None:
        self._by_line = by_line
        self._names: dict[str, str] = {}  # of the articles that matched, by article id
        self._rows: list[tuple[Alert | None, dict[str, Any]]] = []

    def add(self, decided: Decided, *, is_shown: bool) -> None:
        """Remember one decision: stories that closed, the match itself, a burst."""
        match, state = decided.match, decided.state
        self._names[state.article_id] = match.article.guid if self._by_line and match.article.guid else state.article_id
        if not is_shown:
            return
        at = match.matched_at.isoformat()
        row = {
            "at": at, "article_id": self._names[state.article_id], "theme": state.theme_id, "score": match.score,
            "story": state.event_id, "running": state.story_id, "relation": state.relation.value,
            "decision": state.story.alert_decision.value,
        }  # fmt: skip
        if decided.is_repeat:
            self._rows.append((None, row | {"repeat": True}))
            return
        self._rows += [(alert, _without_article(at, alert)) for alert in state.closed_alerts]
        self._rows.append((state.alert, row))
        if state.burst is not None:
            self._rows.append((state.burst, _without_article(at, state.burst)))

    def lines(self, messages: Iterable[Message]) -> Iterator[dict[str, Any]]:
        """The lines in the order decided, each with the message that its alert led or went out in."""
        leader_of = {_key(alert): _key(message.alerts[0]) for message in messages for alert in message.alerts}
        for alert, row in self._rows:
            leader = None if alert is None else leader_of.get(_key(alert))
            if alert is None or leader is None:
                yield row | {"told": None}
            elif leader == _key(alert):
                yield row | {"told": self._told(alert)}
            else:
                yield row | {"told": None, "travels": self._told(alert) | {"with": leader[0], "with_revision": leader[1]}}

    def _told(self, alert: Alert) -> dict[str, Any]:
        headline = alert.articles[0].article_id if alert.event is not None else None  # a burst's headline is no article's
        return {
            "alert": alert.alert_id, "revision": alert.revision, "kind": alert.state.value, "reason": alert.reason.value,
            "severity": alert.severity.value, "title": alert.title, "article_id": None if headline is None else self._names[headline],
        }  # fmt: skip


def _without_article(at: str, alert: Alert) -> dict[str, Any]:
    return {
        "at": at, "article_id": None, "theme": alert.theme_id, "score": alert.score, "story": None, "running": alert.story_id,
        "relation": None, "decision": alert.reason.value,
    }  # fmt: skip


def _key(alert: Alert) -> AlertKey:
    return alert.alert_id, alert.revision
