"""The features by which two articles are compared: names, places, numbers, event words, words.

In:  title and text.
Out: `Features`, and the flat form that a StoryState keeps.

Names are compared across scripts by a skeleton of consonants: "Зеленського", "Selenskyj" and "Zelensky" share one.
Numbers carry their unit and scale, so "50 Milliarden Euro", "€50bn" and "50 мільярдів євро" are one number.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache

from newsmon.words import current
from newsmon.words.plain import plain
from processors.features.gazetteer import country_of, weight_of
from processors.features.numbers import number_keys
from processors.meaning.encoder import Meaning

_READ_CHARS = 1200  # the news is at the top; the rest is background that many stories share
_MAX_KEYS = 48  # of one kind
_STEM = 6
_CORE_CHARS = 160

_TOKEN = re.compile(r"[^\W\d_]+(?:'(?=[єїяюЄЇЯЮ])[^\W\d_]+)?|\d[\d.,]*\d|\d")
_SENTENCE_END = re.compile(r"[.!?…:]\s|\n|[«»“”„\"|–—]")
_FULL_STOP = re.compile(r"[.!?…]\s|\n")
_ABBREVIATION = re.compile(r"\b(?:[A-Z]\.){2,}")


@dataclass(frozen=True, slots=True)
class Features:
    """One article as it is compared with others; keys are strings with their kind before the colon."""

    language: str
    names: frozenset[str]  # certain: in the gazetteer, or capitalised in mid-sentence
    openers: frozenset[str]  # capitalised at the start of a sentence: a name only if another article confirms it
    places: frozenset[str]
    numbers: frozenset[str]
    title_numbers: frozenset[str]
    concepts: frozenset[str]
    title_concepts: frozenset[str]
    words: frozenset[str]
    title_words: frozenset[str]
    core: frozenset[str]  # of all kinds but words: found in the title or the first sentences; the rest is background
    title: frozenset[str] = frozenset()  # of all kinds: found in the title
    usual: frozenset[str] = frozenset()  # of all kinds: usual in the theme that the article is compared in
    meaning: Meaning | None = None  # None where it is not needed, as for copies
    at_large: Mapping[str, float] = field(default_factory=dict)  # how rare a key is in the news at large, in steps of 1/35; 1 if missing

    def keys(self) -> frozenset[str]:
        """Return the keys of all kinds."""
        return self.names.union(self.openers, self.places, self.numbers, self.concepts, self.words)

    def with_rarity(self, rarity: Mapping[str, float]) -> Features:
        """Return the features with the rarity of their keys, in the steps in which `flat` keeps it."""
        steps = ((key, round(rarity.get(key, 1.0) * RARITY_STEPS)) for key in sorted(self.keys()))
        return replace(self, at_large={key: step / RARITY_STEPS for key, step in steps if step < RARITY_STEPS})

    def flat(self) -> dict[str, list[str]]:
        """Return the form that a StoryState keeps: kind -> sorted keys."""
        kept = {kind: sorted(getattr(self, kind)) for kind in KINDS}
        if self.at_large:
            kept["at_large"] = ["".join(_DIGITS[round(self.at_large.get(key, 1.0) * RARITY_STEPS)] for key in sorted(self.keys()))]
        if self.meaning is not None:
            kept[_MEANING] = self.meaning.flat()
        return {"language": [self.language]} | {kind: keys for kind, keys in kept.items() if keys}

    @classmethod
    def from_flat(cls, flat: Mapping[str, list[str]]) -> Features:
        """Return the features in `flat`; unknown kinds are ignored, missing ones are empty."""
        kinds = {kind: frozenset(map(sys.intern, flat.get(kind, ()))) for kind in KINDS}
        if "title" not in flat:  # older records have the names and places of a title among the core only
            kinds["title"] = kinds["title_numbers"] | kinds["title_concepts"] | kinds["title_words"]
        features = cls(
            language=(flat.get("language") or ["und"])[0],
            meaning=Meaning.from_flat(flat.get(_MEANING, [])),
            **kinds,  # type: ignore[arg-type]
        )
        digits = flat.get("at_large", ())
        keys = sorted(features.keys()) if digits else []
        if not digits or len(digits[0]) != len(keys) or not set(digits[0]) <= set(_DIGITS):
            return features
        return replace(
            features,
            at_large={key: _DIGITS.index(digit) / RARITY_STEPS for key, digit in zip(keys, digits[0], strict=True) if digit != _DIGITS[-1]},
        )


KINDS = (
    "names", "openers", "places", "numbers", "title_numbers", "concepts", "title_concepts", "words", "title_words",
    "core", "title", "usual",
)  # fmt: skip
_MEANING = "distinctive"  # older records have vectors of the whole meaning as "meaning", which cannot be compared with these
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"  # one for each key: the states of all live members are in memory
RARITY_STEPS = len(_DIGITS) - 1


def features_of(title: str, text: str, language: str) -> Features:
    """Return the features of an article; the first 1,200 characters of `text` are read."""
    head = _Reader(title, language, is_title=True)
    rest = _Reader(text[:_READ_CHARS], language, is_title=False)
    core = head.names | head.openers | head.places | head.numbers | head.concepts | rest.core
    names = head.names | rest.names
    return Features(
        language=language,
        names=_capped(names),
        openers=_capped((head.openers | rest.openers) - names),
        places=_capped(head.places | rest.places),
        numbers=_capped(head.numbers | rest.numbers),
        title_numbers=_capped(head.numbers),
        concepts=_capped(head.concepts | rest.concepts),
        title_concepts=_capped(head.concepts),
        words=_capped(head.words | rest.words),
        title_words=_capped(head.words),
        core=_capped(core, 2 * _MAX_KEYS),
        title=_capped(head.names | head.openers | head.places | head.numbers | head.concepts | head.words, 2 * _MAX_KEYS),
    )


def _capped(keys: set[str], limit: int = _MAX_KEYS) -> frozenset[str]:
    """Return at most `limit` keys, the most telling first; the order is total, so a replay keeps the same."""
    if len(keys) <= limit:
        return frozenset(keys)
    return frozenset(sorted(keys, key=lambda key: (-(weight_of(key) or 1.0), -len(key), key))[:limit])


class _Reader:
    """Reads one field once and sorts what it finds by kind."""

    def __init__(self, text: str, language: str, *, is_title: bool) -> None:
        self.names: set[str] = set()
        self.openers: set[str] = set()
        self.places: set[str] = set()
        self.concepts: set[str] = set()
        self.words: set[str] = set()
        self.core: set[str] = set()
        words = current()
        self._key_of = words.gazetteer.key_of
        self._stop_words, self._common_capitals = words.stop_words.words, words.stop_words.capitalised
        text = _ABBREVIATION.sub(lambda found: found.group().replace(".", ""), plain(text))
        core_chars = _core_chars(text)
        self.numbers: set[str] = set(number_keys(text))
        self.core |= set(number_keys(text[:core_chars]))
        found = list(_TOKEN.finditer(text))
        tokens = [token.group() for token in found]
        lowered = [token.lower().replace("'", "") for token in tokens]
        # German writes every noun, and English papers every word of a headline, with a capital.
        self._names_are_marked = language != "de" and not (is_title and _is_title_case(tokens, lowered, self._stop_words))
        at = 0
        while at < len(tokens):
            start = found[at].start()
            between = text[found[at - 1].end() : start + 1] if at else "\n"
            taken, key = self._take(tokens, lowered, at, between, in_core=start < core_chars)
            if key is not None and start < core_chars:
                self.core.add(key)
            at += taken

    def _take(self, tokens: list[str], lowered: list[str], at: int, between: str, *, in_core: bool) -> tuple[int, str | None]:
        """Sort the token at `at` by kind; return the number of tokens it took, and its key unless it is a mere word.

        `between` is the text between it and the token before, with its first letter.
        """
        token, low = tokens[at], lowered[at]
        if token[0].isdigit():
            return 1, None
        known = self._key_of(lowered, at)
        if known is not None and _is_meant(known[0], token):
            key, taken = known
            {"n": self.names, "p": self.places, "k": self.concepts}[key[0]].add(key)
            country = country_of(key)
            if country is not None:
                self.places.add(country)
                if in_core:
                    self.core.add(country)
            return taken, key
        if low in self._stop_words or len(low) < 3:
            return 1, None
        self.words.add(sys.intern("w:" + low[:_STEM]))
        if not token[0].isupper() or low in self._common_capitals:
            return 1, None
        key = sys.intern("s:" + name_skeleton(low))
        marked = self._names_are_marked and (between[:-1] == " " or _SENTENCE_END.search(between) is None)
        (self.names if marked else self.openers).add(key)
        return 1, key


def _core_chars(text: str) -> int:
    """Return the start of the background: after the sentence that passes 160 characters, at 320 at the latest."""
    end = _FULL_STOP.search(text, _CORE_CHARS, 2 * _CORE_CHARS)
    return 2 * _CORE_CHARS if end is None else end.end()


def _is_title_case(tokens: list[str], lowered: list[str], stop_words: frozenset[str]) -> bool:
    long = [token for token, low in zip(tokens, lowered, strict=True) if len(token) > 3 and low not in stop_words and token[0].isalpha()]
    return len(long) >= 4 and sum(token[0].isupper() for token in long) >= 0.75 * len(long)


def _is_meant(key: str, token: str) -> bool:
    """Tell "US" from "us" and "UN" from the French article: short names count in capitals only."""
    if key[0] == "k" or len(token) > 3:
        return True
    return token.isupper() if len(token) < 3 else token[0].isupper()


_CYRILLIC = str.maketrans({
    "а": "a", "б": "b", "в": "v", "г": "h", "ґ": "h", "д": "d", "е": "e", "є": "e", "ж": "j", "з": "s", "и": "i", "і": "i", "ї": "i",
    "й": "i", "к": "k", "л": "l", "м": "m", "н": "n", "о": "o", "п": "p", "р": "r", "с": "s", "т": "t", "у": "u", "ф": "f", "х": "h",
    "ц": "s", "ч": "c", "ш": "c", "щ": "c", "ъ": "", "ы": "i", "ь": "", "э": "e", "ю": "u", "я": "a", "ў": "u",
})  # fmt: skip
_CASE_ENDING = re.compile(
    r"(?:ського|ському|ським|ською|ській|ська|ського|ского|скому|ским|ской|ская)$|"
    r"(?:ого|его|ому|ему|ими|ями|ами|ові|еві|ом|ем|єм|ою|ею|єю|ым|им|ій|ий|ый|ой|ей|а|я|у|ю|е|є|и|і|ы|о)$"
)
_WEST_SLAVIC_ENDING = re.compile(r"(?:skiego|skiemu|skim|skeho|skemu|skym|skou|ska)$|(?:owi|ovi|iem|em|ego|emu|eho|ou|a|u|e|y)$")
_SPELLINGS = (
    (re.compile("ck(?=[iy])"), "sk"), (re.compile("c(?=[eiy])"), "s"), (re.compile("tsch|tch|sch|sh|ch|cz|sz|zh"), "c"),
    (re.compile("ph"), "f"), (re.compile("th"), "t"), (re.compile("[wv]"), "v"), (re.compile("ts|tz|z"), "s"),
    (re.compile("ck|[qk]|c(?=[aouklrt])"), "k"), (re.compile("x"), "ks"), (re.compile("g|kh"), "h"), (re.compile("dj|j(?!$)"), "j"),
)  # fmt: skip
_VOWELS = re.compile("[aeiouy]+|j$")
_I_LIKE = re.compile("[iyj]+")
_DOUBLED = re.compile(r"(.)\1+")


@lru_cache(maxsize=65_536)
def name_skeleton(name: str) -> str:
    """Return the consonants of a lower-case name, spelt alike for Latin and Cyrillic; short ones keep their vowels."""
    if "\u0400" <= name[0] <= "\u04ff":
        stem = _CASE_ENDING.sub(lambda found: "ск" if found.group().startswith("с") else "", name) if len(name) > 4 else name
        latin = stem.translate(_CYRILLIC)
    else:
        latin = _WEST_SLAVIC_ENDING.sub(lambda found: "sk" if found.group().startswith("s") else "", name) if len(name) > 5 else name
    for pattern, spelt in _SPELLINGS:
        latin = pattern.sub(spelt, latin)
    latin = _DOUBLED.sub(r"\1", latin)
    skeleton = ("a" if latin[:1] in "aeiouy" else "") + _DOUBLED.sub(r"\1", _VOWELS.sub("", latin))
    return skeleton if len(skeleton) > 3 else _I_LIKE.sub("i", latin)
