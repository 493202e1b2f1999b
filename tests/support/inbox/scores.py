"""Compares the lines of `newsmon rehearse --json` with labels.

In: the lines in the order decided, what is known of the articles. Out: `Inbox`, `ThemeScore`s.

An event is told under its own headline when a message shows an article of it, alone or among updates that travel together. An incident that
no message shows was swallowed. It is told again by every further headline; what travels along is no message of its own. Two reports are together when they are in one event of ours. A loud message (urgent
or flash) is false when it tells no incident, or when our event held reports of another story by then.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

from support.inbox.labelled import Key, Known, Label

Row = dict[str, Any]


@dataclass
class Inbox:
    """Figures, and by name the events and articles behind them."""

    report_count: int = 0
    matched_count: int = 0
    incident_count: int = 0
    swallowed: list[str] = field(default_factory=list)
    message_count: int = 0  # on incidents
    travelling_count: int = 0  # headlines of incidents in messages that another alert leads
    opened_count: int = 0  # alerts opened for incidents
    opened_again: list[str] = field(default_factory=list)  # articles that opened an alert for an incident told before
    told_again: Counter[str] = field(default_factory=Counter)  # further messages on incidents, by reason
    same_pair_count: int = 0
    together_count: int = 0
    across_pair_count: int = 0  # of them in two languages
    across_together_count: int = 0
    joined_pair_count: int = 0  # pairs of known reports in one event of ours
    wrongly_joined: Counter[str] = field(default_factory=Counter)  # pairs of reports, by their events
    follow_up_count: int = 0
    follow_ups: Counter[str] = field(default_factory=Counter)  # how they were told
    strangers: list[str] = field(default_factory=list)  # incidents told as a development of a story that is not theirs
    loud_count: int = 0
    falsely_loud: list[str] = field(default_factory=list)  # articles
    copy_count: int = 0
    copies_found: int = 0
    false_copies: list[str] = field(default_factory=list)

    def figures(self) -> dict[str, float | int]:
        """The figures, in the order in which they are shown."""
        told = self.incident_count - len(self.swallowed)
        return {
            "reports matched": self.matched_count, "of": self.report_count, "incidents": self.incident_count,
            "told under a headline of their own": told, "swallowed": len(self.swallowed),
            "alerts opened for incidents": self.opened_count, "opened again": len(self.opened_again),
            "told again": self.told_again.total(), "messages for each incident": _part(self.message_count, self.incident_count),
            "headlines that travel along": self.travelling_count,
            "pairs of one event": self.same_pair_count, "together": _part(self.together_count, self.same_pair_count),
            "of those in two languages": _part(self.across_together_count, self.across_pair_count),
            "pairs together that are one event": _part(self.joined_pair_count - self.wrongly_joined.total(), self.joined_pair_count),
            "follow-ups": self.follow_up_count, "told within their story": self._within(), "as a development of it": self.follow_ups["development"],
            "incidents under a story not theirs": len(self.strangers), "loud messages": self.loud_count,
            "falsely loud": len(self.falsely_loud), "copies": self.copy_count, "copies found": self.copies_found,
            "false copies": len(self.false_copies),
        }  # fmt: skip

    def _within(self) -> int:
        elsewhere = ("new alert", "of another story")
        return sum(count for how, count in self.follow_ups.items() if how not in elsewhere and not how.startswith("in silence"))


def inbox_of(rows: Iterable[Row], known: Mapping[Key, Known]) -> Inbox:
    """Score the lines about the known articles; of an article that came twice the first line counts."""
    found = Inbox(report_count=len(known))
    first: dict[Key, Row] = {}
    for row in rows:
        key = row["theme"], row["article_id"]
        if key in known:
            first.setdefault(key, row)
    placed = [(known[key], row) for key, row in first.items()]
    found.matched_count = len(placed)
    _tell(found, placed)
    _pair(found, placed)
    _follow(found, placed)
    for report, row in placed:
        is_copy = row["relation"] == "copy"
        found.copy_count += report.copy_of is not None
        found.copies_found += is_copy and report.copy_of is not None
        if is_copy and report.copy_of is None:
            found.false_copies.append(row["article_id"])
    return found


def _headline(row: Row) -> Row | None:
    """The message, or the part of one, that shows the article of the line."""
    shown: Row | None = row["told"] or row.get("travels")
    return shown if shown is not None and shown["article_id"] == row["article_id"] else None


def _tell(found: Inbox, placed: list[tuple[Known, Row]]) -> None:
    told: set[str] = set()
    held: dict[str, set[str]] = defaultdict(set)  # by our event: the stories whose reports it holds
    for report, row in placed:
        held[row["story"]].add(report.story)
        message = _headline(row)
        if message is None:
            continue
        found.travelling_count += row["told"] is None and report.is_incident
        found.message_count += row["told"] is not None and report.is_incident
        if message["severity"] in ("urgent", "flash"):
            found.loud_count += 1
            if not report.is_incident or held[row["story"]] != {report.story}:
                found.falsely_loud.append(row["article_id"])
        if not report.is_incident:
            continue
        found.opened_count += message["kind"] == "opened"
        if report.event in told:
            found.told_again[message["reason"]] += 1
            if message["kind"] == "opened":
                found.opened_again.append(row["article_id"])
        told.add(report.event)
    incidents = dict.fromkeys(report.event for report, _row in placed if report.is_incident)
    found.incident_count = len(incidents)
    found.swallowed = [event for event in incidents if event not in told]


def _pair(found: Inbox, placed: list[tuple[Known, Row]]) -> None:
    for (one, left), (other, right) in combinations(placed, 2):
        if left["theme"] != right["theme"]:
            continue
        together = left["story"] == right["story"]
        found.joined_pair_count += together
        if one.event == other.event:
            across = one.lang != other.lang
            found.same_pair_count += 1
            found.together_count += together
            found.across_pair_count += across
            found.across_together_count += together and across
        elif together:
            found.wrongly_joined[", ".join(sorted((one.event, other.event)))] += 1


def _follow(found: Inbox, placed: list[tuple[Known, Row]]) -> None:
    """How the first report of each follow-up was told, and which incidents came as news of a story that is not theirs."""
    running: dict[str, set[str]] = defaultdict(set)  # our stories, by the story they hold reports of
    holders: dict[str, set[str]] = defaultdict(set)  # the stories whose reports ours hold
    seen: set[str] = set()
    for report, row in placed:
        message = _headline(row)
        if message is not None and report.event not in seen:
            seen.add(report.event)
            is_known = row["running"] in running[report.story]
            if report.event != report.story and running[report.story]:
                found.follow_up_count += 1
                found.follow_ups[_as_what(message, is_known)] += 1
            elif report.is_incident and message["kind"] == "updated" and not is_known and holders[row["running"]]:
                found.strangers.append(report.event)
        running[report.story].add(row["running"])
        holders[row["running"]].add(report.story)
    for event in {report.event for report, _row in placed if report.event != report.story} - seen:
        found.follow_up_count += 1
        found.follow_ups[f"in silence: {event}"] += 1


def _as_what(message: Row, is_known: bool) -> str:
    if not is_known:
        return "new alert" if message["kind"] == "opened" else "of another story"
    return "development" if message["reason"] == "new_development" else str(message["reason"])


@dataclass(frozen=True)
class ThemeScore:
    """Precision and recall of a theme over labelled articles, each weighted with the number it stands for."""

    theme: str
    precision: float
    recall: float

    @property
    def f1(self) -> float:
        return 2 * self.precision * self.recall / max(self.precision + self.recall, 1e-9)


def theme_scores(rows: Iterable[Row], labels: Iterable[Label]) -> list[ThemeScore]:
    matched = {(row["theme"], row["article_id"]) for row in rows}
    labels = list(labels)
    scores = []
    for theme in sorted(frozenset[str]().union(*(label.themes for label in labels))):
        sums: Counter[tuple[bool, bool]] = Counter()
        for label in labels:
            sums[theme in label.themes, (theme, label.article_id) in matched] += label.weight  # type: ignore[assignment]
        hits, false, missed = sums[True, True], sums[False, True], sums[True, False]
        scores.append(ThemeScore(theme, _part(hits, hits + false), _part(hits, hits + missed)))
    return scores


def _part(some: float, whole: float) -> float:
    return round(some / whole, 3) if whole else 1.0
