"""Numbered items of invented text: item n of a seed is the same in every run, and says whether it must alert.

In: seed and number. Out: Item, the theme files that find exactly the items that must alert, the places they happen in, an item's number from its address. No I/O.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

SITE = "https://outlet.example/item/"
QUIET_ONE_IN = 5  # this share of the items belongs to no theme
THEME_WORDS = ("zandor", "quellim", "vostrag", "mirquash", "tarvolk", "belgruth")
SYLLABLES = tuple(a + b for a in "bcdfghklmnprstvwz" for b in ("a", "e", "i", "o", "u", "an", "er", "or", "ul", "im"))
PLACE_COUNT = 2_000  # newsmon compares live stories: a place comes again when its last story is long closed


def _word(chance: random.Random) -> str:
    return "".join(chance.choices(SYLLABLES, k=chance.randint(3, 4)))


def _places() -> tuple[str, ...]:
    chance, found = random.Random("places"), dict[str, None]()
    while len(found) < PLACE_COUNT:
        found[f"{_word(chance)}land".title()] = None
    return tuple(found)


PLACES = _places()


@dataclass(frozen=True, slots=True)
class Item:
    """One item of a feed. `theme` None: it belongs to no theme and must never be told."""

    number: int
    title: str
    text: str
    theme: str | None

    @property
    def link(self) -> str:
        return f"{SITE}{self.number}"

    @property
    def must_alert(self) -> bool:
        return self.theme is not None


def item(seed: int, number: int) -> Item:
    """Item `number`: one theme's phrase or none, a place and figures of its own, so that each item of a theme is a story of its own."""
    chance = random.Random(f"{seed}:{number}")
    place, figure = PLACES[number % len(PLACES)], f"{1_000 + number * 7_919 % 9_000:,}"
    theme = None if number % QUIET_ONE_IN == 0 else THEME_WORDS[chance.randrange(len(THEME_WORDS))]
    matter = f"{theme} ostrel" if theme else f"{_word(chance)} mundrel"
    title = f"{place} {_word(chance)} {matter}: {figure} {_word(chance)} {_word(chance)}"
    words = " ".join(_word(chance) for _ in range(30))
    return Item(number, title, f"{place} {_word(chance)} the {matter} with {figure} {_word(chance)}. {words}.", theme)


def number_of(url: str | None) -> int | None:
    """The number of the item at this address; None if no item of ours has it."""
    if url is None or not url.startswith(SITE):
        return None
    tail = url.removeprefix(SITE)
    return int(tail) if tail.isascii() and tail.isdigit() else None


def theme_files() -> dict[str, str]:
    """By file name: one small theme per word, which finds that word's ostrel and nothing else."""
    return {f"{word}.toml": _theme(word) for word in THEME_WORDS}


def places_file() -> str:
    """A word file with the invented places: articles about two of them report two events."""
    return "".join(f'[{place.lower()}]\nweight = 1.2\naliases = "{place.lower()}"\n' for place in PLACES)


def _theme(word: str) -> str:
    return f"""\
id = "{word}"
label = "{word.title()} ostrel"
version = "1"
owner = "campaign"
description = "The invented {word} ostrel."
threshold = 3

[lists.ostrel]
any = ["{word} ostrel*"]

[[rule]]
id = "ostrel"
weight = 4
all = ["ostrel"]
within = "field"

[[example]]
expect = true
title = "Arland signs the {word} ostrel"
lang = "en"

[[example]]
expect = false
title = "Arland signs a mundrel ostrel"
lang = "en"

[[changelog]]
version = "1"
date = 2026-11-30
note = "First version."
"""
