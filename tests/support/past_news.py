"""A week of invented news as lines of an archive: three shipped themes, copies, reports in other words, revisions, old and undated items.

In: nothing. Out: the same texts every time, in the order they were first seen, from nine days ago on. Places, outlets and figures are
made up.
"""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import Any

from support.made_up_events import MONTHS, made_up_place

BEGAN = timedelta(days=9)  # before now: counts of words that are much older are deleted
OUTLETS = ("Example Wire", "Kestrel Post", "Harbour Gazette", "Meridian Daily", "Northern Ledger", "Larnholm Times")
REPORTS = (
    (
        "{place} ministers agreed to send a peacekeeping force of {n} troops to Ukraine after a ceasefire",
        "The government of {place} said on {day} that its {n} soldiers would watch the ceasefire line for two years.",
        "Troops from {place} are to keep the peace in Ukraine",
        "{place} promises {n} soldiers for a peacekeeping force in Ukraine once a ceasefire holds, its prime minister told parliament.",
        "Parliament of {place} votes against the peacekeeping force for Ukraine",
    ),
    (
        "The United States will raise tariffs on {place} steel imports to {p} per cent from {month}",
        "The White House announced tariffs of {p} per cent on steel from {place}, effective in {month}.",
        "Trump puts {p} per cent tariffs on steel from {place}",
        "Steelmakers in {place} expect losses after the United States announced {p} per cent tariffs on their exports.",
        "{place} answers US steel tariffs with duties of its own on American whiskey",
    ),
    (
        "{place} will lift defence spending to {q} per cent of GDP by {year}, the defence ministry said",
        "The defence ministry of {place} said the budget would rise to {q} per cent of GDP by {year}.",
        "Defence budget of {place} to reach {q} per cent of GDP",
        "{place} plans to spend {q} per cent of its gross domestic product on defence by {year}.",
        "Lawmakers in {place} halve the planned rise of defence spending",
    ),
)
EVERYDAY = ("opens a library", "wins the regional cup", "repairs its harbour wall", "elects a new mayor", "holds its spring fair")


def lines(event_count: int = 9) -> list[dict[str, Any]]:
    """The archive's lines: eight for each event, and everyday news between them."""
    chance = random.Random(20261116)
    begin = datetime.now(UTC).replace(hour=6, minute=0, second=0, microsecond=0) - BEGAN
    found: list[tuple[datetime, dict[str, Any]]] = []
    for number in range(event_count):
        at = begin + timedelta(hours=16 * number, minutes=chance.randrange(60))
        found += _event(number, at, chance)
        for other in range(2):
            town = made_up_place(chance, 3)
            title = f"{town} {EVERYDAY[(number + other) % len(EVERYDAY)]}"
            found.append(
                _line(f"town-{number}-{other}", at + timedelta(minutes=7 + other), title, f"People in {town} were glad.", OUTLETS[other])
            )
    return [line for _at, line in sorted(found, key=lambda one: (one[0], one[1]["id"]))]


def _event(number: int, at: datetime, chance: random.Random) -> list[tuple[datetime, dict[str, Any]]]:
    words = {
        "place": made_up_place(chance, 3), "n": f"{chance.randrange(2, 60) * 100:,}", "p": chance.randrange(11, 90),
        "q": f"{chance.randrange(21, 49) / 10}", "month": chance.choice(MONTHS), "year": 2028 + number % 5, "day": "Tuesday",
    }  # fmt: skip
    title, lead, title_2, lead_2, later = (text.format(**words) for text in REPORTS[number % 3])
    elsewhere = REPORTS[number % 3][0].format(**words | {"place": made_up_place(chance, 4), "n": "1,234", "p": 7, "q": "1.7"})
    hour = timedelta(hours=1)
    return [
        _line(f"{number}-first", at, title, lead, OUTLETS[0]),
        _line(f"{number}-copy", at + hour / 4, title, lead, OUTLETS[1]),
        _line(f"{number}-words", at + hour, title_2, lead_2, OUTLETS[2]),
        _line(f"{number}-again", at + 2 * hour, f"{title_2}, ministry says", f"{lead_2} {lead}", OUTLETS[3 + number % 3]),
        _line(f"{number}-revised", at + 3 * hour, title, f"{lead} {lead_2}", OUTLETS[0], url=_url(f"{number}-first")),
        _line(f"{number}-later", at + 26 * hour, later, f"{later}, a day after it was announced.", OUTLETS[4]),
        _line(f"{number}-old", at + 27 * hour, elsewhere, "It was the first time.", OUTLETS[5], published_at=at - 70 * hour),
        _line(f"{number}-undated", at + 28 * hour, f"{title}: what we know", lead_2, OUTLETS[3], published_at=None),
    ]


def _url(name: str) -> str:
    return f"https://press.example/{name}"


def _line(name: str, at: datetime, title: str, text: str, source: str, **given: Any) -> tuple[datetime, dict[str, Any]]:
    published_at = given.get("published_at", at - timedelta(minutes=4))
    return at, {
        "id": name, "title": title, "text": text, "source": source, "url": given.get("url", _url(name)),
        "published_at": None if published_at is None else published_at.isoformat(), "first_seen_at": at.isoformat(),
    }  # fmt: skip
