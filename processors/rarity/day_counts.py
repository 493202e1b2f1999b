"""How many articles of one day contain each key: sums that do not depend on order, in bounded memory.

In:  observations of one day, or its stored counts.
Out: `DayCounts`.

When a day has too many keys, only those whose hash is divisible by 2 stay, then by 4, and so on (as in adaptive sampling,
Wegman; Flajolet 1990). Which keys stay follows from the set of keys alone. A key that is not held is not counted at all, and that
day's articles do not count for it either: its share comes from the other days.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping

from processors.rarity.observation import Observation

MAX_KEYS = 50_000  # in one partition's day: about 6 MB; 176 outlets fill a tenth of it
MAX_LEVEL = 20


class DayCounts:
    """The counts of one day, of all articles or of those in one partition."""

    def __init__(
        self, articles: Mapping[str, int] | None = None, keys: Mapping[str, int] | None = None, level: int = 0, *, max_keys: int = MAX_KEYS
    ) -> None:
        self.articles = dict(articles or {})  # by language
        self.keys = dict(keys or {})
        self.level = level  # only keys whose hash is divisible by 2 ** level are held
        self._max_keys = max_keys
        self._seen: set[int] = set()  # articles, since this object was made: their further sightings and revisions do not count

    def add(self, seen: Observation) -> bool:
        """Count an article; False if it was counted before."""
        number = hash_of(seen.article_id)
        if number in self._seen:
            return False
        self._seen.add(number)
        self.articles[seen.language] = self.articles.get(seen.language, 0) + 1
        keys, level = self.keys, self.level
        for key in seen.keys:
            if level and level_of(key) < level:
                continue
            keys[key] = keys.get(key, 0) + 1
        while len(self.keys) > self._max_keys and self.level < MAX_LEVEL:
            self.level += 1
            self.keys = {key: count for key, count in self.keys.items() if level_of(key) >= self.level}
        return True


def hash_of(text: str) -> int:
    """Return 32 bits that are the same in every process."""
    return zlib.crc32(text.encode("utf-8", "surrogatepass"))


def level_of(key: str) -> int:
    """Return how often the key's hash can be halved: the highest level at which it is held."""
    number = hash_of(key)
    return MAX_LEVEL if number == 0 else min((number & -number).bit_length() - 1, MAX_LEVEL)
