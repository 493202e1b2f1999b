"""Chooses an entry's title, lead and text among all texts of an RSS or Atom entry, and says which of them are plain text.

In: feedparser's entries. Out: texts as written. I/O: none.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

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
    title = text_of(raw.get("title"))
    if title and is_atom and _is_plain(raw.get("title_detail"), title):
        plain.add("title")
    title = title or next((text for key in _OTHER_TITLES if (text := text_of(raw.get(key)))), "")
    captions = {text_of(one) for one in raw.get("newsmon_media") or ()}
    summary = text_of(raw.get("summary"))
    content_detail = max((part for part in raw.get("content") or () if _is_text(part, captions)), key=_length, default=None)
    content = text_of(content_detail.get("value")) if content_detail is not None else ""
    if summary in captions and content:
        summary = ""
    summary = summary or next((text for key in _OTHER_SUMMARIES if (text := text_of(raw.get(key)))), "")
    detail = raw.get("summary_detail") if summary != content or content_detail is None else content_detail
    if content == summary:  # feedparser copies one into the other
        content = ""
    if is_atom and _is_plain(detail, summary) and not _MARKUP.search(summary):
        plain.add("summary")
    if is_atom and content and _is_plain(content_detail, content) and not _MARKUP.search(content):
        plain.add("content")
    return Texts(title, summary, content, frozenset(plain))


def _is_plain(detail: Any, text: str) -> bool:
    """True where the feed says, or does not deny, that this very text is plain."""
    return isinstance(detail, dict) and detail.get("type") == "text/plain" and text_of(detail.get("value")) == text


def _is_text(part: Any, captions: set[str]) -> bool:
    if not isinstance(part, dict) or text_of(part.get("value")) in captions:
        return False
    kind = str(part.get("type") or "text/html").lower()
    return kind.startswith("text/") or kind.endswith("xml")


def _length(part: Any) -> int:
    return len(text_of(part.get("value")))


def text_of(value: object) -> str:
    return value[:MAX_FIELD_CHARS] if isinstance(value, str) else ""
