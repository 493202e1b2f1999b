"""The shipped shares: how many articles hold a key, for the days before newsmon has counted for itself.

In:  seeds/key-shares.txt, or its text.
Out: `ShippedShares`.
I/O: reads the file once.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from newsmon import paths

EVERY_LANGUAGE = "*"


@dataclass(frozen=True, slots=True)
class ShippedShares:
    """Shares of articles; words by language, since a word is common or rare in its own."""

    words: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    others: Mapping[str, float] = field(default_factory=dict)


def parse(text: str) -> ShippedShares:
    """Return the shares in `text`; ValueError for a line that is not `language share: key key ...`."""
    words: dict[str, dict[str, float]] = {}
    for line in text.splitlines():
        if line.startswith("#") or not line.strip():
            continue
        head, found, keys = line.partition(": ")
        language, share = head.split(" ")
        if not found or not 0 < float(share) <= 1:
            raise ValueError(f"not a share and its keys: {line[:40]!r}")
        words.setdefault(language, {}).update(dict.fromkeys(map(sys.intern, keys.split(" ")), float(share)))
    others = words.pop(EVERY_LANGUAGE, {})
    return ShippedShares(words, others)


@lru_cache(maxsize=1)
def shipped_shares() -> ShippedShares:
    """Return the shares that newsmon ships."""
    return parse((paths.seeds() / "key-shares.txt").read_text("utf-8"))
