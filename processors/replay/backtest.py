"""Replays the past with a changed theme: the same articles, two versions of the themes, two replays side by side.

In: articles in order of time, two versions of the themes with the operator's policy. Out: `Comparison`. Nothing is sent.

Only the themes that differ are compiled and folded: stories and alerts of a theme depend on its own matches alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from functools import partial

from newsmon.records import Alert, AlertReason, AlertState, Article, Evidence, Match
from processors.handling.decision_result import Failed, run_decision
from processors.handling.decisions import Decisions
from processors.matching.classify import scanned_article, verdicts_on_article
from processors.matching.verdicts import Verdict
from processors.matching.whynot import stops
from processors.replay.rehearsal import DEADLINE_S, PastMatches
from processors.search.scan import Scanned
from processors.themes import ThemeSet

MAX_DOUBTS = 100_000  # articles with a remembered reason why one version did not match them


class Side(StrEnum):
    BEFORE = "before"
    AFTER = "after"


@dataclass(frozen=True, slots=True)
class Doubt:
    """One version matched the article and the other (`side`) did not: the reason of the version that did not."""

    side: Side
    theme_id: str
    article_id: str
    detail: str


@dataclass(frozen=True, slots=True)
class Compared:
    """The two versions' answers to one article that at least one of them matches."""

    before: tuple[Match, ...]
    after: tuple[Match, ...]
    doubts: tuple[Doubt, ...]


@dataclass(frozen=True, slots=True)
class Version:
    """One version of the themes, and the rules that follow from it."""

    themes: ThemeSet
    decisions: Decisions


def compare_article(article: Article, before: Version, after: Version) -> Compared | None:
    """Both versions' matches of an article at the time it was first seen; None when neither matches it."""
    was, now = (version.decisions.classify(article, article.first_seen_at)[1] for version in (before, after))
    if not was and not now:
        return None
    gone = {match.theme_id for match in was} - {match.theme_id for match in now}
    come = {match.theme_id for match in now} - {match.theme_id for match in was}
    doubts = (*_doubts(Side.AFTER, gone, article, after.themes), *_doubts(Side.BEFORE, come, article, before.themes))
    return Compared(was, now, doubts)


def _doubts(side: Side, theme_ids: set[str], article: Article, themes: ThemeSet) -> tuple[Doubt, ...]:
    if not theme_ids:
        return ()
    scanned = scanned_article(article)
    verdicts = verdicts_on_article(article, themes)
    return tuple(_doubt(side, theme_id, article, scanned, themes, verdicts) for theme_id in sorted(theme_ids))


def _doubt(side: Side, theme_id: str, article: Article, scanned: Scanned, themes: ThemeSet, verdicts: Sequence[Verdict]) -> Doubt:
    theme = themes.by_id(theme_id)
    if theme is None:
        return Doubt(side, theme_id, article.article_id, "there is no such theme")
    verdict = next(one for one in verdicts if one.theme_id == theme_id)
    detail = f"{verdict.reason.replace('_', ' ')}, {verdict.score:g} of {verdict.threshold:g}"
    fired = {part.clause.partition("/")[0] for part in verdict.evidence}
    nearest = next((stop for stop in stops(scanned, themes, theme, article.language) if stop.rule not in fired), None)
    if nearest is not None:
        detail += f"; nearest: rule {nearest.rule} at '{nearest.core.text}' {nearest.reason.replace('_', ' ')}: {nearest.detail}"
    return Doubt(side, theme_id, article.article_id, detail)


@dataclass(slots=True)
class Alerted:
    """A story that raised an alert, as described by its first alert."""

    story_id: str
    theme_id: str
    title: str
    url: str | None
    opened_at: datetime
    severity: str
    score: float
    evidence: tuple[Evidence, ...]
    notification_count: int = 1


@dataclass(slots=True)
class Outcome:
    """The results of one version from the counted moment on; earlier articles only fill its memory."""

    match_count: int = 0
    story_count: int = 0
    failed_count: int = 0  # matches that the service would put into quarantine
    per_day: Counter[tuple[str, date]] = field(default_factory=Counter)  # (theme, day) -> notifications
    alerted: dict[str, Alerted] = field(default_factory=dict)
    reasons: Counter[tuple[str, AlertReason]] = field(default_factory=Counter)
    story_of: dict[str, str] = field(default_factory=dict)  # theme and article -> story
    decision_of: dict[str, AlertReason] = field(default_factory=dict)  # theme and article -> the newest

    @property
    def notification_count(self) -> int:
        return sum(self.per_day.values())


