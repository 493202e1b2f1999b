"""The recent deliveries of each receiver, read once per batch and kept up to date while the batch is decided.

In: the outbox. Out: `RecentDeliveries` for `sinks.policy.holding`. A receiver without a budget or an interval costs no query.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, and_, func, select

from newsmon.records import Alert
from newsmon.records.delivery_reasons import DeliveryReason
from newsmon.settings import ReceiverSettings
from sinks.database.outbox_tables import OutboxKind, OutboxState, outbox
from sinks.policy.holding import BUDGET_PERIOD, Hold, RecentDeliveries

_SENT = (OutboxState.PENDING.value, OutboxState.DELIVERED.value, OutboxState.DEAD.value)


class DeliveryHistory:
    """Looks back for one batch; `note` adds what the batch itself decided."""

    def __init__(self, connection: Connection, receivers: Sequence[ReceiverSettings], *, now: datetime) -> None:
        self._connection = connection
        self._now = now
        self._singles = {one.id: self._singles_of(one.id) for one in receivers if one.budget_per_hour is not None}
        self._budget_until = {name: self._budget_held(name) for name in self._singles}
        self._last_of: dict[tuple[str, str], datetime] = {}

    def recent(self, alert: Alert, receiver: ReceiverSettings) -> RecentDeliveries:
        """The receiver's recent deliveries, as far as they matter for this alert."""
        count, oldest = self._singles.get(receiver.id, (0, None))
        return RecentDeliveries(
            single_count=count, oldest_single_at=oldest, budget_until=self._budget_until.get(receiver.id),
            last_of_alert_at=self._last(alert, receiver) if receiver.group_interval_s > 0 else None,
        )  # fmt: skip

    def note(self, alert: Alert, receiver: ReceiverSettings, hold: Hold | None) -> None:
        """Take a decision into account for the rest of the batch."""
        if hold is None:
            self._last_of[alert.alert_id, receiver.id] = self._now
        if receiver.id not in self._singles:
            return
        if hold is None or hold.reason in (DeliveryReason.OTHER_THEMES, DeliveryReason.NOT_YET_TOLD):
            count, oldest = self._singles[receiver.id]
            self._singles[receiver.id] = count + 1, oldest or self._now
        elif hold.reason is DeliveryReason.BUDGET:
            self._budget_until[receiver.id] = hold.until

    def _singles_of(self, receiver: str) -> tuple[int, datetime | None]:
        # A message that carries several alerts counts once; an alert inside a digest was not a separate message.
        recent = and_(
            outbox.c.receiver == receiver, outbox.c.kind == OutboxKind.ALERT.value, outbox.c.created_at > self._now - BUDGET_PERIOD,
            outbox.c.state.in_(_SENT), outbox.c.carried_by.is_(None),
        )  # fmt: skip
        count, oldest = self._connection.execute(select(func.count(), func.min(outbox.c.created_at)).where(recent)).one()
        return int(count), oldest

    def _budget_held(self, receiver: str) -> datetime | None:
        held = and_(outbox.c.receiver == receiver, outbox.c.state == OutboxState.HELD.value, outbox.c.reason == DeliveryReason.BUDGET.value)
        until: datetime | None = self._connection.scalar(select(func.min(outbox.c.next_attempt_at)).where(held))
        return until

    def _last(self, alert: Alert, receiver: ReceiverSettings) -> datetime | None:
        known = self._last_of.get((alert.alert_id, receiver.id))
        if known is not None:
            return known
        sent = and_(outbox.c.alert_id == alert.alert_id, outbox.c.receiver == receiver.id, outbox.c.state.in_(_SENT))
        of_alert = outbox.c.kind == OutboxKind.ALERT.value
        last: datetime | None = self._connection.scalar(select(func.max(outbox.c.created_at)).where(sent, of_alert))
        return last
