"""Measures the themes on labelled items: precision, recall and F1 per theme and language, false alarms, worst misses.

In: labelled items with the themes' verdicts. Out: `Report`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from processors.matching.verdicts import Verdict

ALL = "all"


@dataclass(slots=True)
class Count:
    """Right and wrong answers of one theme in one language."""

    true_positive: int = 0
    false_positive: int = 0
    false_negative: int = 0

    @property
    def precision(self) -> float | None:
        matched = self.true_positive + self.false_positive
        return self.true_positive / matched if matched else None

    @property
    def recall(self) -> float | None:
        there = self.true_positive + self.false_negative
        return self.true_positive / there if there else None

    @property
    def f1(self) -> float | None:
        """None when nothing was to be found and nothing was matched."""
        whole = 2 * self.true_positive + self.false_positive + self.false_negative
        return 2 * self.true_positive / whole if whole else None


@dataclass(frozen=True, slots=True)
class Miss:
    """One wrong answer; `margin` is how far the score was on the wrong side."""

    item_id: str
    language: str
    theme_id: str
    expected: bool
    score: float
    threshold: float
    title: str

    @property
    def margin(self) -> float:
        return abs(self.score - self.threshold)


@dataclass(slots=True)
class Report:
    """The sums over any number of items."""

    counts: dict[tuple[str, str], Count] = field(default_factory=dict)  # (theme, language or "all")
    misses: list[Miss] = field(default_factory=list)
    item_count: int = 0
    silent_count: int = 0  # items that belong to no theme
    false_alarm_count: int = 0  # of those, how many matched one

    def add(self, item_id: str, language: str, title: str, labels: frozenset[str], verdicts: Iterable[Verdict]) -> None:
        """Count one item; `labels` are the themes it truly belongs to."""
        self.item_count += 1
        alarmed = False
        for verdict in verdicts:
            expected, matched = verdict.theme_id in labels, verdict.matched
            alarmed |= matched
            for scope in (language, ALL):
                count = self.counts.setdefault((verdict.theme_id, scope), Count())
                count.true_positive += expected and matched
                count.false_positive += matched and not expected
                count.false_negative += expected and not matched
            if expected is not matched:
                self.misses.append(Miss(item_id, language, verdict.theme_id, expected, verdict.score, verdict.threshold, title))
        if not labels:
            self.silent_count += 1
            self.false_alarm_count += alarmed

    def languages(self) -> list[str]:
        return sorted({language for _, language in self.counts if language != ALL})

    def theme_ids(self) -> list[str]:
        return sorted({theme for theme, _ in self.counts})

    def macro_f1(self, language: str = ALL) -> float | None:
        """The mean F1 of the themes that have one in a language."""
        known = [count.f1 for (_, scope), count in self.counts.items() if scope == language]
        values = [value for value in known if value is not None]
        return sum(values) / len(values) if values else None

    def worst(self, limit: int) -> list[Miss]:
        """The misses furthest on the wrong side, first."""
        return sorted(self.misses, key=lambda one: (-one.margin, one.item_id, one.theme_id))[:limit]
