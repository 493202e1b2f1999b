"""The rules that find text belonging to a site, not to the article.

In: the files of boilerplate/. Out: `Boilerplate`. I/O: none.

Patterns are compiled when they are first needed: a text meets few of them. In a pattern a blank stands for any white space inside a
line, `{name}` for a part that the file or common.toml names, and `{gap:8}` for up to eight words inside a sentence.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from newsmon.errors import Problem
from newsmon.toml_files import read_toml
from newsmon.words.expressions import usable, wrong_with
from newsmon.words.files import WordFile, WordFiles
from newsmon.words.rows import BoilerplateFile, Extent, Reason, RuleRow

COMMON = "common"  # the file whose parts every language may use
# Where two languages have a rule for one word, the earlier language is asked first; those that are not here come last.
_ORDER = ("en", "de", "fr", "es", "it", "pl", "cs", "uk", "ru")
_LANGUAGE = re.compile(r"[a-z]{2,3}")
_PART = re.compile(r"\{([a-z_]+)(?::(\d{1,2}))?\}")
_DEEPEST = 5  # parts inside parts
_BLANK = re.compile(r"(\\.|\[(?:\\.|[^\]\\])*\])|( \?(?!:))|( )")  # an escape or a class, an optional blank, a blank
_BEGIN = re.compile(r"[^\W\d_][\w’'ʼ]*")


class BadPatternError(ValueError):
    """The pattern cannot be used; the message says why."""


@dataclass(frozen=True)
class Rule:
    """One way in which sites address their readers."""

    language: str
    reason: Reason
    extent: Extent
    source: str  # the pattern as written, its parts filled in
    anywhere: bool  # proof in itself: may begin at any capitalised word, not only at a sentence
    at_line_start: bool

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        return re.compile(_widened(self.source), re.IGNORECASE)


def _widened(source: str) -> str:
    """Return a pattern in which every blank stands for any white space inside a line."""

    def widened(token: re.Match[str]) -> str:
        kept, optional, _blank = token.groups()
        return kept or (r"[ \t\u00a0]*" if optional else r"[ \t\u00a0]+")

    return _BLANK.sub(widened, source)


class Boilerplate:
    """Rules by the word they begin with, and the expressions that go with them."""

    def __init__(
        self, by_word: Mapping[str, tuple[Rule, ...]], reported: list[str], box_names: list[str], credits_: list[str],
        counted: frozenset[str] = frozenset(), counted_with: frozenset[str] = frozenset(),
    ) -> None:  # fmt: skip
        self.by_word = by_word
        self.counted, self.counted_with = counted, counted_with  # the words of counters, and those that stand beside them
        self.languages = frozenset(rule.language for rules in by_word.values() for rule in rules)
        self._reported, self._box_names, self._credits = reported, box_names, credits_

    @cached_property
    def begin(self) -> re.Pattern[str]:
        """Matches where a rule may begin: a word whose first letter is a capital that some rule begins with."""
        initials = "".join(sorted({word[0].upper() for word in self.by_word}))
        return re.compile(rf"(?<!\w)[{initials}][\w’'ʼ]*" if initials else r"(?!)")

    @cached_property
    def reported(self) -> re.Pattern[str]:
        """Finds signs that a sentence reports what someone said."""
        return re.compile(rf"\b{_any_of(self._reported)}\b", re.IGNORECASE)

    @cached_property
    def box_names(self) -> re.Pattern[str]:
        """Finds in a class or id the words by which sites name their boxes."""
        return re.compile(rf"(?<![a-z]){_any_of(self._box_names)}(?![a-z])", re.IGNORECASE)

    @cached_property
    def credits(self) -> re.Pattern[str]:
        """Finds the credit that a text ends with."""
        return re.compile(rf"{_any_of(self._credits)}\s*\Z", re.IGNORECASE)


def _any_of(patterns: list[str]) -> str:
    return f"(?:{'|'.join(patterns)})" if patterns else r"(?!)"


class _Read(NamedTuple):
    file: WordFile
    model: BoilerplateFile


def boilerplate_of(files: WordFiles, problems: list[Problem], *, compile_all: bool = False) -> Boilerplate:
    """Return the rules of all files; with `compile_all` a pattern that is not a regular expression is a problem."""
    read: list[_Read] = []
    for file in files.of_kind("boilerplate"):
        if file.stem != COMMON and not _LANGUAGE.fullmatch(file.stem):
            problems.append(Problem(file.name, f"must be named after an ISO 639 code, such as nl.toml, or be {COMMON}.toml"))
        model = read_toml(file.name, file.raw, BoilerplateFile, problems).model
        if model is not None:
            read.append(_Read(file, model))
    read.sort(key=lambda one: (_rank(one.file.stem), one.file.is_own))
    parts = _parts(read)
    removed = _removed(read, problems)
    by_word: dict[str, list[Rule]] = {}
    for file, model in read:
        for number, row in enumerate(model.rule):
            if row.pattern not in removed:
                _add(by_word, row, file, f"{file.name}:rule[{number}]", parts, problems, compile_all=compile_all)
    lists: dict[str, list[str]] = {"reported": [], "box_names": [], "credits": []}
    for file, model in read:
        for key in lists:
            written = getattr(model, key)
            lists[key] += usable(written, f"{file.name}:{key}", problems) if compile_all else written
    rules = {word: tuple(found) for word, found in by_word.items()}
    counted, counted_with = (
        frozenset(word for _file, model in read for word in getattr(model, key).casefold().split()) for key in ("counted", "counted_with")
    )
    return Boilerplate(rules, lists["reported"], lists["box_names"], lists["credits"], counted, counted_with)


def _rank(language: str) -> tuple[int, str]:
    return (_ORDER.index(language) if language in _ORDER else len(_ORDER), language)


def _parts(read: Iterable[_Read]) -> dict[str, dict[str, str]]:
    """Return the parts each language may use; a user's own take the place of shipped ones of the same name."""
    named: dict[str, dict[str, str]] = {COMMON: {}}
    for file, model in sorted(read, key=lambda one: one.file.is_own):
        named.setdefault(file.stem, {}).update(model.parts)
    return {language: named[COMMON] | parts for language, parts in named.items()}


