"""The longest message each chat service takes, and the unit it counts in.

Our own figures where Apprise's differ from the service's (Slack refuses a section above 3,000 characters, ntfy counts bytes, Teams
counts the whole card after its own expansion), Apprise's for all other services. Sources: each service's documentation as of
mid-2026; for Teams, a message of 24,453 bytes that it counted as 28,897 of 28,672 allowed.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum

from sinks.message.chat_markup import Markup, markup_of


class Measure(StrEnum):
    """The unit in which a service counts."""

    CHARACTERS = "characters"  # code points
    UTF16 = "utf16"  # as JavaScript and Java count; a line break may be sent as two
    UTF8 = "utf8"  # bytes
    ESCAPED = "escaped"  # code points once &, < and > are written as entities
    CARD = "card"  # bytes of ASCII JSON


MEASURES: dict[Measure, Callable[[str], int]] = {
    Measure.CHARACTERS: len,
    Measure.UTF16: lambda text: len(text.encode("utf-16-le", "surrogatepass")) // 2 + text.count("\n"),
    Measure.UTF8: lambda text: len(text.encode("utf-8", "surrogatepass")),
    Measure.ESCAPED: lambda text: len(text) + 4 * text.count("&") + 3 * (text.count("<") + text.count(">")),
    Measure.CARD: lambda text: len(json.dumps(text)) - 2,
}


@dataclass(frozen=True, slots=True)
class ChatLimits:
    """The limits of one service, counted in texts as they are sent: in its markup.

    `title` 0: the title goes at the start of the text. `lines` 0: any number. `beside`: only the title counts, the text is sent whole
    in its own field. `incidents`: the service keeps one incident per key, open until a message closes it.
    """

    body: int
    title: int
    measure: Measure = Measure.UTF16
    lines: int = 0
    beside: bool = False
    incidents: bool = False
    markup: Markup = Markup.PLAIN

    def size(self, text: str) -> int:
        return MEASURES[self.measure](text)


# By Apprise's schema. PagerDuty's 1,024 are for the summary; the text is sent whole next to it (details: 512,000 bytes).
OURS: dict[str, ChatLimits] = {
    "discord": ChatLimits(2_000, 0),
    "mailto": ChatLimits(1_000_000, 250),
    "mailtos": ChatLimits(1_000_000, 250),
    "mmost": ChatLimits(16_000, 0),
    "mmosts": ChatLimits(16_000, 0),
    "ntfy": ChatLimits(4_096, 200, Measure.UTF8),
    "ntfys": ChatLimits(4_096, 200, Measure.UTF8),
    "opsgenie": ChatLimits(15_000, 130),
    "pagerduty": ChatLimits(1_024, 0, beside=True),
    "pover": ChatLimits(1_024, 250, Measure.CHARACTERS),
    "slack": ChatLimits(3_000, 150, Measure.ESCAPED),
    "tgram": ChatLimits(4_096, 0),
    "workflow": ChatLimits(18_000, 500, Measure.CARD),
    "workflows": ChatLimits(18_000, 500, Measure.CARD),
}
LEAST_BODY = 60  # with less, a numbered part has no room for text


def limits_of(schema: str, *, body: int, title: int, lines: int, incidents: bool = False, declared: str = "text") -> ChatLimits:
    """The limits of a service, given Apprise's own figures for it; `declared` is the format in which Apprise sends."""
    ours = OURS.get(schema) or ChatLimits(max(LEAST_BODY, body), max(0, title))
    return replace(ours, lines=lines, incidents=incidents, markup=markup_of(schema, declared))
