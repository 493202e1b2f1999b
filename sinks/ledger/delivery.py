"""The ledger's lines from the alert to its receivers: alerts x receivers = delivered + held + pending + suppressed + dead."""

from __future__ import annotations

from sqlalchemy import Connection, Text, and_, cast, exists, func, literal, or_, select

from newsmon.quarantine import Stage
from newsmon.topics import ALERTS
from sinks.database.outbox_tables import OutboxKind, OutboxState, attempts, fanouts, outbox
from sinks.database.tables import alerts, quarantined
from sinks.ledger.balance import Line, Missing, line_of
from sinks.ledger.tally import NAMED_AT_MOST, Horizon, Offsets, before_offsets, tally
from sinks.store.quarantine_rows import SUBJECT_JOINT


def fanned_out(connection: Connection, horizon: Horizon, read: Offsets) -> Line:
    """Every alert revision the deliver stage has read is in its outbox; `read` are that stage's offsets of news.alerts."""
    fanout = and_(fanouts.c.alert_id == alerts.c.alert_id, fanouts.c.revision == alerts.c.revision)
    subject = alerts.c.alert_id.concat(literal(SUBJECT_JOINT)).concat(cast(alerts.c.revision, Text))
    counts, missing = tally(
        connection,
        alerts,
        (
            ("taken up", exists().where(fanout)),
            ("quarantined", exists().where(quarantined.c.stage == Stage.DELIVER.value, quarantined.c.subject == subject)),
            ("under way", ~before_offsets(alerts, read)),
        ),
        where=horizon.recent(alerts.c.raised_at),
        named=(alerts.c.alert_id, alerts.c.revision, alerts.c.theme_id),
        name_format="{0} revision {1} ({2}) was read, but is not in the outbox",
    )
    _, strangers = tally(
        connection,
        fanouts,
        (("stored", exists().where(fanout)), ("under way", ~horizon.before_end(fanouts, ALERTS))),
        where=horizon.recent(fanouts.c.enqueued_at),
        named=(fanouts.c.alert_id, fanouts.c.revision),
        name_format="{0} revision {1} is in the outbox, but the alert is not stored",
    )
    return line_of("alerts", "alert revisions", counts, missing, strangers=strangers)


def owed(connection: Connection, horizon: Horizon) -> Line:
    """Alerts x receivers = delivered + held + pending + suppressed + dead, in total and for each alert revision."""
    recent = horizon.recent(fanouts.c.enqueued_at)
    of_alert = outbox.c.kind == OutboxKind.ALERT.value
    here = and_(outbox.c.alert_id == fanouts.c.alert_id, outbox.c.revision == fanouts.c.revision, of_alert)
    total = connection.scalar(select(func.coalesce(func.sum(fanouts.c.receiver_count), 0)).where(recent)) or 0
    by_state = select(outbox.c.state, func.count()).select_from(outbox.join(fanouts, here)).where(recent).group_by(outbox.c.state)
    parts = dict.fromkeys((state.value for state in OutboxState), 0)
    for state, count in connection.execute(by_state):
        parts[state] = parts.get(state, 0) + count
    rows = select(func.count()).where(here).correlate(fanouts).scalar_subquery()
    wrong = and_(recent, fanouts.c.receiver_count != rows)
    count = connection.scalar(select(func.count()).select_from(fanouts).where(wrong)) or 0
    named = connection.execute(
        select(fanouts.c.alert_id, fanouts.c.revision, fanouts.c.receiver_count, rows)
        .where(wrong).order_by(fanouts.c.alert_id, fanouts.c.revision).limit(NAMED_AT_MOST)
    )  # fmt: skip
    texts = tuple(f"{alert} revision {revision}: due to {said}, but queued for {found}" for alert, revision, said, found in named)
    return Line("deliveries", "alerts x receivers", int(total), parts, Missing(count, texts), note=_reasons(connection, horizon))


