"""An entry's texts as plain text without boilerplate: title, lead and body."""

from __future__ import annotations

import re

from newsmon import ids
from newsmon.text import html_to_text, plain_to_text, without_boilerplate, without_counters
from producers.formats.entry import Entry
from producers.formats.plain_text import one_line, printable

MAX_LEAD_CHARS = 20_000
MAX_BODY_CHARS = 200_000


def lead_and_body(entry: Entry) -> tuple[str, str]:
    """Lead and body without overlap: a summary that only repeats the start of the text is replaced by its first paragraph."""
    lead = _cleaned(_text(entry.summary, is_plain="summary" in entry.plain)).strip()[:MAX_LEAD_CHARS]
    body = _cleaned(_text(entry.content, is_plain="content" in entry.plain)).strip()[:MAX_BODY_CHARS]
    if body and (not lead or _is_start_of(lead, body)):
        lead, _, body = body.partition("\n")
        if len(lead) > MAX_LEAD_CHARS:  # a text without paragraphs
            lead, body = lead[:MAX_LEAD_CHARS], f"{lead[MAX_LEAD_CHARS:]}\n{body}"
    return lead.strip(), body.strip()


def _is_start_of(lead: str, body: str) -> bool:
    begin = ids.normalised(lead).rstrip(".… []")
    return bool(begin) and ids.normalised(body).startswith(begin)


def _cleaned(text: str) -> str:
    return without_counters(without_boilerplate(text))


def title_of(entry: Entry) -> str:
    """The title on one line."""
    text = plain_to_text(entry.title) if "title" in entry.plain else html_to_text(entry.title, is_headline=True)
    title = one_line(printable(text))
    return without_counters(title) or title


def plain(html: str) -> str:
    """The text of a piece of HTML."""
    return _text(html, is_plain=False)


def _text(text: str, *, is_plain: bool) -> str:
    return printable(plain_to_text(text) if is_plain else html_to_text(text)) if text else ""


def first_words(text: str) -> str:
    """A title for an entry without one: its first sentence, or its first words."""
    first = text.split("\n", 1)[0].strip()
    sentence = re.split(r"(?<=[.!?…])\s", first, maxsplit=1)[0]
    return sentence if len(sentence) <= 200 else sentence[:200].rsplit(" ", 1)[0] + "…"
