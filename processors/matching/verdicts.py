"""The verdict of every theme on one scanned article: which rules fired, where, and what each added.

In: `Scanned`, `ThemeSet`. Out: one `Verdict` per theme.

A rule fires for a hit of its first list (the core) when every other list of `all`, one of `any` and none of `none` has a hit
within reach of it. Only rules whose rarest list was found are tested, so the cost does not grow with the number of themes.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from newsmon.records import Evidence, Severity, SeverityStep
from processors.matching.levels import levels
from processors.matching.passing import in_passing
from processors.matching.reading import read
from processors.matching.second_opinion import vetoes
from processors.search.automaton import Hit, Hits
from processors.search.scan import Scanned
from processors.themes.theme_set import CompiledRule, Theme, ThemeSet, Within

BODY_PASSAGE_WORDS = 60  # in the body a passage is one paragraph, but at most this many words to either side
WORD_CHARS = 24  # a window of n words has at most n times this many characters, so that odd texts cost no more
MAX_EVIDENCE = 3  # hits of one rule in one field that are shown
MAX_REPEATS = 5
SHORTFALL = 1.0  # how far below the threshold a theme stays that is mentioned in passing or vetoed


class Reason(StrEnum):
    """The reason why a theme matches an article or does not."""

    MATCHED = "matched"
    NOTHING_FOUND = "nothing_found"
    BELOW_THRESHOLD = "below_threshold"
    IN_PASSING = "in_passing"
    SECOND_OPINION = "second_opinion"
    REQUIREMENT_MISSING = "requirement_missing"
    OUT_OF_SCOPE = "out_of_scope"


@dataclass(frozen=True, slots=True)
class Verdict:
    """One theme's answer; the contributions of `evidence` sum to `score`."""

    theme_id: str
    version: str
    reason: Reason
    score: float
    threshold: float
    severity: Severity  # by the article alone
    evidence: tuple[Evidence, ...]
    severity_steps: tuple[SeverityStep, ...] = ()  # levels it may reach when other sources report the story

    @property
    def matched(self) -> bool:
        return self.reason is Reason.MATCHED


@dataclass(slots=True)
class View:
    """The hits of one article that count for one theme: without those that its contexts cancel."""

    scanned: Scanned
    hits: Hits
    theme: Theme
    _alive: Hits = field(default_factory=dict)

    def alive(self, number: int) -> list[Hit]:
        known = self._alive.get(number)
        if known is None:
            known = self.hits.get(number, [])
            if self.theme.cancelling(number):
                known = [hit for hit in known if not self.cancelled_by(number, hit)]
            self._alive[number] = known
        return known

    def stands_in(self, numbers: tuple[int, ...], fields: frozenset[int], near: int | None = None, cores: Sequence[Hit] = ()) -> bool:
        """True when one of these lists has a hit in one of these fields; with `near`, within that many words of one of `cores`."""
        return any(
            self.scanned.field_of(hit[0]) in fields and (near is None or any(self.near(hit, core, near) for core in cores))
            for number in numbers
            for hit in self.alive(number)
        )

    def cancelled_by(self, number: int, hit: Hit) -> str | None:
        """The id of the context that cancels a hit, or None."""
        for context in self.theme.cancelling(number):
            if self._any_near(context.by, hit, context.within) and not self._any_near(context.save, hit, context.save_within):
                return context.id
        return None

    def _any_near(self, numbers: tuple[int, ...], hit: Hit, within: Within) -> bool:
        return any(self.near(hit, other, within) for number in numbers for other in self.hits.get(number, ()))

    def near(self, one: Hit, other: Hit, within: Within) -> bool:
        """True when two hits lie within reach of each other."""
        if within == "document":
            return True
        scanned = self.scanned
        if isinstance(within, int):
            if max(one[0], other[0]) - min(one[1], other[1]) > (within + 1) * WORD_CHARS:
                return False
            return scanned.field_of(one[0]) == scanned.field_of(other[0]) and self._apart(one, other) <= within
        here, there = scanned.field_of(one[0]), scanned.field_of(other[0])
        if within == "passage":
            if here < 2 and there < 2:
                return True
            return here == there and self.near(one, other, BODY_PASSAGE_WORDS) and scanned.same_paragraph(one[0], other[0])
        if here != there:
            return False
        if within == "field":
            return True
        return scanned.sentence_of(one[0]) == scanned.sentence_of(other[0])

    def reads_as(self, one: Hit, other: Hit) -> bool:
        """True when two hits have the same letters, case and accents ignored."""
        form = self.scanned.form
        return form[one[0] : one[1]].strip() == form[other[0] : other[1]].strip()

    def _apart(self, one: Hit, other: Hit) -> int:
        first, second = (one, other) if one[0] <= other[0] else (other, one)
        return 0 if second[0] <= first[1] else self.scanned.words_between(first[1], second[0])

    def partner(self, number: int, core: Hit, within: Within) -> Hit | None:
        if isinstance(within, int):
            reach = (within + 1) * WORD_CHARS
            first, last = core[0] - reach, core[1] + reach
            return next((hit for hit in self.alive(number) if first <= hit[1] and hit[0] <= last and self.near(core, hit, within)), None)
        return next((hit for hit in self.alive(number) if self.near(core, hit, within)), None)


