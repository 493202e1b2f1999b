"""The words in use in this process: one immutable value, replaced as a whole.

In: word files. Out: `Words`; `current()`. I/O: reads the files if no words were set.

Every decision that reads words would otherwise have to be handed them, through dozens of pure functions. Instead there is this one
variable. Shells set it (`use`, `use_directory`), on the thread that decides and between two decisions; decisions read it. A value never
changes, so a decision that took one keeps it. Tests set it in the same way.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property, lru_cache, partial
from pathlib import Path
from typing import TypeVar

from newsmon.errors import Problem, SettingsError
from newsmon.toml_files import with_lines
from newsmon.words.boilerplate import Boilerplate, boilerplate_of
from newsmon.words.files import WordFiles, read_files
from newsmon.words.gazetteer import Gazetteer, gazetteer_of
from newsmon.words.lists import (
    LanguageSigns,
    NumberWords,
    StopWords,
    language_signs_of,
    number_words_of,
    stop_words_of,
)

Table = TypeVar("Table")


class Words:
    """All tables of one set of word files, each made when it is first asked for. Raises SettingsError when its files are wrong."""

    def __init__(self, files: WordFiles) -> None:
        self.files = files

    @classmethod
    def checked(cls, files: WordFiles) -> Words:
        """Return the words with every table made. Raises SettingsError with every problem of every file."""
        words, problems = cls(files), list[Problem]()
        made = vars(words)  # where cached_property keeps what it returned
        made["gazetteer"] = gazetteer_of(files, problems)
        made["stop_words"] = stop_words_of(files, problems)
        made["number_words"] = number_words_of(files, problems)
        made["language_signs"] = language_signs_of(files, problems)
        made["boilerplate"] = boilerplate_of(files, problems, compile_all=True)
        if problems:
            raise SettingsError(with_lines(problems, files.contents()))
        return words

    @property
    def generation(self) -> str:
        """Names the files these words were made from."""
        return self.files.generation

    @cached_property
    def gazetteer(self) -> Gazetteer:
        return self._made(gazetteer_of)

    @cached_property
    def stop_words(self) -> StopWords:
        return self._made(stop_words_of)

    @cached_property
    def number_words(self) -> NumberWords:
        return self._made(number_words_of)

    @cached_property
    def language_signs(self) -> LanguageSigns:
        return self._made(language_signs_of)

    @cached_property
    def boilerplate(self) -> Boilerplate:
        has_own = any(file.is_own for file in self.files.of_kind("boilerplate"))  # the shipped patterns are known to compile
        return self._made(partial(boilerplate_of, compile_all=has_own))

    def _made(self, make: Callable[[WordFiles, list[Problem]], Table]) -> Table:
        problems: list[Problem] = []
        table = make(self.files, problems)
        if problems:
            raise SettingsError(with_lines(problems, self.files.contents()))
        return table


_words: Words | None = None
_directory: Path | None = None  # the user's folder, until words are read
_caches: list[Callable[[], None]] = []


def current() -> Words:
    """Return the words in use; without `use` those of the folder given to `use_directory`, or the shipped ones."""
    return _words or _first()


def use(words: Words) -> None:
    """Take these words from here on."""
    global _words
    _words = words
    for clear in _caches:
        clear()


def use_directory(directory: Path | None) -> None:
    """Take the shipped words and those in `directory`; they are read when first needed."""
    global _words, _directory
    _words, _directory = None, directory
    for clear in _caches:
        clear()


def cached_until_new_words(function: Callable[[str], Table]) -> Callable[[str], Table]:
    """Remember what a function of one key returns, as `lru_cache` does, until other words are used."""
    cached = lru_cache(maxsize=65_536)(function)
    _caches.append(cached.cache_clear)
    return cached


def forget_with_old_words(clear: Callable[[], None]) -> None:
    """Call `clear` whenever other words are used: what it clears was made from the old ones."""
    _caches.append(clear)


def _first() -> Words:
    global _words
    _words = Words(read_files(_directory))
    return _words
