"""Names, places and event words in nine languages, each as one key, so that reports can be compared across languages.

In: the files of names/, places/ and events/. Out: `Gazetteer`. I/O: none.

A key is written `n:trump`, `p:kyiv` or `k:tariff`, after its kind. Stories remember keys, so a key should keep its name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from newsmon.errors import Problem
from newsmon.toml_files import read_toml
from newsmon.words.files import WordFiles
from newsmon.words.plain import plain
from newsmon.words.rows import KeyRow, KeysFile, NameRow, NamesFile

MIN_STEM = 3
_KINDS = (("names", "n:", NamesFile), ("places", "p:", KeysFile), ("events", "k:", KeysFile))
_KEY = re.compile(r"[a-z0-9][a-z0-9_]{0,40}")
_ALIAS_WORD = re.compile(r"[^\W\d_]+\*?|\d[\d.,]*")  # as texts are cut into words: letters or digits


@dataclass(slots=True)
class _Entry:
    """One key while the files are merged."""

    where: str
    weight: float | None
    aliases: dict[str, str] = field(default_factory=dict)  # alias -> where it was written
    acts_for: str | None = None


class Gazetteer:
    """Aliases by exact form, by stem and by phrase; weights by key."""

    def __init__(self, entries: Iterable[tuple[str, _Entry]]) -> None:
        self.weights: dict[str, float] = {}
        self.acts_for: dict[str, str] = {}
        self._exact: dict[str, str] = {}
        self._stems: dict[str, str] = {}
        self._phrases: dict[str, list[tuple[tuple[str, ...], str]]] = {}  # by first word; "stem*" for any ending
        for key, entry in entries:
            self.weights[key] = entry.weight or 1.0
            if entry.acts_for:
                self.acts_for[key] = f"p:{entry.acts_for}"
            for alias in entry.aliases:
                words = tuple(alias.split("_"))
                if len(words) > 1:
                    self._phrases.setdefault(words[0], []).append((words, key))
                elif alias.endswith("*"):
                    self._stems[alias[:-1]] = key
                else:
                    self._exact[alias] = key
        for found in self._phrases.values():
            found.sort(key=lambda item: (-len(item[0]), item[0]))
        self._longest_stem = max(map(len, self._stems), default=0)
        self._begun_by = lru_cache(maxsize=65_536)(self._looked_up)

    def key_of(self, tokens: Sequence[str], at: int) -> tuple[str, int] | None:
        """Return the key of the alias that begins at `tokens[at]` (plain, lower case) and how many tokens it takes, or None."""
        key, phrases = self._begun_by(tokens[at])
        for words, phrase_key in phrases:
            following = tokens[at + 1 : at + len(words)]
            if len(following) == len(words) - 1 and all(map(_fits, words[1:], following)):
                return phrase_key, len(words)
        return None if key is None else (key, 1)

    def _looked_up(self, token: str) -> tuple[str | None, tuple[tuple[tuple[str, ...], str], ...]]:
        """Return the key of `token` alone (exact before stem, long stem before short), and the phrases it may begin."""
        key = self._exact.get(token)
        phrases = list(self._phrases.get(token, ()))
        for length in range(min(len(token), self._longest_stem), MIN_STEM - 1, -1):
            stem = token[:length]
            key = key or self._stems.get(stem)
            phrases += self._phrases.get(stem + "*", ())
        return key, tuple(phrases)


def _fits(word: str, token: str) -> bool:
    return token.startswith(word[:-1]) if word.endswith("*") else token == word


def gazetteer_of(files: WordFiles, problems: list[Problem]) -> Gazetteer:
    """Return the gazetteer of all files; what is wrong with them is added to `problems`."""
    entries: dict[str, _Entry] = {}
    removed: set[str] = set()
    for kind, prefix, model in _KINDS:
        for file in files.of_kind(kind):
            read = read_toml(file.name, file.raw, model, problems).model
            if read is not None:
                for key, row in (read.__pydantic_extra__ or {}).items():
                    problems += _merged(entries, prefix, key, row, f"{file.name}:{key}")
                for number, key in enumerate(read.remove):
                    if entries.pop(prefix + key, None) is None:
                        problems.append(Problem(f"{file.name}:remove[{number}]", f"there is no {key!r} in {kind}"))
                    removed.add(prefix + key)
    problems += _taken_twice(entries)
    for entry in entries.values():
        place = entry.acts_for and f"p:{entry.acts_for}"
        if place and place not in entries:
            if place not in removed:
                problems.append(Problem(f"{entry.where}.acts_for", f"there is no place {entry.acts_for!r}"))
            entry.acts_for = None
    return Gazetteer(entries.items())


def _merged(entries: dict[str, _Entry], prefix: str, key: str, row: KeyRow, where: str) -> Iterator[Problem]:
    """Add a row to what earlier files say of its key; yield what is wrong with it."""
    entry = entries.get(prefix + key)
    if entry is None:
        entry = entries[prefix + key] = _Entry(where, row.weight)
        if not _KEY.fullmatch(key):
            yield Problem(where, "a key is made of a-z, 0-9 and _")
        if row.weight is None:
            yield Problem(f"{where}.weight", "is missing: a new key needs one")
        if not row.aliases.strip():
            yield Problem(f"{where}.aliases", "is missing: a new key needs one")
    elif row.weight is not None:
        entry.weight = row.weight
    if isinstance(row, NameRow) and row.acts_for is not None:
        entry.acts_for, entry.where = row.acts_for, where
    for alias in _forms(row.without):
        if entry.aliases.pop(alias, None) is None:
            yield Problem(f"{where}.without", f"{alias!r} is not an alias of {key}")
    for alias in _forms(row.aliases):
        wrong = _wrong_with(alias)
        if wrong:
            yield Problem(f"{where}.aliases", wrong)
        else:
            entry.aliases.setdefault(alias, f"{where}.aliases")


def _forms(aliases: str) -> list[str]:
    return plain(aliases).replace("-", "_").replace("'", "").split()


def _wrong_with(alias: str) -> str | None:
    words = alias.split("_")
    if alias != alias.lower():
        return f"{alias!r} must be in lower case"
    if not all(map(_ALIAS_WORD.fullmatch, words)):
        return f"{alias!r} is never found: a word is letters or digits, with * only behind its letters; join words with _"
    if words[0].endswith("*") and len(words[0]) <= MIN_STEM:
        return f"{alias!r} is too short: at least {MIN_STEM} letters before *"
    return None


def _taken_twice(entries: dict[str, _Entry]) -> Iterator[Problem]:
    """Yield the aliases that two keys claim: the second would never be found."""
    taken: dict[str, tuple[str, str]] = {}
    for key, entry in entries.items():
        for alias, where in entry.aliases.items():
            first = taken.setdefault(alias, (key, where))
            if first[0] != key:
                there = first[1].removesuffix(".aliases")
                yield Problem(where, f"{alias!r} is already an alias of {there}; remove it there with `without`, or leave it out here")
