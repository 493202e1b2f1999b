"""The shares and refrains shipped for the days before newsmon has counted for itself.

In:  seeds/key-shares.txt and seeds/refrains.txt, or their text.
Out: `ShippedShares`.
I/O: reads the files once.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from newsmon import paths
from processors.rarity.sentences import key_of

EVERY_LANGUAGE = "*"


@dataclass(frozen=True, slots=True)
class ShippedShares:
    """Shares of articles; words by language, since a word is common or rare in its own."""

    words: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    others: Mapping[str, float] = field(default_factory=dict)
    refrains: frozenset[str] = frozenset()  # keys of sentences


def parse(text: str, refrains: str = "") -> ShippedShares:
    """Return the shares in `text` and the sentences in `refrains`; ValueError for a line that is not `language share: key key ...`."""
    words: dict[str, dict[str, float]] = {}
    for line in _lines(text):
        head, found, keys = line.partition(": ")
        language, share = head.split(" ")
        if not found or not 0 < float(share) <= 1:
            raise ValueError(f"not a share and its keys: {line[:40]!r}")
        words.setdefault(language, {}).update(dict.fromkeys(map(sys.intern, keys.split(" ")), float(share)))
    others = words.pop(EVERY_LANGUAGE, {})
    sentences = (key for line in _lines(refrains) if (key := key_of(line)) is not None)
    return ShippedShares(words, others, frozenset(sentences))


def _lines(text: str) -> Iterator[str]:
    return (line for line in text.splitlines() if line.strip() and not line.startswith("#"))


@lru_cache(maxsize=1)
def shipped_shares() -> ShippedShares:
    """Return what newsmon ships."""
    return parse((paths.seeds() / "key-shares.txt").read_text("utf-8"), (paths.seeds() / "refrains.txt").read_text("utf-8"))