def _removed(read: Iterable[_Read], problems: list[Problem]) -> set[str]:
    written = {row.pattern for _file, model in read for row in model.rule}
    found: set[str] = set()
    for file, model in read:
        for number, pattern in enumerate(model.remove):
            if pattern not in written:
                problems.append(Problem(f"{file.name}:remove[{number}]", "no rule has exactly this pattern"))
            found.add(pattern)
    return found


def _add(
    by_word: dict[str, list[Rule]], row: RuleRow, file: WordFile, where: str, parts: Mapping[str, Mapping[str, str]],
    problems: list[Problem], *, compile_all: bool,
) -> None:  # fmt: skip
    if file.stem == COMMON:
        problems.append(Problem(where, "a rule belongs in the file of its language"))
        return
    try:
        rule = Rule(file.stem, row.reason, row.extent, _filled(row.pattern, parts[file.stem]), row.at == "anywhere", row.at == "line")
        wrong = wrong_with(_widened(rule.source)) if compile_all else None
        if wrong is not None:
            raise BadPatternError(wrong)
    except BadPatternError as error:
        problems.append(Problem(f"{where}.pattern", str(error)))
        return
    for word in dict.fromkeys(row.begins.split()):
        if word != word.lower() or not _BEGIN.fullmatch(word):
            problems.append(Problem(f"{where}.begins", f"{word!r} must be a word in lower case"))
        by_word.setdefault(word, []).append(rule)


def _filled(pattern: str, parts: Mapping[str, str], depth: int = 0) -> str:
    """Return `pattern` with its parts filled in. Raises BadPatternError for a part that is not there, or holds itself."""
    if depth > _DEEPEST:
        raise BadPatternError("its parts include one another")

    def part(found: re.Match[str]) -> str:
        name, count = found.groups()
        if name == "gap" and count is not None:
            return rf"(?:[^\s.!?]+ ){{0,{int(count)}}}?"
        if name not in parts or count is not None:
            raise BadPatternError(f"unknown part {found[0]}; known: {', '.join(sorted(parts))}, and gap:N")
        return _filled(parts[name], parts, depth + 1)

    return _PART.sub(part, pattern)