def _reasons(connection: Connection, horizon: Horizon) -> str:
    quiet = (OutboxState.SUPPRESSED.value, OutboxState.HELD.value)
    query = (
        select(outbox.c.state, outbox.c.reason, func.count())
        .where(outbox.c.state.in_(quiet), outbox.c.kind == OutboxKind.ALERT.value, horizon.recent(outbox.c.created_at))
        .group_by(outbox.c.state, outbox.c.reason).order_by(outbox.c.state.desc(), outbox.c.reason)
    )  # fmt: skip
    return ", ".join(f"{'held for ' if state == OutboxState.HELD.value else ''}{reason} {count}"
                     for state, reason, count in connection.execute(query))  # fmt: skip


def messages(connection: Connection, horizon: Horizon) -> Line:
    """Digests, escalations, notices and heartbeats by state; and every carried alert ends as the message that carries it."""
    others = and_(outbox.c.kind != OutboxKind.ALERT.value, horizon.recent(outbox.c.created_at))
    by_state = select(outbox.c.state, func.count()).where(others).group_by(outbox.c.state)
    parts = dict.fromkeys((state.value for state in OutboxState), 0) | {state: count for state, count in connection.execute(by_state)}  # noqa: C416
    carrier = outbox.alias("carrier")
    # An alert carried in another message is delivered exactly when that message is.
    together = exists().where(
        carrier.c.delivery_id == outbox.c.carried_by,
        or_(carrier.c.state == outbox.c.state, outbox.c.state == OutboxState.SUPPRESSED.value),
    )
    _counts, missing = tally(
        connection, outbox, (("together", together),),
        where=and_(horizon.recent(outbox.c.created_at), outbox.c.carried_by.is_not(None)),
        named=(outbox.c.delivery_id, outbox.c.carried_by, outbox.c.state),
        name_format="{0} is {2}, but the message {1} that carries it is not",
    )  # fmt: skip
    kinds = select(outbox.c.kind, func.count()).where(others).group_by(outbox.c.kind).order_by(outbox.c.kind)
    note = ", ".join(f"{kind} {count}" for kind, count in connection.execute(kinds))
    return Line("messages", "other messages", sum(parts.values()), parts, missing, note=note)


def proven(connection: Connection, horizon: Horizon) -> Line:
    """Every delivered or dead delivery has the attempt that ended it, and none that was delivered waits again; the tables use one word."""
    ended = exists().where(attempts.c.delivery_id == outbox.c.delivery_id, attempts.c.outcome == outbox.c.state)
    ends = (OutboxState.DELIVERED, OutboxState.DEAD)
    counts, missing = tally(
        connection,
        outbox,
        tuple((state.value, and_(outbox.c.state == state.value, ended)) for state in ends),
        where=and_(horizon.recent(outbox.c.created_at), outbox.c.state.in_([state.value for state in ends])),
        named=(outbox.c.delivery_id, outbox.c.receiver, outbox.c.state),
        name_format="{0} to {1} is {2}, but the attempt that ended it is not stored",
    )
    # A replay starts the schedule again, behind the attempts made so far. A suppressed delivery stays so, whatever was under way.
    accepted = exists().where(
        attempts.c.delivery_id == outbox.c.delivery_id,
        attempts.c.outcome == OutboxState.DELIVERED.value,
        attempts.c.attempt > outbox.c.schedule_start,
    )
    open_states = [state.value for state in (OutboxState.PENDING, OutboxState.HELD, OutboxState.DEAD)]
    _, again = tally(
        connection,
        outbox,
        (("not delivered", ~accepted),),
        where=and_(horizon.recent(outbox.c.created_at), outbox.c.state.in_(open_states)),
        named=(outbox.c.delivery_id, outbox.c.receiver, outbox.c.state),
        name_format="{0} to {1} is {2}, but an attempt that delivered it is stored",
    )
    return line_of("proofs", "ended deliveries", counts, missing, strangers=again)
