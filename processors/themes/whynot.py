"""Why a rule of a theme did not fire although its own word was there: the clause, context or neighbour that said no. [pure]

In: a scanned article and a theme. Out: one `Stop` per rule that had its core word, nearest to firing first. I/O: none.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from newsmon.records import Evidence
from processors.themes.automaton import Hit
from processors.themes.compiled import CompiledRule, Theme, ThemeSet
from processors.themes.matching import View
from processors.themes.scan import Scanned


class StopReason(StrEnum):
    """What stopped a rule."""

    CANCELLED = "cancelled"  # a context takes the word away
    MISSING = "missing"  # another clause has no hit in reach
    FORBIDDEN = "forbidden"  # a word that must not be near is near
    WRONG_FIELD = "wrong_field"  # the rule does not look into this field
    NOT_ENOUGH = "not_enough"  # it fired, or would have, but the points do not reach the threshold


@dataclass(frozen=True, slots=True)
class Stop:
    """One rule's nearest miss; `share` of its clauses was there. `core` shows the word and where it stands (contribution 0)."""

    rule: str
    reason: StopReason
    share: float
    detail: str  # the context, the missing or the forbidden list, in words
    core: Evidence


def stops(scanned: Scanned, themes: ThemeSet, theme: Theme) -> tuple[Stop, ...]:
    """One per rule with positive weight whose core word stands in the article; the nearest miss first."""
    hits = themes.automaton.find(scanned)
    view = View(scanned, hits, theme)
    found = [stop_of(rule, view, themes.list_names) for rule in theme.rules if rule.weight > 0 and rule.core in hits]
    return tuple(sorted(found, key=lambda stop: (-stop.share, stop.rule)))


def stop_of(rule: CompiledRule, view: View, names: tuple[str, ...]) -> Stop:
    """What stands between this rule and firing, looked at around the core hit that comes nearest."""
    return max((_around(hit, rule, view, names) for hit in view.hits[rule.core]), key=lambda stop: stop.share)


def unmet_requirements(scanned: Scanned, themes: ThemeSet, theme: Theme) -> Iterator[str]:
    """The ids of what the theme demands anywhere in the article and does not find."""
    view = View(scanned, themes.automaton.find(scanned), theme)
    for need in theme.require:
        if not any(scanned.field_of(hit[0]) in need.fields for number in need.any for hit in view.alive(number)):
            yield f"{need.id} ({' or '.join(readable(themes.list_names[number]) for number in need.any)})"


def readable(list_name: str) -> str:
    """A list's name as people say it."""
    return list_name.rpartition("/")[2].replace("-", " ")


def _around(hit: Hit, rule: CompiledRule, view: View, names: tuple[str, ...]) -> Stop:
    def stop(reason: StopReason, share: float, detail: str) -> Stop:
        return Stop(rule.id, reason, share, detail, _shown(hit, rule, view.scanned, names))

    if view.scanned.field_of(hit[0]) not in rule.fields:
        return stop(StopReason.WRONG_FIELD, 0.2, "in a field this rule does not look into")
    context = view.cancelled_by(rule.core, hit)
    if context is not None:
        return stop(StopReason.CANCELLED, 0.65, f"taken away by the context {context}")
    needs = [(number,) for number in rule.others] + ([rule.any] if rule.any else [])
    missing = [need for need in needs if not any(view.partner(number, hit, rule.within) for number in need)]
    share = (1 + len(needs) - len(missing)) / (1 + len(needs))
    if missing:
        reach = f"within {rule.within} words" if isinstance(rule.within, int) else f"in the same {rule.within}"
        wanted = ", and ".join(" or ".join(readable(names[number]) for number in need) for need in missing)
        return stop(StopReason.MISSING, 0.95 * share, f"no {wanted} {reach}")
    forbidden = [number for number in rule.none if view.partner(number, hit, rule.none_within)]
    if forbidden:
        return stop(StopReason.FORBIDDEN, 0.97, f"{readable(names[forbidden[0]])} beside it forbids it")
    return stop(StopReason.NOT_ENOUGH, 1.0, f"counts, at most {rule.cap:g} points, but is not enough")


def _shown(hit: Hit, rule: CompiledRule, scanned: Scanned, names: tuple[str, ...]) -> Evidence:
    name, first, last = scanned.located(*hit)
    start, end = scanned.original(*hit)
    clause = f"{rule.id}/{names[rule.core].rpartition('/')[2]}"
    return Evidence(clause=clause, field=name, start=first, end=last, text=scanned.text[start:end], contribution=0.0)
