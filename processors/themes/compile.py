"""Compiles theme files into a ThemeSet: resolves names, checks phrases, reports every problem at once.

In: theme and list files already read, each with its file name. Out: `ThemeSet`, or SettingsError.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from newsmon.errors import Problem, SettingsError
from newsmon.records import StoryRules
from processors.search.automaton import Automaton
from processors.search.phrases import Phrase, PhraseRefused, parse_phrase
from processors.search.scan import FIELDS
from processors.themes.model import Phrases, Rule, ThemeFile
from processors.themes.opinion import Opinion
from processors.themes.theme_set import CompiledRequire, CompiledRule, CompiledSeverity, CompiledUnless, Theme, ThemeSet
from processors.themes.unknown import unknown_list

BODY = FIELDS.index("body")
Ref = str | Phrases


@dataclass(slots=True)
class ListTable:
    """Every list by qualified name: shared ones by their own, a theme's as `theme/list`."""

    problems: list[Problem] = field(default_factory=list)
    _written: dict[str, tuple[str, Phrases]] = field(default_factory=dict)  # name -> (where, phrases)
    _phrases: dict[str, list[Phrase]] = field(default_factory=dict)
    _numbers: dict[str, int] = field(default_factory=dict)

    def add(self, name: str, where: str, phrases: Phrases) -> None:
        if name in self._written:
            self.problems.append(Problem(where, f"list {name!r} is already defined in {self._written[name][0]}"))
            return
        self._written[name] = (where, phrases)

    def number(self, ref: Ref, theme_id: str, where: str, *, anonymous: str) -> int | None:
        """The number of the list that a rule refers to; None, and a problem noted, for an unknown list."""
        if isinstance(ref, str):
            name = self._qualified(ref, theme_id)
            if name is None:
                self.problems.append(Problem(where, unknown_list(ref, self.names(theme_id))))
                return None
        else:
            name = f"{theme_id}/{anonymous}"
            self.add(name, where, ref)
        self.expanded(name, ())
        return self._numbers.setdefault(name, len(self._numbers))

    def names(self, theme_id: str) -> list[str]:
        own = f"{theme_id}/"
        return sorted(name.removeprefix(own) for name in self._written if "/" not in name or name.startswith(own))

    def _qualified(self, name: str, theme_id: str) -> str | None:
        return next((known for known in (f"{theme_id}/{name}", name) if known in self._written), None)

    def expanded(self, name: str, above: tuple[str, ...]) -> list[Phrase]:
        """All phrases of a list, those of included lists among them."""
        if name in self._phrases:
            return self._phrases[name]
        where, written = self._written[name]
        theme_id = name.split("/")[0] if "/" in name else ""
        phrases: list[Phrase] = []
        for language, items in written.items():
            for index, item in enumerate(items):
                here = f"{where}.{language}[{index}]"
                if item.startswith("@"):
                    phrases += self._included(item[1:], theme_id, here, (*above, name))
                    continue
                try:
                    phrases += parse_phrase(item, language)
                except PhraseRefused as refused:
                    self.problems.append(Problem(here, f"phrase {item!r} {refused}"))
        if not any(not phrase.excludes for phrase in phrases) and not self.problems:
            self.problems.append(Problem(where, "the list contains no phrase to find"))
        self._phrases[name] = phrases
        return phrases

    def _included(self, target: str, theme_id: str, where: str, above: tuple[str, ...]) -> list[Phrase]:
        name = self._qualified(target, theme_id)
        if name is None:
            self.problems.append(Problem(where, f"unknown list {target!r}"))
            return []
        if name in above:
            self.problems.append(Problem(where, f"list {target!r} includes itself"))
            return []
        return self.expanded(name, above)

    def expand_all(self) -> None:
        """Check the lists that no rule uses, too."""
        for name in self._written:
            self.expanded(name, ())

    def in_order(self) -> tuple[list[list[Phrase]], tuple[str, ...]]:
        return [self._phrases[name] for name in self._numbers], tuple(self._numbers)


def compile_themes(
    themes: Sequence[tuple[str, ThemeFile]], shared: Sequence[tuple[str, dict[str, Phrases]]], raw: Sequence[bytes],
    opinions: Mapping[str, Opinion],
) -> ThemeSet:  # fmt: skip
    """Return the set; `raw` are the bytes of all files in order, hashed into the generation. Raises SettingsError."""
    table = ListTable()
    for file, lists in shared:
        for name, phrases in lists.items():
            table.add(name, f"{file}:lists.{name}", phrases)
    seen: dict[str, str] = {}
    for file, theme in themes:
        if theme.id in seen:
            table.problems.append(Problem(f"{file}:id", f"theme id {theme.id!r} is already used by {seen[theme.id]}"))
        seen[theme.id] = file
        for name, phrases in theme.lists.items():
            table.add(f"{theme.id}/{name}", f"{file}:lists.{name}", phrases)
    done = [replace(_compile_theme(file, theme, table), opinion=opinions.get(theme.id)) for file, theme in themes]
    table.expand_all()
    if table.problems:
        raise SettingsError(dict.fromkeys(table.problems))
    phrases_by_number, names = table.in_order()
    digest = hashlib.blake2b(digest_size=8)
    for content in raw:
        digest.update(len(content).to_bytes(8, "big") + content)
    cost = [_commonness(phrases) for phrases in phrases_by_number]
    by_rarest: dict[int, list[tuple[int, CompiledRule]]] = {}
    for number, compiled in enumerate(done):
        for rule in compiled.rules:
            rarest = min((rule.core, *rule.others), key=lambda candidate: (cost[candidate], candidate))
            by_rarest.setdefault(rarest, []).append((number, rule))
    return ThemeSet(
        tuple(done), digest.hexdigest(), Automaton(phrases_by_number, _head_only(done, len(names))), names,
        {number: tuple(rules) for number, rules in by_rarest.items()},
    )  # fmt: skip