def partners(rule: CompiledRule, view: View, core: Hit) -> tuple[tuple[int, Hit], ...] | None:
    """The hits that complete a rule around one core hit; None when one is missing or a forbidden one is present."""
    found = []
    for number in rule.others:
        partner = view.partner(number, core, rule.within)
        if partner is None:
            return None
        found.append((number, partner))
    if rule.any:
        for number in rule.any:
            partner = view.partner(number, core, rule.within)
            if partner is not None:
                found.append((number, partner))
                break
        else:
            return None
    if any(view.partner(number, core, rule.none_within) for number in rule.none):
        return None
    return tuple(found)


@dataclass(slots=True)
class Firing:
    """One rule in one field: its core hits, with what completed the first of them, and the points."""

    rule: CompiledRule
    field: int
    cores: list[Hit]
    partners: tuple[tuple[int, Hit], ...]
    points: float = 0.0


def firings(rule: CompiledRule, view: View, language: str) -> list[Firing]:
    """The rule's firings by field, points capped; empty when it did not fire."""
    by_field: dict[int, Firing] = {}
    if rule.has_text is not None and rule.has_text is not view.scanned.has_text:
        return []
    for core in view.alive(rule.core):
        number = view.scanned.field_of(core[0])
        if number not in rule.fields:
            continue
        known = by_field.get(number)
        if known is not None and (known.cores[-1][1] > core[0] or len(known.cores) >= MAX_REPEATS):
            continue  # overlaps the previous hit (one word under two phrases), or exceeds the number that counts
        if known is not None and rule.distinct and any(view.reads_as(core, other) for other in known.cores):
            continue
        completed = partners(rule, view, core)
        if completed is None:
            continue
        if known is None:
            by_field[number] = Firing(rule, number, [core], completed)
        else:
            known.cores.append(core)
    left = rule.cap
    weight = rule.weight * view.theme.language_weights.get(language, 1.0)
    fired = [by_field[number] for number in sorted(by_field)]
    for one in fired:
        points = weight * view.theme.field_weights[one.field] * (1 + rule.repeat * (len(one.cores) - 1))
        one.points = round(max(-left, min(left, points)), 4)
        left = max(0.0, left - abs(one.points))
    return fired


def verdicts_of(
    scanned: Scanned, themes: ThemeSet, language: str, tier: int | None = None, country: str | None = None
) -> tuple[Verdict, ...]:
    """Every theme's verdict, in the order of the set."""
    hits = read(scanned, themes, language, useful=True)
    rules: dict[int, list[CompiledRule]] = {}
    for number in hits:
        for theme_number, rule in themes.rules_by_rarest.get(number, ()):
            if rule.core in hits and all(other in hits for other in rule.others):
                rules.setdefault(theme_number, []).append(rule)
    verdicts = list(_nothing_found(themes))
    for number in rules:
        verdicts[number] = _verdict(
            themes.themes[number], rules[number], View(scanned, hits, themes.themes[number]), language, themes.list_names, tier
        )
    for number in _scoped(themes):
        if out_of_scope(themes.themes[number], language, tier, country) is not None:
            verdicts[number] = _empty(themes.themes[number], Reason.OUT_OF_SCOPE)
    return tuple(verdicts)


