"""The lines of `newsmon rehearse --json`: one for each article and theme it matched, and one for each burst and each story that closed."""

from __future__ import annotations

from typing import Any

from newsmon.records import Alert, StoryState
from processors.replay.rehearsal import Decided


class Rows:
    """Makes the lines. `by_line`: an archive's article is called by the id of its line, if that has one."""

    def __init__(self, *, by_line: bool) -> None:
        self._by_line = by_line
        self._names: dict[str, str] = {}  # of the articles that matched, by article id

    def of(self, decided: Decided) -> list[dict[str, Any]]:
        """The lines of one decision: stories that closed, the match itself, a burst."""
        match, state = decided.match, decided.state
        at = match.matched_at.isoformat()
        self._names[state.article_id] = match.article.guid if self._by_line and match.article.guid else state.article_id
        told = None if decided.is_repeat or state.alert is None else self._told(state.alert, _headline_article(state))
        row = {
            "at": at, "article_id": self._names[state.article_id], "theme": state.theme_id, "score": match.score,
            "story": state.event_id, "running": state.story_id, "relation": state.relation.value,
            "decision": state.story.alert_decision.value, "told": told,
        }  # fmt: skip
        if decided.is_repeat:
            return [row]
        bursts = () if state.burst is None else (state.burst,)
        return [*(self._without_article(at, one) for one in state.closed_alerts), row, *(self._without_article(at, one) for one in bursts)]

    def _without_article(self, at: str, alert: Alert) -> dict[str, Any]:
        return {
            "at": at, "article_id": None, "theme": alert.theme_id, "score": alert.score, "story": None,
            "running": alert.story_id, "relation": None, "decision": alert.reason.value, "told": self._told(alert, None),
        }  # fmt: skip

    def _told(self, alert: Alert, article_id: str | None) -> dict[str, Any]:
        return {
            "alert": alert.alert_id, "revision": alert.revision, "kind": alert.state.value, "reason": alert.reason.value,
            "severity": alert.severity.value, "title": alert.title, "article_id": None if article_id is None else self._names[article_id],
        }  # fmt: skip


def _headline_article(state: StoryState) -> str:
    """The article whose title the alert shows."""
    return state.article_id