def _head_only(themes: Sequence[Theme], count: int) -> frozenset[int]:
    """The lists whose hits in the body change no verdict: every rule that uses them fires in title and lead only and reaches no further."""
    wanted: set[int] = set()
    for theme in themes:
        for context in theme.unless:
            wanted.update(context.cancels, context.by, context.save)
        for need in theme.require:
            wanted.update(need.any)
        for level in theme.severity:
            if BODY in level.fields:
                wanted.update(level.any)
        for rule in theme.rules:
            if BODY in rule.fields:
                wanted.update((rule.core, *rule.others, *rule.any, *rule.none))
                continue
            if rule.within == "document":
                wanted.update((*rule.others, *rule.any))
            if rule.none_within == "document":
                wanted.update(rule.none)
    return frozenset(range(count)) - wanted


def _commonness(phrases: Sequence[Phrase]) -> float:
    """An estimate of how often a list is hit: each letter makes a phrase rarer."""
    return sum(float(0.45 ** len(phrase.literal.strip())) for phrase in phrases if not phrase.excludes)


def _compile_theme(file: str, theme: ThemeFile, table: ListTable) -> Theme:
    def numbers(refs: Sequence[Ref], where: str, anonymous: str) -> tuple[int, ...]:
        found = (
            table.number(ref, theme.id, f"{file}:{where}[{index}]", anonymous=f"{anonymous}.{index}") for index, ref in enumerate(refs)
        )
        return tuple(number for number in found if number is not None)

    def rule(index: int, written: Rule) -> CompiledRule | None:
        key = f"rule[{index}]"
        every = numbers(written.all, f"{key}.all", f"{written.id}.all")
        some, none = numbers(written.any, f"{key}.any", f"{written.id}.any"), numbers(written.none, f"{key}.none", f"{written.id}.none")
        if len(every) != len(written.all):
            return None
        cap = 1.5 * abs(written.weight) if written.cap is None else written.cap
        return CompiledRule(
            written.id, written.weight, cap, written.repeat, written.distinct, every[0], every[1:], some, none, written.within,
            written.within if written.none_within is None else written.none_within, _fields(written.fields), written.has_text,
        )  # fmt: skip

    _check_names(file, theme, table.problems)
    rules = [rule(index, written) for index, written in enumerate(theme.rule)]
    unless = tuple(
        CompiledUnless(
            context.id, frozenset(numbers(context.cancels, f"unless[{index}].cancels", f"{context.id}.cancels")),
            numbers(context.by, f"unless[{index}].by", f"{context.id}.by"), context.within,
            numbers(context.save, f"unless[{index}].save", f"{context.id}.save"), context.save_within,
        )
        for index, context in enumerate(theme.unless)
    )  # fmt: skip
    require = tuple(
        CompiledRequire(need.id, numbers(need.any, f"require[{index}].any", f"{need.id}.any"), _fields(need.fields))
        for index, need in enumerate(theme.require)
    )
    severity = tuple(
        CompiledSeverity(
            level.level, theme.threshold if level.score is None else level.score, frozenset(level.rules),
            numbers(level.any, f"severity[{index}].any", f"severity.{index}.any"), _fields(level.fields),
            level.max_tier, level.min_sources, level.near,
        )
        for index, level in enumerate(theme.severity)
    )  # fmt: skip
    weights = (theme.fields.title, theme.fields.lead, theme.fields.body)
    return Theme(
        theme.id, theme.label, theme.version, theme.owner, theme.threshold, weights, dict(theme.languages), theme.scope,
        tuple(one for one in rules if one is not None), unless, require, severity, tuple(theme.example),
        StoryRules(separate=theme.stories.separate, idle_s=None if theme.stories.idle_hours is None else theme.stories.idle_hours * 3600),
    )  # fmt: skip


def _fields(names: Sequence[str]) -> frozenset[int]:
    return frozenset(FIELDS.index(name) for name in names)


def _check_names(file: str, theme: ThemeFile, problems: list[Problem]) -> None:
    """Note ids used twice, severity rules that name unknown rules, a theme that no article can match."""
    for kind, ids in (("rule", [one.id for one in theme.rule]), ("unless", [one.id for one in theme.unless])):
        for index, name in enumerate(ids):
            if name in ids[:index]:
                problems.append(Problem(f"{file}:{kind}[{index}].id", f"{name!r} is used twice"))
    known = {one.id for one in theme.rule}
    for index, level in enumerate(theme.severity):
        for name in level.rules:
            if name not in known:
                problems.append(Problem(f"{file}:severity[{index}].rules", f"no rule is called {name!r}"))
    reachable = sum(max(one.weight, 0) * max(theme.fields.title, theme.fields.lead, theme.fields.body) * 1.5 for one in theme.rule)
    if reachable < theme.threshold:
        problems.append(Problem(f"{file}:threshold", f"no article can reach {theme.threshold:g}: all rules together give {reachable:g}"))
