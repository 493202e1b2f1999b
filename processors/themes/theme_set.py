"""Themes compiled for the search: numbered lists, rules with their rarest required list, one automaton for all.

In: nothing. Out: the frozen types that the compiler makes and the matcher reads.
"""

from __future__ import annotations

from dataclasses import dataclass

from newsmon.records import Severity, StoryRules
from processors.search.automaton import Automaton
from processors.themes.model import Example, Reach, Scope
from processors.themes.opinion import Opinion

Within = int | Reach


@dataclass(frozen=True, slots=True)
class CompiledRule:
    id: str
    weight: float
    cap: float
    repeat: float
    distinct: bool
    core: int
    others: tuple[int, ...]
    any: tuple[int, ...]
    none: tuple[int, ...]
    within: Within
    none_within: Within
    fields: frozenset[int]
    has_text: bool | None = None  # whether the article must, or must not, hold more than a headline


@dataclass(frozen=True, slots=True)
class CompiledUnless:
    id: str
    cancels: frozenset[int]
    by: tuple[int, ...]
    within: Within
    save: tuple[int, ...]
    save_within: Within


@dataclass(frozen=True, slots=True)
class CompiledRequire:
    id: str
    any: tuple[int, ...]
    fields: frozenset[int]


@dataclass(frozen=True, slots=True)
class CompiledSeverity:
    level: Severity
    score: float
    rules: frozenset[str]
    any: tuple[int, ...] = ()
    fields: frozenset[int] = frozenset()
    max_tier: int | None = None
    min_sources: int | None = None
    near: int | None = None


@dataclass(frozen=True, slots=True)
class Theme:
    """One theme, ready to match."""

    theme_id: str
    label: str
    version: str
    owner: str
    threshold: float
    field_weights: tuple[float, float, float]
    language_weights: dict[str, float]
    scope: Scope
    rules: tuple[CompiledRule, ...]
    unless: tuple[CompiledUnless, ...]
    require: tuple[CompiledRequire, ...]
    severity: tuple[CompiledSeverity, ...]
    examples: tuple[Example, ...]
    stories: StoryRules
    opinion: Opinion | None = None  # the second one, which may veto what the rules match

    def cancelling(self, number: int) -> tuple[CompiledUnless, ...]:
        """The contexts that can cancel hits of one list."""
        return tuple(context for context in self.unless if number in context.cancels)


@dataclass(frozen=True, slots=True, eq=False)  # compared by identity, so that a set can be a key
class ThemeSet:
    """All active themes; `generation` is the hash of everything they were compiled from."""

    themes: tuple[Theme, ...]
    generation: str
    automaton: Automaton
    list_names: tuple[str, ...]  # by list number
    rules_by_rarest: dict[int, tuple[tuple[int, CompiledRule], ...]]  # list number -> (theme number, rule)

    def by_id(self, theme_id: str) -> Theme | None:
        return next((theme for theme in self.themes if theme.theme_id == theme_id), None)
