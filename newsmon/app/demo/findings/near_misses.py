"""The look-alikes that came closest to matching, and what stopped them: the themes judge the stored texts again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from newsmon.app.demo.findings.result import DemoResult
from processors.matching.classify import masked_spans
from processors.matching.reading import read
from processors.matching.verdicts import View, verdicts_of
from processors.matching.whynot import stop_of
from processors.search.scan import scan
from processors.themes.load import load_themes
from processors.themes.theme_set import ThemeSet


@dataclass(frozen=True, slots=True)
class NearMiss:
    """One look-alike and the theme that came nearest to claiming it; `near` is 0 to 1, for the order."""

    near: float
    score: float
    threshold: float
    theme_id: str
    looks_like: str
    title: str
    why: str


def near_misses(result: DemoResult) -> list[NearMiss]:
    """One per look-alike that did not match although it contains a word of some theme, nearest first."""
    themes = load_themes(result.settings.themes.directory)
    found = []
    for entry in result.expected.look_alikes:
        text = result.observed.texts.get((entry.feed, entry.title))
        if text is not None:
            found += nearest(entry.title, *text, themes, looks_like=entry.why or "")
    return sorted(found, key=lambda miss: (-miss.near, miss.theme_id, miss.title))


def nearest_by_theme(misses: Iterable[NearMiss], count: int) -> list[NearMiss]:
    """The `count` nearest of each theme, in the given order: one theme's look-alikes must not hide another's."""
    taken: Counter[str] = Counter()
    chosen = []
    for miss in misses:
        taken[miss.theme_id] += 1
        if taken[miss.theme_id] <= count:
            chosen.append(miss)
    return sorted(chosen, key=lambda miss: miss.theme_id)


def nearest(title: str, lead: str, body: str, language: str, themes: ThemeSet, *, looks_like: str) -> list[NearMiss]:
    """The nearest miss of one text; empty if it matched or contains no rule's first word."""
    scanned = scan(title, lead, body, masked_spans(title, lead, body, language))
    verdicts = verdicts_of(scanned, themes, language)
    if any(verdict.matched for verdict in verdicts):
        return []
    hits = read(scanned, themes, language)
    best: NearMiss | None = None
    for theme, verdict in zip(themes.themes, verdicts, strict=True):
        view = View(scanned, hits, theme)
        for rule in theme.rules:
            if rule.weight <= 0 or rule.core not in hits:
                continue
            stop = stop_of(rule, view, themes)
            near = max(verdict.score / verdict.threshold, stop.share * 0.5)
            if best is None or near > best.near:
                why = f"'{stop.core.text.lower()}': {stop.detail}"
                best = NearMiss(near, verdict.score, verdict.threshold, theme.theme_id, looks_like, title, why)
    return [] if best is None else [best]
