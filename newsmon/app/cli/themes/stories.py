"""`newsmon stories`: group articles into stories and find copies, offline, whatever theme they belong to."""

from __future__ import annotations

import json
import re
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

import click

from newsmon import ids
from newsmon.app.cli.options import words_option
from newsmon.records import Article, DateQuality, Match, Origin, Relation, Severity, StoryState
from newsmon.text.boilerplate import without_boilerplate
from newsmon.text.html import html_to_text
from newsmon.text.language import identify_language
from processors.stories.grouping import Bounds, Grouping

_THEME = "any"  # one grouping for everything: an item that matches no theme is grouped too
_NOW = datetime(2000, 1, 1, tzinfo=UTC)  # one moment for all items: a file has no "now", so nothing closes while it is read
_BOUNDS = Bounds(max_stories=200_000, max_members=500_000)
_MAX_LINE_BYTES = 8_000_000
_MARKUP = re.compile(r"</?[a-zA-Z][^<>]{0,400}>")
_RELATIONS = {
    Relation.OPENED: "new",
    Relation.CONTINUED: "continued",
    Relation.JOINED: "same_story",
    Relation.COPY: "copy",
    Relation.UPDATE: "update",
}


class _BadItem(ValueError):
    """The line is not an item. The message says why."""


@click.command(name="stories")
@click.option("--themes", "themes_dir", type=click.Path(path_type=Path), help="Check these theme files first. Grouping needs none.")
@words_option
def command(themes_dir: Path | None) -> None:
    """Read items as JSON lines from standard input and write the story of each, one line per item, in order.

    In: {id, title, text, lang?, published_at?, source?}. Out: {id, story_id, event_id, relation, copy_of?}. `relation` is new,
    continued (a further event of a story), same_story (another report of one event), copy, or update (a known id with a new text);
    `copy_of` is the id of the original. An invalid line gives {id, error} and exit code 1 at the end.
    """
    if themes_dir is not None:
        from processors.themes import load_themes  # compiles every pattern: only when asked for

        load_themes(themes_dir)
    sys.exit(group(sys.stdin.buffer, sys.stdout))


def group(lines: IO[bytes], out: IO[str]) -> int:
    """Group the items of `lines`; return the exit code, 1 if any line was invalid."""
    grouping = Grouping(bounds=_BOUNDS)
    original_ids: dict[str, Any] = {}
    failed = False
    for offset, raw in enumerate(iter(lambda: lines.readline(_MAX_LINE_BYTES + 1), b"")):
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
            state = grouping.decide(match, source_offset=offset)
            grouping.apply(state)
            answer = _answer(item["id"], state, original_ids)
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
    title, text = _words(item, "title"), _words(item, "text")
    if not title and not text:
        raise _BadItem("title, text: one of them must not be empty")
    source = _field(item, "source") or f"unnamed-{item_id}"
    language = _field(item, "lang") or identify_language(f"{title}\n{text}").code
    published_at = _instant(_field(item, "published_at"))
    article_id = ids.article_id_of_guid(_THEME, str(item_id))
    content = ids.content_hash(title, "", text)
    revision_id = ids.revision_id(article_id, content)
    article = Article(
        article_id=article_id,
        revision=1,
        revision_id=revision_id,
        content_hash=content,
        origin=Origin.REPLAY,
        feed_id=_THEME,
        source=source,
        tier=4,
        poll_seq=0,
        poll_id="",
        url=None,
        title=title,
        lead="",
        body=text,
        language=language,
        published_at=published_at,
        date_quality=DateQuality.STATED if published_at is not None else DateQuality.MISSING,
        first_seen_at=published_at or _NOW,
    )
    return Match(
        match_id=ids.match_id(revision_id, _THEME),
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


def _words(item: dict[str, Any], name: str) -> str:
    value = _field(item, name)
    return without_boilerplate(html_to_text(value) if _MARKUP.search(value) else value).strip()


def _instant(value: str) -> datetime | None:
    if not value:
        return None
    try:
        at = datetime.fromisoformat(value)
    except ValueError as error:
        raise _BadItem(f"published_at: not an ISO 8601 time: {value[:40]!r}") from error
    try:
        return at.astimezone(UTC) if at.tzinfo is not None else at.replace(tzinfo=UTC)
    except OverflowError as error:
        raise _BadItem(f"published_at: out of range: {value[:40]!r}") from error
