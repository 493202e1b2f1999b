"""What is counted of one article: its keys, once each.

In:  an article's id, time, language and keys.
Out: `Observation`; whether an article is among those counted.

Every third article is counted, chosen by its id. Finding an article's keys costs more than matching it with every theme, a
third of the articles gives as good a share, and the choice must not depend on who counts or when.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from datetime import UTC, date, datetime

SENTENCE = "l:"  # begins the key of a sentence
OUTLETS_SENTENCE = "r:"  # begins the key of a sentence at one outlet
MAX_KEY_CHARS = 40  # longer ones are no words
_ONE_OF = 3


@dataclass(frozen=True, slots=True)
class Observation:
    """The keys of one article; `day` is the UTC day on which it was first seen."""

    article_id: str
    day: date
    language: str
    keys: frozenset[str]


def is_counted(article_id: str) -> bool:
    """True for every third article id."""
    return zlib.crc32(article_id.encode()) % _ONE_OF == 0


def observation(article_id: str, first_seen_at: datetime, language: str, keys: frozenset[str]) -> Observation:
    """Return what is counted of an article."""
    kept = frozenset(key for key in keys if len(key) <= MAX_KEY_CHARS)
    return Observation(article_id, first_seen_at.astimezone(UTC).date(), language, kept)
