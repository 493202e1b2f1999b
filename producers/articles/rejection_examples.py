"""A rejected entry in a few words, for the notice about it."""

from __future__ import annotations

import unicodedata

from producers.articles.draft import Draft
from producers.articles.entry_text import title_of
from producers.formats.entry import Entry
from producers.formats.plain_text import one_line

MAX_EXAMPLE_CHARS = 80


def example_of(entry: Entry, *, place: int) -> str:
    """The entry's title, or its guid or address without what may be a secret in it, or its place in the feed."""
    return shown(title_of(entry)) or shown((entry.guid or entry.link or "").partition("?")[0]) or f"entry {place}"


def example_of_draft(draft: Draft) -> str:
    return shown(draft.title)


def shown(text: str) -> str:
    """The text on one line, bounded, without characters that steer a terminal or hide."""
    visible = "".join(character if unicodedata.category(character)[0] != "C" else " " for character in text[: 4 * MAX_EXAMPLE_CHARS])
    line = one_line(visible)
    return line if len(line) <= MAX_EXAMPLE_CHARS else line[: MAX_EXAMPLE_CHARS - 1].rstrip() + "…"
