"""What the demo must find in its recorded feeds, and the verdict on what it did find. [pure but for `load`]

In: `seeds/demo/expected.toml` and what database and receiver held at the end. Out: `Finding`s, empty when all is well.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from newsmon.errors import Problem, SettingsError
from newsmon.ids import normalised


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ExpectedEntry(_Part):
    """One entry worth watching: a match, or a look-alike that must stay silent (`themes` empty)."""

    key: str
    feed: str
    version: int = Field(ge=1, le=2)
    title: str
    themes: tuple[str, ...]
    group: str | None = None
    copy_of: str | None = None
    same_as: str | None = None
    no_alert: str | None = None
    why: str | None = None


class ExpectedAlert(_Part):
    """One alert that must be delivered, and no second one for the same development."""

    theme: str
    group: str
    or_in: tuple[str, ...] = ()  # also fulfilled when its reports joined the story of one of these groups


class Expectations(_Part):
    """The whole of `expected.toml`."""

    entry: tuple[ExpectedEntry, ...]
    alert: tuple[ExpectedAlert, ...]

    def by_title(self) -> dict[tuple[str, str], ExpectedEntry]:
        """Entries by feed and normalised title: what a stored article can be looked up with."""
        return {(entry.feed, normalised(entry.title)): entry for entry in self.entry}

    @property
    def look_alikes(self) -> tuple[ExpectedEntry, ...]:
        return tuple(entry for entry in self.entry if not entry.themes)


class FindingKind(StrEnum):
    """What can be wrong with the demo's result."""

    MISSING_MATCH = "missing match"
    UNEXPECTED_MATCH = "unexpected match"
    ENTRY_NOT_SEEN = "entry not seen"
    MISSING_ALERT = "missing alert"
    UNEXPECTED_ALERT = "unexpected alert"
    UNVERIFIED_DELIVERY = "delivery with a bad signature"
    ALERT_NOT_DELIVERED = "alert not delivered"


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One difference between what was expected and what happened; any one makes the demo fail."""

    kind: FindingKind
    theme: str
    what: str


@dataclass(frozen=True, slots=True)
class SeenArticle:
    """One stored article text as one feed showed it, with the themes it matched."""

    feed: str
    title: str
    themes: frozenset[str]


@dataclass(frozen=True, slots=True)
class SeenAlert:
    """One alert (all its revisions): its story's members, first one first, as (feed, title)."""

    alert_id: str
    theme: str
    title: str
    members: tuple[tuple[str, str], ...]
    delivered: bool
    verified: bool


def load_expectations(file: Path) -> Expectations:
    """The expectations in `file`; SettingsError lists every problem as `file:key`, unknown references included."""
    try:
        expected = Expectations.model_validate(tomllib.loads(file.read_text("utf-8")))
    except FileNotFoundError as error:
        raise SettingsError([Problem(str(file), "no such file")]) from error
    except tomllib.TOMLDecodeError as error:
        raise SettingsError([Problem(str(file), f"not valid TOML: {error}")]) from error
    except ValidationError as error:
        found = [Problem(f"{file}:{'.'.join(str(part) for part in item['loc'])}", item["msg"]) for item in error.errors()]
        raise SettingsError(found) from error
    problems = _dangling(expected, str(file))
    if problems:
        raise SettingsError(problems)
    return expected


def _dangling(expected: Expectations, file: str) -> list[Problem]:
    keys = {entry.key for entry in expected.entry}
    pairs = {(theme, entry.group) for entry in expected.entry for theme in entry.themes}
    problems = [
        Problem(f"{file}:entry.{entry.key}", f"refers to {name!r}, which is not an entry here")
        for entry in expected.entry
        for name in (entry.copy_of, entry.same_as)
        if name is not None and name not in keys
    ]
    problems += [
        Problem(f"{file}:alert.{alert.theme}.{alert.group}", "no entry belongs to this theme and group")
        for alert in expected.alert
        if (alert.theme, alert.group) not in pairs
    ]
    return problems


def judge_matches(expected: Expectations, seen: Iterable[SeenArticle]) -> list[Finding]:
    """Every stored text must belong to exactly the themes its entry says; unlisted entries belong to none."""
    wanted = expected.by_title()
    found: set[str] = set()
    findings = []
    for article in seen:
        entry = wanted.get((article.feed, normalised(article.title)))
        themes = frozenset(entry.themes) if entry else frozenset()
        if entry:
            found.add(entry.key)
        what = f"{article.feed}: {article.title}"
        findings += [Finding(FindingKind.MISSING_MATCH, theme, what) for theme in sorted(themes - article.themes)]
        findings += [Finding(FindingKind.UNEXPECTED_MATCH, theme, what) for theme in sorted(article.themes - themes)]
    findings += [Finding(FindingKind.ENTRY_NOT_SEEN, "", f"{e.feed}: {e.title}") for e in expected.entry if e.key not in found]
    return findings


def judge_alerts(expected: Expectations, seen: Iterable[SeenAlert]) -> list[Finding]:
    """Every expected alert was delivered and verified once; nothing else was."""
    groups = {key: entry.group for key, entry in expected.by_title().items() if entry.themes}
    owners: dict[tuple[str, str], list[SeenAlert]] = {}
    carried: dict[tuple[str, str], set[str]] = {}  # (theme, group of the story's first member) -> groups of all members
    findings = []
    for alert in seen:
        member_groups = [groups.get((feed, normalised(title))) for feed, title in alert.members]
        owner = member_groups[0] if member_groups else None
        if owner is None:
            findings.append(Finding(FindingKind.UNEXPECTED_ALERT, alert.theme, alert.title))
            continue
        owners.setdefault((alert.theme, owner), []).append(alert)
        carried.setdefault((alert.theme, owner), set()).update(group for group in member_groups if group)
        findings += _judge_delivery(alert)
    findings += _judge_owners(expected, owners, carried)
    return findings


def _judge_delivery(alert: SeenAlert) -> list[Finding]:
    if not alert.delivered:
        return [Finding(FindingKind.ALERT_NOT_DELIVERED, alert.theme, alert.title)]
    return [] if alert.verified else [Finding(FindingKind.UNVERIFIED_DELIVERY, alert.theme, alert.title)]


def _judge_owners(
    expected: Expectations, owners: Mapping[tuple[str, str], list[SeenAlert]], carried: Mapping[tuple[str, str], set[str]]
) -> list[Finding]:
    findings = []
    wanted = {(alert.theme, alert.group): alert for alert in expected.alert}
    for (theme, group), alert in wanted.items():
        elsewhere = any(group in carried.get((theme, other), ()) for other in alert.or_in)
        if (theme, group) not in owners and not elsewhere:
            findings.append(Finding(FindingKind.MISSING_ALERT, theme, group))
    for (theme, group), alerts in owners.items():
        surplus = alerts if (theme, group) not in wanted else alerts[1:]
        findings += [Finding(FindingKind.UNEXPECTED_ALERT, theme, f"{group}: {alert.title}") for alert in surplus]
    return findings
