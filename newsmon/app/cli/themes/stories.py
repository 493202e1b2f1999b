"""Groups articles given as JSON lines into stories and finds copies, offline, whatever theme they belong to (`newsmon stories`)."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from functools import partial
from typing import IO, Any

from newsmon import ids
from newsmon.records import EntryRejection, Match, Relation, Severity, StoryState
from processors.replay.rehearsal import PastMatches
from processors.stories.grouping import Bounds, Grouping
from producers.articles.archive_lines import Line, Refusal, draft_of_line
from producers.articles.past_articles import past_article, unknown_feed

_THEME = "any"  # one grouping for everything: an item that matches no theme is grouped too
_NOW = datetime(2000, 1, 1, tzinfo=UTC)  # one moment for all items: a file has no "now", so nothing closes while it is read
_BOUNDS = Bounds(max_stories=200_000, max_members=500_000)
_MAX_LINE_BYTES = 8_000_000
_RELATIONS = {
    Relation.OPENED: "new",
    Relation.CONTINUED: "continued",
    Relation.JOINED: "same_story",
    Relation.COPY: "copy",
    Relation.UPDATE: "update",
}


class _BadItem(ValueError):
    """The line is not an item. The message says why."""


def group(lines: IO[bytes], out: IO[str]) -> int:
    """Group the items of `lines`; return the exit code, 1 if any line was invalid."""
    past = PastMatches(partial(Grouping, bounds=_BOUNDS))
    original_ids: dict[str, Any] = {}
    failed = False
    for raw in iter(lambda: lines.readline(_MAX_LINE_BYTES + 1), b""):
        if not raw.strip():
            continue
        item: Any = None
        try:
            item = _parsed(raw)
            match = match_of_item(item)
        except _BadItem as error:
            failed = True
            answer = {"id": item.get("id") if isinstance(item, dict) else None, "error": str(error)}
        else:
            original_ids.setdefault(match.article.article_id, item["id"])
            answer = _answer(item["id"], past.decide(match).state, original_ids)
        out.write(json.dumps(answer) + "\n")
        out.flush()
    return 1 if failed else 0


def _answer(item_id: Any, state: StoryState, original_ids: dict[str, Any]) -> dict[str, Any]:
    answer = {"id": item_id, "story_id": state.story_id, "event_id": state.event_id, "relation": _RELATIONS[state.relation]}
    return answer if state.copy_of is None else answer | {"copy_of": original_ids[state.copy_of]}


def _parsed(raw: bytes) -> Any:
    if len(raw) > _MAX_LINE_BYTES:
        raise _BadItem(f"line longer than {_MAX_LINE_BYTES} bytes")
    try:
        return json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise _BadItem(f"not JSON: {error}") from error


def match_of_item(item: Any) -> Match:
    """Return the item as a match of the catch-all theme."""
    if not isinstance(item, dict):
        raise _BadItem("not a JSON object")
    item_id = item.get("id")
    if not isinstance(item_id, str | int) or isinstance(item_id, bool) or item_id == "":
        raise _BadItem("id: must be a string or a number")
    line = Line(
        title=_field(item, "title"), text=_field(item, "text"), id=str(item_id), lang=_field(item, "lang") or None,
        published_at=_field(item, "published_at") or None, source=_field(item, "source") or f"unnamed-{item_id}",
    )  # fmt: skip
    at = _instant(line.published_at) if line.published_at is not None else _NOW
    feed = unknown_feed("")
    draft = draft_of_line(line, feed, at)
    if isinstance(draft, Refusal):
        raise _BadItem("title, text: one of them must not be empty" if draft.reason is EntryRejection.NO_TEXT else draft.why)
    article = past_article(draft, line, feed, revision=1, at=at, number=0)
    return Match(
        match_id=ids.match_id(article.revision_id, _THEME),
        theme_id=_THEME,
        theme_label="",
        theme_version="",
        generation="",
        score=1.0,
        threshold=0.0,
        severity=Severity.NOTICE,
        evidence=(),
        matched_at=_NOW,
        article=article,
    )


def _field(item: dict[str, Any], name: str) -> str:
    value = item.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise _BadItem(f"{name}: must be a string")
    return value.encode("utf-8", "replace").decode()


def _instant(value: str) -> datetime:
    try:
        at = datetime.fromisoformat(value)
    except ValueError as error:
        raise _BadItem(f"published_at: not an ISO 8601 time: {value[:40]!r}") from error
    try:
        return at.astimezone(UTC) if at.tzinfo is not None else at.replace(tzinfo=UTC)
    except OverflowError as error:
        raise _BadItem(f"published_at: out of range: {value[:40]!r}") from error