@dataclass(slots=True)
class Replay:
    """One version's run through the whole story and alert policy."""

    past: PastMatches
    counted_from: datetime
    outcome: Outcome = field(default_factory=Outcome)

    def add(self, matches: Iterable[Match]) -> None:
        """Decide matches in order."""
        for match in matches:
            found = run_decision(partial(self.past.decide, match), deadline_s=DEADLINE_S)
            if isinstance(found, Failed):
                self.outcome.failed_count += 1
                continue
            decided = found.value
            if decided.is_repeat:
                continue
            state = decided.state
            key = article_key(state.theme_id, state.article_id)
            outcome = self.outcome
            outcome.story_of[key] = state.story_id
            outcome.decision_of[key] = state.story.alert_decision
            if match.matched_at < self.counted_from:
                continue
            outcome.match_count += 1
            outcome.story_count += state.story.revision == 1
            outcome.reasons[state.theme_id, state.story.alert_decision] += 1
            if state.alert is not None:
                self._raise(state.alert)

    def _raise(self, alert: Alert) -> None:
        outcome = self.outcome
        outcome.per_day[alert.theme_id, alert.raised_at.date()] += 1
        known = outcome.alerted.get(alert.story_id)
        if known is not None:
            known.notification_count += 1
        elif alert.state is not AlertState.CLOSED:
            outcome.alerted[alert.story_id] = Alerted(
                alert.story_id, alert.theme_id, alert.title, alert.articles[0].url, alert.raised_at, alert.severity.value, alert.score,
                alert.evidence,
            )  # fmt: skip


def article_key(theme_id: str, article_id: str) -> str:
    return f"{theme_id}/{article_id}"


@dataclass(slots=True)
class Comparison:
    """Both outcomes, and the reasons why articles are missing from one of them."""

    before: Outcome
    after: Outcome
    doubts: dict[tuple[Side, str], str] = field(default_factory=dict)  # side, theme and article -> why not

    def doubt(self, doubts: Iterable[Doubt]) -> None:
        """Remember the reasons of the first hundred thousand articles."""
        for one in doubts:
            if len(self.doubts) < MAX_DOUBTS:
                self.doubts[one.side, article_key(one.theme_id, one.article_id)] = one.detail

    def lost(self) -> list[Difference]:
        """Stories that raised an alert before and would not after, by time."""
        return self._only(Side.BEFORE)

    def gained(self) -> list[Difference]:
        """Stories that would raise an alert after and did not before, by time."""
        return self._only(Side.AFTER)

    def _only(self, side: Side) -> list[Difference]:
        """Alerted stories of one side that share no article with an alerted story of the other side."""
        one, other = (self.before, self.after) if side is Side.BEFORE else (self.after, self.before)
        other_side = Side.AFTER if side is Side.BEFORE else Side.BEFORE
        members: dict[str, list[str]] = {}
        for key, story_id in one.story_of.items():
            if story_id in one.alerted:
                members.setdefault(story_id, []).append(key)
        found = []
        for story_id, keys in members.items():
            if any(other.story_of.get(key) in other.alerted for key in keys):
                continue
            found.append(Difference(one.alerted[story_id], len(keys), self._why(keys, other, other_side)))
        return sorted(found, key=lambda one: (one.story.opened_at, one.story.story_id))

    def _why(self, keys: Sequence[str], other: Outcome, side: Side) -> str:
        reason = next((self.doubts[side, key] for key in keys if (side, key) in self.doubts), None)
        if reason is not None:
            return reason
        decision = next((other.decision_of[key] for key in keys if key in other.decision_of), None)
        return "not remembered" if decision is None else f"still matches, but raises no alert: {decision.replace('_', ' ')}"


@dataclass(frozen=True, slots=True)
class Difference:
    """A story that only one version raises an alert for; `why` is the other version's reason."""

    story: Alerted
    article_count: int
    why: str
