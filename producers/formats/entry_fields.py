"""Chooses an entry's title, lead and text among all texts of an RSS or Atom entry, and says which of them are plain text.

In: feedparser's entries. Out: texts as written. I/O: none.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from producers.formats.plain_text import has_html_references, is_markup

MAX_FIELD_CHARS = 500_000  # longer texts are cut: no article is a book
# Elements that nobody writes about and many write by mistake in a text said to be plain.
_MARKUP = re.compile(r"<br\s*/?>|</(?:p|div|li|h[1-6]|blockquote)\s*>|<(?:a\s+href|img\s[^<>]*src)\s*=", re.IGNORECASE)
_OTHER_TITLES = ("itunes_title", "dcterms_title", "news_title")
_OTHER_SUMMARIES = ("itunes_summary", "subtitle", "dcterms_abstract")


@dataclass(frozen=True, slots=True)
class Texts:
    """An entry's texts as written, and the names of those that are plain text."""

    title: str
    summary: str
    content: str
    plain: frozenset[str]


def texts_of(raw: Mapping[str, Any], *, is_atom: bool) -> Texts:
    """The texts of one entry. A description of a picture or film counts only where nothing else is told."""
    plain = set()
    title, title_detail = _title(raw)
    if title and is_atom and _is_plain(title_detail, title):
        plain.add("title")
    title = title or next((text for key in _OTHER_TITLES if (text := text_of(raw.get(key)))), "")
    captions = {text_of(one) for one in raw.get("newsmon_media") or ()}
    summary, summary_detail = text_of(raw.get("summary")), raw.get("summary_detail")
    if summary in captions and "newsmon_summary" in raw:
        summary, summary_detail = raw["newsmon_summary"]
    contents = [part for part in raw.get("content") or () if _is_text(part, captions)]
    content_detail = max(contents, key=_length, default=None)
    content = text_of(content_detail.get("value")) if content_detail is not None else ""
    if summary in captions and content:  # feedparser took the caption for the lead, and the lead for a content
        summary_detail = next((part for part in contents if part is not content_detail), None)
        summary = text_of(summary_detail.get("value")) if summary_detail is not None else ""
    summary = summary or next((text for key in _OTHER_SUMMARIES if (text := text_of(raw.get(key)))), "")
    detail = summary_detail if summary != content or content_detail is None else content_detail
    if content == summary:  # feedparser copies one into the other
        content = ""
    if is_atom and _is_plain(detail, summary) and not _MARKUP.search(summary):
        plain.add("summary")
        summary = summary.replace("&amp;", "&").replace("&quot;", '"')  # Blogger escapes what it shortens twice
    if is_atom and content and _is_plain(content_detail, content) and not _MARKUP.search(content):
        plain.add("content")
    return Texts(title, summary, content, frozenset(plain))


def _title(raw: Mapping[str, Any]) -> tuple[str, Any]:
    """The entry's own title, the one that stands least deep; else whatever feedparser took for one (dc:title, media:title)."""
    own = [(depth, detail) for depth, detail in raw.get("newsmon_titles") or () if text_of(detail.get("value"))]
    if own:
        detail = min(own, key=lambda one: one[0])[1]
        return text_of(detail.get("value")), detail
    return text_of(raw.get("title")), raw.get("title_detail")


def _is_plain(detail: Any, text: str) -> bool:
    """True where the feed says, or does not deny, that this very text is plain."""
    if not isinstance(detail, dict) or detail.get("type") != "text/plain" or text_of(detail.get("value")) != text:
        return False
    if detail.get("newsmon_untyped") and has_html_references(text):
        return False
    return not (detail.get("newsmon_escaped") and is_markup(text))


def _is_text(part: Any, captions: set[str]) -> bool:
    if not isinstance(part, dict) or text_of(part.get("value")) in captions:
        return False
    kind = str(part.get("type") or "text/html").lower()
    return kind.startswith("text/") or kind.endswith("xml")


def _length(part: Any) -> int:
    return len(text_of(part.get("value")))


def text_of(value: object) -> str:
    return value[:MAX_FIELD_CHARS] if isinstance(value, str) else ""
