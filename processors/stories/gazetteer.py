"""Names, places, institutions and event words in nine languages, each as one key, so that reports can be compared
across languages.

Out: `key_of(tokens, at)` for the features of an article; weights say how much sharing a key proves.
I/O: none.

A row is `key | weight | aliases`; an alias is lower case, `_` joins words,
`*` at the end stands for any ending (inflection). The weight is how telling a shared key is in our themes' news: the
head of state in every second article proves little, a minister or a small town much.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from functools import lru_cache

from processors.stories.gazetteer_concepts import CONCEPTS
from processors.stories.gazetteer_rows import NAMES, PLACES, SEATS

_MIN_STEM = 3


class _Lookup:
    """Aliases by exact form, by stem and by phrase."""

    def __init__(self) -> None:
        self.exact: dict[str, str] = {}
        self.stems: dict[str, str] = {}
        self.phrases: dict[str, list[tuple[tuple[str, ...], str]]] = {}  # by first word; "stem*" for any ending
        self.weights: dict[str, float] = {}

    def add(self, prefix: str, rows: str) -> None:
        for row in rows.strip().splitlines():
            name, weight, aliases = (part.strip() for part in row.split("|"))
            key = f"{prefix}:{name}"
            self.weights[key] = float(weight)
            for alias in plain(aliases).replace("-", "_").replace("'", "").split():
                words = tuple(alias.split("_"))
                if len(words) > 1:
                    self.phrases.setdefault(words[0], []).append((words, key))
                elif alias.endswith("*"):
                    self.stems.setdefault(alias[:-1], key)
                else:
                    self.exact.setdefault(alias, key)
        for found in self.phrases.values():
            found.sort(key=lambda item: (-len(item[0]), item[0]))


_LATIN = {code: unicodedata.normalize("NFKD", chr(code))[0] for code in [*range(0xC0, 0x250), *range(0x1E00, 0x1F00)]}
_LATIN |= {
    ord("ł"): "l",
    ord("Ł"): "L",
    ord("ø"): "o",
    ord("đ"): "d",
    ord("ё"): "е",
    ord("Ё"): "Е",
    ord("ʼ"): "'",
    ord("’"): "'",
    0x301: "",
}
_LATIN |= {ord("ß"): "ss", ord("æ"): "ae", ord("œ"): "oe", ord("þ"): "th"}


def plain(text: str) -> str:
    """Return `text` with Latin accents removed, ё as е and one kind of apostrophe; й and ї stay the letters they are."""
    return text.translate(_LATIN)


_LOOKUP = _Lookup()
_LOOKUP.add("n", NAMES)
_LOOKUP.add("p", PLACES)
_LOOKUP.add("k", CONCEPTS)
_LONGEST_STEM = max(map(len, _LOOKUP.stems))


def key_of(tokens: Sequence[str], at: int) -> tuple[str, int] | None:
    """Return the key of the alias that begins at `tokens[at]` (plain, lower case) and how many tokens it takes, or None."""
    key, phrases = _begun_by(tokens[at])
    for words, phrase_key in phrases:
        following = tokens[at + 1 : at + len(words)]
        if len(following) == len(words) - 1 and all(map(_fits, words[1:], following)):
            return phrase_key, len(words)
    return None if key is None else (key, 1)


@lru_cache(maxsize=65_536)
def _begun_by(token: str) -> tuple[str | None, tuple[tuple[tuple[str, ...], str], ...]]:
    """Return the key of `token` alone (exact before stem, long stem before short), and the phrases it may begin."""
    key = _LOOKUP.exact.get(token)
    phrases = list(_LOOKUP.phrases.get(token, ()))
    for length in range(min(len(token), _LONGEST_STEM), _MIN_STEM - 1, -1):
        stem = token[:length]
        key = key or _LOOKUP.stems.get(stem)
        phrases += _LOOKUP.phrases.get(stem + "*", ())
    return key, tuple(phrases)


_SEAT_OF = {
    f"n:{name}": f"p:{place.strip()}" for row in SEATS.strip().splitlines() for place, names in [row.split("|")] for name in names.split()
}


def seat_of(key: str) -> str | None:
    """Return the country that a person or an institution acts for: "Merz" is news from Germany, whether or not it is named."""
    return _SEAT_OF.get(key)


def weight_of(key: str) -> float | None:
    """Return how much sharing `key` proves, or None for a key that is not in the gazetteer."""
    return _LOOKUP.weights.get(key)


def _fits(word: str, token: str) -> bool:
    return token.startswith(word[:-1]) if word.endswith("*") else token == word