@functools.lru_cache(maxsize=4)
def _nothing_found(themes: ThemeSet) -> tuple[Verdict, ...]:
    """Every theme's verdict on a text without any of its words: the verdict of most themes on most texts."""
    return tuple(_empty(theme, Reason.NOTHING_FOUND) for theme in themes.themes)


@functools.lru_cache(maxsize=4)
def _scoped(themes: ThemeSet) -> tuple[int, ...]:
    """The numbers of the themes with a scope."""
    return tuple(
        number for number, theme in enumerate(themes.themes) if theme.scope.languages or theme.scope.tiers or theme.scope.countries
    )


def out_of_scope(theme: Theme, language: str, tier: int | None, country: str | None) -> str | None:
    """The part of the scope that excludes the article, or None. An unknown language never excludes it; an unknown tier or country does."""
    scope = theme.scope
    if scope.languages and language not in (*scope.languages, "und"):
        return "languages"
    if scope.tiers and tier not in scope.tiers:
        return "tiers"
    if scope.countries and country not in scope.countries:
        return "countries"
    return None


def _empty(theme: Theme, reason: Reason) -> Verdict:
    return Verdict(theme.theme_id, theme.version, reason, 0.0, theme.threshold, Severity.NOTICE, ())


def _verdict(theme: Theme, rules: list[CompiledRule], view: View, language: str, names: tuple[str, ...], tier: int | None) -> Verdict:
    for need in theme.require:
        if not view.stands_in(need.any, need.fields):
            return _empty(theme, Reason.REQUIREMENT_MISSING)
    fired = [one for rule in rules for one in firings(rule, view, language)]
    if not fired:
        return _empty(theme, Reason.NOTHING_FOUND)
    fired.sort(key=lambda one: (-one.points, one.rule.id, one.field))
    evidence = tuple(part for one in fired for part in _evidence(one, view.scanned, names))
    score = round(sum(part.contribution for part in evidence), 4)
    reason = Reason.MATCHED if score >= theme.threshold else Reason.BELOW_THRESHOLD
    cores = [core for one in fired if one.points > 0 for core in one.cores]
    if reason is Reason.MATCHED:
        if in_passing(cores, view.scanned):
            reason = Reason.IN_PASSING
        elif theme.opinion is not None and vetoes(theme.opinion, view.scanned):
            reason = Reason.SECOND_OPINION
        if reason is not Reason.MATCHED:
            evidence = (*evidence, _taken(evidence[0], reason, score - theme.threshold + SHORTFALL))
            score = round(sum(part.contribution for part in evidence), 4)
    stands = functools.partial(view.stands_in, cores=cores)
    level, steps = levels(theme, score, {one.rule.id for one in fired}, stands, tier)
    return Verdict(theme.theme_id, theme.version, reason, score, theme.threshold, level, evidence, steps)


def _taken(shown: Evidence, reason: Reason, points: float) -> Evidence:
    """What takes a verdict below the threshold, as a clause of its own, placed at the words that had raised it above."""
    return Evidence(
        clause=reason.replace("_", "-"), field=shown.field, start=shown.start, end=shown.end, text=shown.text,
        contribution=-round(points, 4),
    )  # fmt: skip


def _evidence(fired: Firing, scanned: Scanned, names: tuple[str, ...]) -> list[Evidence]:
    """The core hit with the points; the hits that completed it and further core hits follow with zero."""
    rule = fired.rule
    shown = [(rule.core, fired.cores[0], fired.points)]
    shown += [(number, hit, 0.0) for number, hit in fired.partners]
    shown += [(rule.core, hit, 0.0) for hit in fired.cores[1:MAX_EVIDENCE]]
    parts = []
    for number, (start, end), points in shown:
        name, first, stop = scanned.located(start, end)
        offset = scanned.original(start, end)
        clause = f"{rule.id}/{names[number].rpartition('/')[2]}"
        parts.append(
            Evidence(clause=clause, field=name, start=first, end=stop, text=scanned.text[offset[0] : offset[1]], contribution=points)
        )
    return parts
