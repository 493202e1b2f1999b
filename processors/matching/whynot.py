"""Explains why a rule did not fire although its core word was found: the clause, context or neighbour that stopped it.

In: a scanned article and a theme. Out: one `Stop` per rule whose core word was found, nearest to firing first.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from newsmon.records import Evidence
from processors.matching.reading import read
from processors.matching.verdicts import View, firings
from processors.search.automaton import Hit
from processors.search.scan import Scanned
from processors.themes.theme_set import CompiledRule, Theme, ThemeSet

SHOWN_PHRASES = 3


class StopReason(StrEnum):
    """The cause that stopped a rule."""

    CANCELLED = "cancelled"  # a context cancels the word
    MISSING = "missing"  # another clause has no hit within reach
    FORBIDDEN = "forbidden"  # a forbidden word is near
    WRONG_FIELD = "wrong_field"  # the rule does not search this field
    NOT_ENOUGH = "not_enough"  # it fires, but the points do not reach the threshold


@dataclass(frozen=True, slots=True)
class Stop:
    """One rule's nearest miss, with `share` of its clauses met. `core` shows the word and its position (contribution 0)."""

    rule: str
    reason: StopReason
    share: float
    detail: str  # the context, the missing or the forbidden list, in words
    core: Evidence


def stops(scanned: Scanned, themes: ThemeSet, theme: Theme, language: str) -> tuple[Stop, ...]:
    """One per rule of positive weight whose core word is in the article, the nearest miss first."""
    hits = read(scanned, themes, language)
    view = View(scanned, hits, theme)
    found = [stop_of(rule, view, themes) for rule in theme.rules if rule.weight > 0 and rule.core in hits]
    return tuple(sorted(found, key=lambda stop: (-stop.share, stop.rule)))


def stop_of(rule: CompiledRule, view: View, themes: ThemeSet) -> Stop:
    """The cause that keeps this rule from firing, around the core hit that comes nearest."""
    return max((_around(hit, rule, view, themes) for hit in view.hits[rule.core]), key=lambda stop: stop.share)


def unmet_requirements(scanned: Scanned, themes: ThemeSet, theme: Theme, language: str) -> Iterator[str]:
    """The requirements of the theme that the article does not meet, each with its lists."""
    view = View(scanned, read(scanned, themes, language), theme)
    for need in theme.require:
        if not any(scanned.field_of(hit[0]) in need.fields for number in need.any for hit in view.alive(number)):
            yield f"{need.id} ({' or '.join(readable(number, themes) for number in need.any)})"


def readable(number: int, themes: ThemeSet) -> str:
    """A list's name in plain words; for a list without a name its first phrases."""
    name = themes.list_names[number].rpartition("/")[2]
    if "." not in name:
        return name.replace("-", " ")
    phrases = list(dict.fromkeys(phrase.source for phrase in themes.automaton.phrases_by_list[number] if not phrase.excludes))
    return "/".join(repr(one) for one in phrases[:SHOWN_PHRASES]) + ("/…" if len(phrases) > SHOWN_PHRASES else "")


@dataclass(frozen=True, slots=True)
class Capped:
    """A rule that would add more without its cap."""

    rule: str
    cap: float
    uncapped: float


def capped(scanned: Scanned, themes: ThemeSet, theme: Theme, language: str) -> tuple[Capped, ...]:
    """The rules whose cap removed points, the largest cut first."""
    view = View(scanned, read(scanned, themes, language), theme)
    weight = theme.language_weights.get(language, 1.0)
    found = []
    for rule in theme.rules:
        if rule.core not in view.hits:
            continue
        whole = sum(
            abs(rule.weight) * weight * theme.field_weights[one.field] * (1 + rule.repeat * (len(one.cores) - 1))
            for one in firings(rule, view, language)
        )
        if whole > rule.cap + 1e-6:
            found.append(Capped(rule.id, rule.cap, round(whole, 2)))
    return tuple(sorted(found, key=lambda one: (one.cap - one.uncapped, one.rule)))


def _around(hit: Hit, rule: CompiledRule, view: View, themes: ThemeSet) -> Stop:
    def stop(reason: StopReason, share: float, detail: str) -> Stop:
        return Stop(rule.id, reason, share, detail, _shown(hit, rule, view.scanned, themes.list_names))

    if view.scanned.field_of(hit[0]) not in rule.fields:
        return stop(StopReason.WRONG_FIELD, 0.2, "in a field that this rule does not search")
    context = view.cancelled_by(rule.core, hit)
    if context is not None:
        return stop(StopReason.CANCELLED, 0.65, f"cancelled by the context {context}")
    needs = [(number,) for number in rule.others] + ([rule.any] if rule.any else [])
    missing = [need for need in needs if not any(view.partner(number, hit, rule.within) for number in need)]
    share = (1 + len(needs) - len(missing)) / (1 + len(needs))
    if missing:
        reach = f"within {rule.within} words" if isinstance(rule.within, int) else f"in the same {rule.within}"
        wanted = ", and ".join(" or ".join(readable(number, themes) for number in need) for need in missing)
        return stop(StopReason.MISSING, 0.95 * share, f"no {wanted} {reach}")
    forbidden = [number for number in rule.none if view.partner(number, hit, rule.none_within)]
    if forbidden:
        return stop(StopReason.FORBIDDEN, 0.97, f"{readable(forbidden[0], themes)} nearby forbids it")
    return stop(StopReason.NOT_ENOUGH, 1.0, f"fires, but its points (at most {rule.cap:g}) are not enough")


def _shown(hit: Hit, rule: CompiledRule, scanned: Scanned, names: tuple[str, ...]) -> Evidence:
    name, first, last = scanned.located(*hit)
    start, end = scanned.original(*hit)
    clause = f"{rule.id}/{names[rule.core].rpartition('/')[2]}"
    return Evidence(clause=clause, field=name, start=first, end=last, text=scanned.text[start:end], contribution=0.0)
