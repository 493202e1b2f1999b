"""Daily heartbeats for receivers that want them: sent even when nothing matched, so that silence means something is wrong.

In: the database, the clock. Out: one outbox row per receiver and day, of the kind `heartbeat`. I/O: the caller's connection.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy import Connection, and_, func, select

from newsmon import ids
from newsmon.clock import TOLERANCE
from newsmon.records import Severity
from newsmon.settings import ReceiverSettings
from newsmon.settings.sections.weekly_times import last_time, parse_minute
from sinks.database.outbox_tables import OutboxKind, OutboxState, outbox
from sinks.database.tables import feed_states, sightings
from sinks.message.other_payloads import HeartbeatPayload, HeartbeatShape
from sinks.outbox.proofs import insert_unproven
from sinks.outbox.state.rows import outbox_row
from sinks.policy.attempt import DeliveryKey

PERIOD = timedelta(days=1)
LATEST = timedelta(hours=1)  # a heartbeat later than this would no longer describe its day
NAMED_FEEDS = 50


def enqueue_heartbeats(connection: Connection, receivers: Sequence[ReceiverSettings], *, now: datetime) -> int:
    """Put the heartbeats that are due into the outbox; returns how many are new."""
    made = 0
    for receiver in receivers:
        if receiver.heartbeat == "none":
            continue
        due_at = last_time(parse_minute(receiver.heartbeat_at), ZoneInfo(receiver.timezone), now)
        subject = f"heartbeat:{receiver.id}:{due_at:%Y-%m-%d}"
        if now - due_at > LATEST or (revision := _revision(connection, subject, receiver.id, due_at)) is None:
            continue
        delivery_id = ids.delivery_id(subject, revision, receiver.id)
        shape = _shape(connection, receiver.id, since=due_at - PERIOD, until=due_at)
        payload = msgspec.json.encode(HeartbeatPayload(timestamp=now, data=shape))
        key = DeliveryKey(delivery_id=delivery_id, alert_id=subject, revision=revision, theme_id="", receiver=receiver.id)
        row = outbox_row(key, kind=OutboxKind.HEARTBEAT, severity=Severity.NOTICE, payload=payload, now=now)
        made += insert_unproven(connection, [row])
    return made


def sentence(*, alert_count: int, held_count: int, article_count: int, healthy: int, failing: int) -> str:
    """The heartbeat's text."""
    alerts = "nothing matched" if alert_count == held_count == 0 else f"{alert_count} alert{'' if alert_count == 1 else 's'} sent"
    held = f", {held_count} held" if held_count else ""
    failing_too = f", {failing} failing" if failing else ""
    return f"{alerts}{held}; {healthy} feed{'' if healthy == 1 else 's'} healthy{failing_too}, {article_count} articles read"


def _revision(connection: Connection, subject: str, receiver: str, due_at: datetime) -> int | None:
    """The revision of the heartbeat that is due; None when it was made. One made before it was due is a clock's that was ahead."""
    for revision in (1, 2):
        made = select(outbox.c.created_at).where(outbox.c.delivery_id == ids.delivery_id(subject, revision, receiver))
        created_at = connection.scalar(made)
        if created_at is None:
            return revision
        if created_at >= due_at - TOLERANCE:
            return None
    return None


def _shape(connection: Connection, receiver: str, *, since: datetime, until: datetime) -> HeartbeatShape:
    mine = and_(outbox.c.receiver == receiver, outbox.c.kind == OutboxKind.ALERT.value, outbox.c.created_at.between(since, until))
    counted = connection.execute(select(outbox.c.state, func.count()).where(mine).group_by(outbox.c.state))
    by_state = {state: count for state, count in counted}  # noqa: C416 - rows are not pairs to the type checker
    read = and_(sightings.c.first_seen_at >= since, sightings.c.first_seen_at < until)
    article_count = connection.scalar(select(func.count(sightings.c.article_id.distinct())).where(read)) or 0
    failing = connection.scalars(select(feed_states.c.feed_id).where(feed_states.c.failure_count > 0).order_by(feed_states.c.feed_id)).all()
    healthy = connection.scalar(select(func.count()).select_from(feed_states).where(feed_states.c.failure_count == 0)) or 0
    sent = sum(by_state.get(state.value, 0) for state in (OutboxState.PENDING, OutboxState.DELIVERED, OutboxState.DEAD))
    held = by_state.get(OutboxState.HELD.value, 0)
    text = sentence(alert_count=sent, held_count=held, article_count=article_count, healthy=healthy, failing=len(failing))
    return HeartbeatShape(
        text=text, since=since, until=until, alert_count=sent, held_count=held, article_count=article_count, feeds_healthy=healthy,
        feeds_failing=tuple(failing[:NAMED_FEEDS]), feeds_failing_count=len(failing),
    )  # fmt: skip
