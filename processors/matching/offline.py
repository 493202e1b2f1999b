"""Classifies items outside Kafka: a title and one text each, as in files and pipes.

In: an item (`title`, `text`, language if known) and the compiled themes. Out: `Answer` with spans into the text as given.

The first paragraph counts as the lead. Markup left in the text is blanked and boilerplate masked, character for character.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from newsmon.records import Evidence
from newsmon.text.boilerplate import boilerplate_spans
from newsmon.text.wrappers import cut_tag_start
from processors.matching.verdicts import Verdict, verdicts_of
from processors.search.scan import Scanned, lead_end, scan
from processors.themes.theme_set import ThemeSet

MAX_LINE_BYTES = 16_000_000
_MARKUP = re.compile(r"</?[a-zA-Z][^<>]{0,400}>|<!--.{0,2000}?-->", re.DOTALL)


class BadItem(ValueError):
    """The line is not an item; the message gives the reason."""


@dataclass(frozen=True, slots=True)
class Item:
    item_id: str | int
    title: str
    text: str
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """The themes' verdicts on one item; the `field` of evidence is title or text."""

    language: str
    verdicts: tuple[Verdict, ...]

    @property
    def labels(self) -> list[str]:
        return [one.theme_id for one in self.verdicts if one.matched]


def parsed(raw: bytes) -> dict[str, Any]:
    """The JSON object of a line. Raises BadItem."""
    if len(raw) > MAX_LINE_BYTES:
        raise BadItem(f"line longer than {MAX_LINE_BYTES} bytes")
    try:
        data = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise BadItem(f"not JSON: {error}") from error
    if not isinstance(data, dict):
        raise BadItem("not a JSON object")
    return data


def parse_item(raw: bytes) -> Item:
    """Read one JSON line. Raises BadItem; `item_id_of` may still find the id of such a line."""
    data = parsed(raw)
    item_id = required_id(data)
    title, text, language = (string_in(data, key) for key in ("title", "text", "lang"))
    for key in ("published_at", "source"):
        string_in(data, key)
    if not title.strip() and not text.strip():
        raise BadItem("title, text: one of them must contain words")
    return Item(item_id, title, text, language.split("-")[0].lower() or None)


def item_id_of(raw: bytes) -> str | int | None:
    """The id in a line that may not be an item, so that its error can name it."""
    try:
        data = json.loads(raw)
    except (ValueError, RecursionError):
        return None
    found = data.get("id") if isinstance(data, dict) else None
    return found if isinstance(found, str | int) and not isinstance(found, bool) else None


def required_id(data: Mapping[str, Any]) -> str | int:
    """The id of an item. Raises BadItem if it has none."""
    item_id = data.get("id")
    if not isinstance(item_id, str | int) or isinstance(item_id, bool) or item_id == "":
        raise BadItem("id: must be a string or a number")
    return item_id


def string_in(data: Mapping[str, Any], key: str) -> str:
    """The string that an item has under `key`, empty if it has none. Raises BadItem for anything else."""
    value = data.get(key)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise BadItem(f"{key}: must be a string")
    return value


def prepare(item: Item, language: str) -> tuple[Scanned, int]:
    """The item in searchable form, and the end of its lead."""
    title, text = _without_markup(item.title), _without_markup(item.text)
    cut = lead_end(text)
    base = len(title) + 2
    masked = []
    for span in boilerplate_spans(text, None if language == "und" else language):
        if span.start < cut:
            masked.append((base + span.start, base + min(span.end, cut)))
        if span.end > cut:
            masked.append((base + 2 + max(span.start, cut), base + 2 + span.end))
    return scan(title, text[:cut], text[cut:], masked), cut


def _without_markup(text: str) -> str:
    if "<" not in text:
        return text
    end = cut_tag_start(text)
    return _MARKUP.sub(lambda tag: " " * len(tag[0]), text[:end]) + " " * (len(text) - end)


def answer_item(item: Item, themes: ThemeSet, identify: Callable[[str], str]) -> Answer:
    """Every theme's verdict, with evidence in the item's own title and text; `identify` finds the language when none is given."""
    language = item.language or identify(f"{item.title}\n{item.text[:1000]}")
    scanned, cut = prepare(item, language)
    given = verdicts_of(scanned, themes, language)
    return Answer(language, tuple(_relocated(one, item, cut) for one in given))


def _relocated(verdict: Verdict, item: Item, cut: int) -> Verdict:
    parts = []
    for part in verdict.evidence:
        shift = cut if part.field == "body" else 0
        field = "title" if part.field == "title" else "text"
        start, end = part.start + shift, part.end + shift
        source = item.title if field == "title" else item.text
        parts.append(
            Evidence(clause=part.clause, field=field, start=start, end=end, text=source[start:end], contribution=part.contribution)
        )
    return replace(verdict, evidence=tuple(parts))
