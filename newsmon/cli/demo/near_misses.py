"""How near the look-alikes came to matching, and what they fell short of: the themes asked again about the stored texts."""

from __future__ import annotations

from dataclasses import dataclass

from newsmon.cli.demo.outcome import Outcome
from processors.classify import verdicts
from processors.themes.load import load_themes
from processors.themes.matching import Reason, Verdict

IN_WORDS = {
    Reason.NOTHING_FOUND: "no rule fired",
    Reason.BELOW_THRESHOLD: "too little",
    Reason.REQUIREMENT_MISSING: "a required word is missing",
    Reason.OUT_OF_SCOPE: "out of the theme's scope",
    Reason.MATCHED: "it matched",
}


@dataclass(frozen=True, slots=True)
class NearMiss:
    """One look-alike's best theme that said no."""

    score: float
    threshold: float
    theme_id: str
    looks_like: str
    title: str
    why: str


def near_misses(outcome: Outcome) -> list[NearMiss]:
    """One per look-alike that stayed silent, nearest first."""
    themes = load_themes(outcome.settings.themes.directory)
    found = []
    for entry in outcome.expected.look_alikes:
        text = outcome.observed.texts.get((entry.feed, entry.title))
        if text is None:
            continue
        lead, body, language = text
        given = [one for one in verdicts(entry.title, lead, body, language, themes) if not one.matched]
        if not given:
            continue
        nearest = max(given, key=lambda one: (one.score / one.threshold, one.reason is not Reason.NOTHING_FOUND, one.theme_id))
        found.append(
            NearMiss(nearest.score, nearest.threshold, nearest.theme_id, entry.why or "", entry.title, _why(nearest)),
        )
    return sorted(found, key=lambda miss: (-miss.score / miss.threshold, miss.theme_id, miss.title))


def _why(verdict: Verdict) -> str:
    phrases = list(dict.fromkeys(f"'{item.text.lower()}'" for item in verdict.evidence))
    return f"{IN_WORDS[verdict.reason]}: {', '.join(phrases)}" if phrases else IN_WORDS[verdict.reason]
