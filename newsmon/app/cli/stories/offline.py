"""Groups articles given as JSON lines into stories and finds copies, offline, whatever theme they belong to (`newsmon stories`)."""

from __future__ import annotations

import json
from functools import partial
from typing import IO, Any

from newsmon import ids
from newsmon.app.cli.themes.items import UNDATED_AT, article_of_item
from newsmon.records import Match, Relation, Severity, StoryState
from processors.matching.offline import MAX_LINE_BYTES, BadItem, parsed
from processors.replay.rehearsal import PastMatches
from processors.stories.closing import Bounds
from processors.stories.grouping import Grouping

_THEME = "any"  # one grouping for everything: an item that matches no theme is grouped too
_BOUNDS = Bounds(max_stories=200_000, max_members=500_000)
_RELATIONS = {
    Relation.OPENED: "new",
    Relation.CONTINUED: "continued",
    Relation.JOINED: "same_story",
    Relation.COPY: "copy",
    Relation.UPDATE: "update",
}


def group(lines: IO[bytes], out: IO[str]) -> int:
    """Group the items of `lines`; return the exit code, 1 if any line was invalid."""
    past = PastMatches(partial(Grouping, bounds=_BOUNDS))
    original_ids: dict[str, Any] = {}
    failed = False
    for raw in iter(lambda: lines.readline(MAX_LINE_BYTES + 1), b""):
        if not raw.strip():
            continue
        item: dict[str, Any] | None = None
        try:
            item = parsed(raw)
            match = match_of_item(item)
        except BadItem as error:
            failed = True
            answer = {"id": item.get("id") if item is not None else None, "error": str(error)}
        else:
            original_ids.setdefault(match.article.article_id, item["id"])
            answer = _answer(item["id"], past.decide(match).state, original_ids)
        out.write(json.dumps(answer) + "\n")
        out.flush()
    return 1 if failed else 0


def _answer(item_id: Any, state: StoryState, original_ids: dict[str, Any]) -> dict[str, Any]:
    answer = {"id": item_id, "story_id": state.story_id, "event_id": state.event_id, "relation": _RELATIONS[state.relation]}
    return answer if state.copy_of is None else answer | {"copy_of": original_ids[state.copy_of]}


def match_of_item(item: Any) -> Match:
    """Return the item as a match of the catch-all theme. All items match at one moment, so nothing closes while a file is read."""
    article = article_of_item(item)
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
        matched_at=UNDATED_AT,
        article=article,
    )
