"""The demo's verdict: what the database and the receiver hold at the end against the expectations.

In: `Expectations`, `Observed`, the POSTs received. Out: `Finding`s, empty if all is well.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from newsmon.app.demo.findings.expectations import Expectations
from newsmon.app.demo.findings.observed import Observed, SeenArticle
from newsmon.app.listener import Received
from newsmon.ids import normalised
from sinks.database.outbox_tables import OutboxState


class FindingKind(StrEnum):
    """A kind of difference from the expectations."""

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
class SeenAlert:
    """One alert: its story's members, first one first, as (feed, title), and the headlines of its revisions."""

    alert_id: str
    theme: str
    title: str
    members: tuple[tuple[str, str], ...]
    delivered: bool
    verified: bool
    headlines: tuple[str, ...] = ()


def verdict(expected: Expectations, observed: Observed, received: Iterable[Received]) -> tuple[Finding, ...]:
    """Every difference from the expectations, in a stable order; empty if all is well."""
    received = tuple(received)
    findings = judge_matches(expected, observed.articles) + judge_alerts(expected, seen_alerts(observed, received))
    due = {delivery.message_id for delivery in observed.deliveries}
    for post in received:
        if not post.verified:
            findings.append(Finding(FindingKind.UNVERIFIED_DELIVERY, "", f"{post.webhook_id}: {post.verdict}"))
        elif post.webhook_id not in due:
            findings.append(Finding(FindingKind.UNEXPECTED_ALERT, "", f"webhook {post.webhook_id} was never due"))
    return tuple(sorted(set(findings)))


def alerts_complete(expected: Expectations, observed: Observed, received: Iterable[Received]) -> bool:
    """True once every expected alert has arrived, so that the demo need not wait any longer."""
    findings = judge_alerts(expected, seen_alerts(observed, tuple(received)))
    return not any(finding.kind in (FindingKind.MISSING_ALERT, FindingKind.ALERT_NOT_DELIVERED) for finding in findings)


def seen_alerts(observed: Observed, received: tuple[Received, ...]) -> list[SeenAlert]:
    """One `SeenAlert` per alert id, with its story's members in the order they came in."""
    members: defaultdict[str, list[tuple[int, tuple[str, str]]]] = defaultdict(list)
    for match in observed.matches:
        if match.story_id is not None:
            members[match.story_id].append((match.story_revision, (match.feed_id, match.title)))
    verified = {post.webhook_id for post in received if post.accepted}
    alerts = defaultdict(list)
    for delivery in observed.deliveries:
        alerts[delivery.alert_id].append(delivery)
    return [
        SeenAlert(
            alert_id=alert_id,
            theme=rows[0].theme_id,
            title=rows[0].title,
            members=tuple(member for _revision, member in sorted(members[rows[0].story_id])),
            delivered=all(row.state == OutboxState.DELIVERED for row in rows),
            verified=all(row.message_id in verified for row in rows),
            headlines=tuple(dict.fromkeys(row.title for row in rows)),
        )
        for alert_id, rows in alerts.items()
    ]


def judge_matches(expected: Expectations, seen: Iterable[SeenArticle]) -> list[Finding]:
    """Findings about matches: every stored text must match exactly the themes of its entry, and unlisted entries none."""
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
    """Findings about alerts: every expected development must be told once as news, under a headline of its own, and nothing else.

    It may open an alert or be an update of the alert of a running story.
    """
    groups = {key: entry.group for key, entry in expected.by_title().items() if entry.themes}
    of_headline = {title: group for (_feed, title), group in groups.items()}
    told: set[tuple[str, str | None]] = set()
    owners: dict[tuple[str, str], list[SeenAlert]] = {}
    carried: list[tuple[str, frozenset[str]]] = []  # theme and groups of each alert
    findings = []
    for alert in seen:
        member_groups = [groups.get((feed, normalised(title))) for feed, title in alert.members]
        owner = member_groups[0] if member_groups else None
        if owner is None:
            findings.append(Finding(FindingKind.UNEXPECTED_ALERT, alert.theme, alert.title))
            continue
        owners.setdefault((alert.theme, owner), []).append(alert)
        carried.append((alert.theme, frozenset(group for group in member_groups if group)))
        told.update((alert.theme, of_headline.get(normalised(headline))) for headline in alert.headlines)
        findings += _judge_delivery(alert)
    findings += _judge_owners(expected, owners, carried, told)
    return findings


def _judge_delivery(alert: SeenAlert) -> list[Finding]:
    if not alert.delivered:
        return [Finding(FindingKind.ALERT_NOT_DELIVERED, alert.theme, alert.title)]
    return [] if alert.verified else [Finding(FindingKind.UNVERIFIED_DELIVERY, alert.theme, alert.title)]


def _judge_owners(
    expected: Expectations, owners: Mapping[tuple[str, str], list[SeenAlert]], carried: Iterable[tuple[str, frozenset[str]]],
    told: Container[tuple[str, str | None]],
) -> list[Finding]:  # fmt: skip
    findings = []
    wanted = {(alert.theme, alert.group): alert for alert in expected.alert}
    for (theme, group), alert in wanted.items():
        elsewhere = any(theme == one and group in groups and not groups.isdisjoint(alert.or_in) for one, groups in carried)
        if (theme, group) not in owners and (theme, group) not in told and not elsewhere:
            findings.append(Finding(FindingKind.MISSING_ALERT, theme, group))
    for (theme, group), alerts in owners.items():
        surplus = alerts if (theme, group) not in wanted else alerts[1:]
        findings += [Finding(FindingKind.UNEXPECTED_ALERT, theme, f"{group}: {alert.title}") for alert in surplus]
    return findings
