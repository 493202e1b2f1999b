"""An entry's texts as plain text without boilerplate: title, lead and body."""

from __future__ import annotations

import re

from newsmon import ids
from newsmon.text import html_to_text, without_boilerplate
from producers.formats.entry import Entry
from producers.formats.plain_text import printable

MAX_LEAD_CHARS = 20_000
MAX_BODY_CHARS = 200_000


def lead_and_body(entry: Entry) -> tuple[str, str]:
    """Lead and body without overlap: a summary that only repeats the start of the text is replaced by its first paragraph."""
    lead = without_boilerplate(plain(entry.summary)).strip()[:MAX_LEAD_CHARS]
    body = without_boilerplate(plain(entry.content)).strip()[:MAX_BODY_CHARS]
    if body and (not lead or _is_start_of(lead, body)):
        lead, _, body = body.partition("\n")
        if len(lead) > MAX_LEAD_CHARS:  # a text without paragraphs
            lead, body = lead[:MAX_LEAD_CHARS], f"{lead[MAX_LEAD_CHARS:]}\n{body}"
    return lead.strip(), body.strip()


def _is_start_of(lead: str, body: str) -> bool:
    begin = ids.normalised(lead).rstrip(".… []")
    return bool(begin) and ids.normalised(body).startswith(begin)


def plain(html: str) -> str:
    return printable(html_to_text(html)) if html else ""


def first_words(text: str) -> str:
    """A title for an entry without one: its first sentence, or its first words."""
    first = text.split("\n", 1)[0].strip()
    sentence = re.split(r"(?<=[.!?…])\s", first, maxsplit=1)[0]
    return sentence if len(sentence) <= 200 else sentence[:200].rsplit(" ", 1)[0] + "…"
