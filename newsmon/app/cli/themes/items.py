"""Items of files and pipes as articles: cleaned, dated and divided as the producer does with what a feed shows.

In: an item, as JSON gives it: {id, title, text, lang?, published_at?, source?}. Out: an `Article`, or BadItem with the reason.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from newsmon.records import Article, EntryRejection
from processors.matching.offline import BadItem, required_id, string_in
from producers.articles.archive_lines import Line, Refusal, draft_of_line
from producers.articles.past_articles import past_article, unknown_feed

UNDATED_AT = datetime(2000, 1, 1, tzinfo=UTC)  # when an item without a date is first seen: a file has no "now"


def article_of_item(item: Any) -> Article:
    """The item as live news of its own time, from a source of its own if it names none."""
    if not isinstance(item, dict):
        raise BadItem("not a JSON object")
    item_id = required_id(item)
    title, text, language, published_at, source = (_field(item, name) for name in ("title", "text", "lang", "published_at", "source"))
    line = Line(
        title=title, text=text, id=str(item_id), lang=language.split("-")[0].lower() or None, published_at=published_at or None,
        source=source or f"unnamed-{item_id}",
    )  # fmt: skip
    at = _instant(published_at) if published_at else UNDATED_AT
    feed = unknown_feed("")
    draft = draft_of_line(line, feed, at)
    if isinstance(draft, Refusal):
        raise BadItem("title, text: one of them must contain words" if draft.reason is EntryRejection.NO_TEXT else draft.why)
    return past_article(draft, line, feed, revision=1, at=at, number=0)


def _field(item: dict[str, Any], name: str) -> str:
    return string_in(item, name).encode("utf-8", "replace").decode()


def _instant(value: str) -> datetime:
    try:
        at = datetime.fromisoformat(value)
    except ValueError as error:
        raise BadItem(f"published_at: not an ISO 8601 time: {value[:40]!r}") from error
    try:
        return at.astimezone(UTC) if at.tzinfo is not None else at.replace(tzinfo=UTC)
    except OverflowError as error:
        raise BadItem(f"published_at: out of range: {value[:40]!r}") from error
