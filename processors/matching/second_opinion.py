"""Asks a theme's second opinion about an article that its rules match: it may veto the match but never makes one.

In: an article as scanned, the theme's opinion. Out: what it says. I/O: the encoder's weights, at first use.

Only themes with an opinion, and only articles that their rules match, cost an encoding (10 to 30 ms); stories use the same vectors.
"""

from __future__ import annotations

import numpy as np

from processors.meaning.encoder import components_of, meaning_of
from processors.search.scan import Scanned
from processors.themes.opinion import Opinion


def says(opinion: Opinion, title: str, text: str) -> float | None:
    """How much an article reads like the wanted ones: above 0 more like them, below 0 less. None for an article without words."""
    meaning = meaning_of(title, text)
    if meaning is None:
        return None
    weights = np.frombuffer(opinion.weights, "<i2").astype(np.int64)
    return round(int(weights @ components_of(meaning)) * opinion.scale + opinion.bias, 4)


def vetoes(opinion: Opinion, scanned: Scanned) -> bool:
    """True when the opinion takes the article for an unwanted one."""
    said = says(opinion, *title_and_text(scanned))
    return said is not None and said < opinion.least


def title_and_text(scanned: Scanned) -> tuple[str, str]:
    """The article's own words, without masked boilerplate."""
    first = scanned.starts[1]
    return scanned.text[:first].strip(), scanned.text[first:].strip()
