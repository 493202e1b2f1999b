"""The demo's verdict: what the database and the receiver hold against what was expected. [pure]"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from newsmon.app.demo.findings.expectations import Expectations, Finding, FindingKind, SeenAlert, judge_alerts, judge_matches
from newsmon.app.demo.findings.observe import Observed
from newsmon.app.listener import Received
from sinks.database.outbox_tables import OutboxState


def verdict(expected: Expectations, observed: Observed, received: Iterable[Received]) -> tuple[Finding, ...]:
    """Everything that is not as it should be, in a stable order; empty when all is well."""
    received = tuple(received)
    findings = judge_matches(expected, observed.articles) + judge_alerts(expected, seen_alerts(observed, received))
    owed = {delivery.message_id for delivery in observed.deliveries}
    for post in received:
        if not post.verified:
            findings.append(Finding(FindingKind.UNVERIFIED_DELIVERY, "", f"{post.webhook_id}: {post.verdict}"))
        elif post.webhook_id not in owed:
            findings.append(Finding(FindingKind.UNEXPECTED_ALERT, "", f"webhook {post.webhook_id} was never owed"))
    return tuple(sorted(set(findings)))


def alerts_complete(expected: Expectations, observed: Observed, received: Iterable[Received]) -> bool:
    """Whether every expected alert has arrived: the demo need not wait for a straggler."""
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
        )
        for alert_id, rows in alerts.items()
    ]
