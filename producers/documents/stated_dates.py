"""Keeps every date that an RSS or Atom entry states.

feedparser has three places for dates: `pubDate` and `dcterms:issued` share one, `dc:date`, `updated` and `dcterms:modified` another, and
the last one written stays. An unreadable date would hide a readable one beside it. So its parsers note each date as its element ends.
"""

from __future__ import annotations

import re
from typing import Any
from xml.sax.saxutils import quoteattr

KEY = "newsmon_dates"
MAX_DATES = 8
MAX_DATE_CHARS = 1_000
# As feedparser names them: the prefix it knows a namespace by, and the name in lower case.
_DATE_ELEMENT = re.compile(
    r"(?:\w+_)?(?:published|updated|created|modified|issued|available|pubdate|(?:date|publication_?date|date_?published|publish_?date)(?:time)?)"
)


class NotesDates:
    """Mixed into feedparser's parsers: notes the dates of entries, with the markup inside them."""

    def unknown_starttag(self, tag: str, attributes: Any) -> None:
        super().unknown_starttag(tag, attributes)  # type: ignore[misc]
        if tag.rpartition(":")[2] != "time" or not self.elementstack or not _DATE_ELEMENT.fullmatch(self.elementstack[-1][0]):  # type: ignore[attr-defined]
            return
        stated = next((value for name, value in attributes if name.lower() == "datetime"), None)
        if stated:  # as it would be, had the program escaped it
            self.elementstack[-1][2].append(f"<time datetime={quoteattr(stated)}>")  # type: ignore[attr-defined]

    def pop(self, element: str, strip_whitespace: int = 1) -> Any:
        output = super().pop(element, strip_whitespace)  # type: ignore[misc]
        if output and _DATE_ELEMENT.fullmatch(element) and self.inentry and not self.insource:  # type: ignore[attr-defined]
            noted = self.entries[-1].setdefault(KEY, [])  # type: ignore[attr-defined]
            if isinstance(output, str) and len(noted) < MAX_DATES:
                noted.append(output[:MAX_DATE_CHARS])
        return output


def other_dates_of(raw: Any, published: str | None) -> tuple[str, ...]:
    """The dates of feedparser's entry besides `published`, in the order of the document."""
    return tuple(dict.fromkeys(one for one in raw.get(KEY) or () if one != published))
