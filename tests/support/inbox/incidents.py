"""Made-up reports that have nothing to do with each other, as many as asked for, and matches of any reports.

In: a seed, times. Out: `Match`es of the theme `ships`, with evidence and traits as the classifying stage gives them.
Names, places and figures differ from report to report. `incidents` share the words of the theme, `everyday` news does not.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache

import msgspec

from newsmon import ids
from newsmon.records import Match, Traits
from processors.features.of_article import features_of
from processors.features.sketch import sketch_of
from processors.likeness.traits import stamped_traits
from processors.matching.classify import classify_article
from processors.rarity.shares import KeyShares
from processors.rarity.shipped import shipped_shares
from processors.themes import ThemeSet, load_themes
from support.inbox.labelled import THEMES
from support.made_up_events import made_up_place
from support.samples import article as sample_article
from support.samples import match as sample_match

THEME = "ships"
_KINDS = ("tanker", "freighter", "bulk carrier", "container ship", "gas carrier", "car carrier")
_DEEDS = (
    "hit by drone off {place}",
    "damaged by missile near {place}",
    "boarded by gunmen off {place}",
    "under fire from skiffs south of {place}",
)
_AGAIN = ("Drone strikes {kind} {name}", "Missile damages {kind} {name}", "Gunmen aboard {kind} {name}", "Skiffs fire on {kind} {name}")
_LEAD = (
    "The {kind} {name}, managed by {owner} of {port}, was {distance} nautical miles from {place} on {day} when it was attacked. "
    "{crew} crew are on board. The ship carried {cargo} tonnes for {port}, its owner said, and will call at {haven} for repairs."
)  # fmt: skip
_LEAD_AGAIN = (
    "Owner {owner} said on {day} that all {crew} crew of the ship are safe. It lies {distance} miles off {place} and is making for {haven}."
)
_EVERYDAY = (
    "{place} opens a library named after {name}", "{name} wins the mayor's race in {place}", "Choir of {place} sings for {name}",
    "{place} mends its town wall after {crew} years", "Teachers in {place} ask {name} for smaller classes", "{place} plants {distance} elms",
)  # fmt: skip
_EVERYDAY_LEAD = (
    "People in {place} were glad, said {name}, who has lived there for {crew} years. It cost {cargo} crowns, paid by {owner} of {port}."
)


@dataclass(frozen=True)
class Text:
    """What a match is made of."""

    name: str
    title: str
    body: str
    source: str
    language: str = "en"


def incidents(count: int, seed: int = 1) -> Iterator[tuple[Text, Text]]:
    """Yield two reports, in different words, of each incident at sea."""
    chance = random.Random(seed)
    for number in range(count):
        kind, words = number % len(_DEEDS), _words(number, chance)
        title, lead, title_2, lead_2 = (
            text.format(**words) for text in ("{kind} {name} " + _DEEDS[kind], _LEAD, _AGAIN[kind], _LEAD_AGAIN)
        )
        yield (
            Text(f"{seed}-{number}-a", title[0].upper() + title[1:], lead, f"Outlet {number % 40}"),
            Text(f"{seed}-{number}-b", title_2, lead_2, f"Outlet {(number + 1 + chance.randrange(38)) % 40}"),
        )


def everyday(count: int, seed: int = 1) -> Iterator[Text]:
    """Yield a report of each of so many small events ashore."""
    chance = random.Random(seed)
    for number in range(count):
        words = _words(number, chance)
        title, lead = (text.format(**words) for text in (_EVERYDAY[number % len(_EVERYDAY)], _EVERYDAY_LEAD))
        yield Text(f"{seed}-{number}-e", title, lead, f"Outlet {number % 40}")


def _words(number: int, chance: random.Random) -> dict[str, object]:
    return {
        "kind": chance.choice(_KINDS), "name": f"{made_up_place(chance, 2)} {made_up_place(chance, 3)}", "place": made_up_place(chance, 4),
        "owner": f"{made_up_place(chance, 3)} Lines", "port": made_up_place(chance, 3), "haven": made_up_place(chance, 4),
        "distance": chance.randrange(3, 300), "crew": chance.randrange(11, 35), "cargo": f"{chance.randrange(2_000, 90_000):,}",
        "day": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday")[number % 5],
    }  # fmt: skip


def match_at(text: Text, at: datetime, *, encoded: bool = True) -> Match:
    """The text as a match of the theme at that moment, with its traits; without the vectors of its meaning if not `encoded`."""
    article_id = ids.article_id_of_url(f"https://news.example/{text.name}")
    article = sample_article(title=text.title, body=text.body, source=text.source, published_at=at - timedelta(minutes=5))
    article = msgspec.structs.replace(
        article, article_id=article_id, revision_id=ids.revision_id(article_id, article.content_hash), language=text.language,
        url=f"https://news.example/{text.name}", first_seen_at=at,
    )  # fmt: skip
    of_themes = classify_article(article, _themes(), now=at)[1]  # a report on a fire gets its evidence from the theme on fires
    evidence = tuple(part for match in of_themes for part in match.evidence)
    match = msgspec.structs.replace(sample_match(article, THEME, matched_at=at), evidence=evidence)
    traits = None
    if not encoded:
        features, sketch = features_of(text.title, text.body, text.language), sketch_of(text.title, "", text.body)
        traits = Traits(features=features.flat(), digest=sketch.text(), rarity={})
    return msgspec.structs.replace(match, traits=stamped_traits(article, _shares(), traits))


@cache
def _shares() -> KeyShares:
    return KeyShares(shipped_shares())


@cache
def _themes() -> ThemeSet:
    return load_themes(THEMES)


def as_copy(text: Text) -> Text:
    """The same text at another outlet."""
    return replace(text, name=f"{text.name}-copy", source=f"{text.source} Online")
