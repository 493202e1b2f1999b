"""The recent deliveries of each receiver, read once per batch and kept up to date while the batch is decided.

In: the outbox. Out: `RecentDeliveries` for `sinks.policy.holding`. A receiver without a budget or an interval costs no query.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, and_, exists, func, or_, select

from newsmon.records import Alert, Severity
from newsmon.records.delivery_reasons import DeliveryReason
from newsmon.records.outcomes import RANK
from newsmon.settings import ReceiverSettings
from sinks.database.outbox_tables import OutboxKind, OutboxState, outbox
from sinks.policy.holding import BUDGET_PERIOD, Hold, RecentDeliveries

_SENT = (OutboxState.PENDING.value, OutboxState.DELIVERED.value, OutboxState.DEAD.value)
_went_at = func.coalesce(outbox.c.delivered_at, outbox.c.scheduled_at, outbox.c.created_at)  # what was held went when it was released


@dataclass(frozen=True, slots=True)
class _Last:
    """When an alert went to a receiver last, and the highest severity it was told with."""

    at: datetime
    highest: Severity


class DeliveryHistory:
    """Looks back for one batch; `note` adds what the batch itself decided."""

    def __init__(self, connection: Connection, receivers: Sequence[ReceiverSettings], *, now: datetime) -> None:
        self._connection = connection
        self._now = now
        self._singles = {one.id: self._singles_of(one) for one in receivers if one.budget_per_hour is not None}
        self._budget_until = {name: self._budget_held(name) for name in self._singles}
        self._last_of: dict[tuple[str, str], _Last] = {}
        self._updates_wait: set[tuple[str, str]] = set()

    def recent(self, alert: Alert, receiver: ReceiverSettings) -> RecentDeliveries:
        """The receiver's recent deliveries, as far as they matter for this alert."""
        last = self._last(alert, receiver) if receiver.updates_wait_s > 0 else None
        return replace(
            self.budget(receiver),
            last_of_alert_at=None if last is None else last.at, highest_of_alert=None if last is None else last.highest,
            updates_wait=receiver.updates_wait_s > 0 and self._has_waiting(alert, receiver),
        )  # fmt: skip

    def budget(self, receiver: ReceiverSettings) -> RecentDeliveries:
        """The receiver's recent deliveries, as far as they matter for its budget."""
        count, oldest = self._singles.get(receiver.id, (0, None))
        return RecentDeliveries(single_count=count, oldest_single_at=oldest, budget_until=self._budget_until.get(receiver.id))

    def note(self, alert: Alert, receiver: ReceiverSettings, hold: Hold | None) -> None:
        """Take a decision into account for the rest of the batch."""
        if hold is None or hold.reason is DeliveryReason.OTHER_THEMES or hold.until <= self._now:
            before = self._last(alert, receiver) if receiver.updates_wait_s > 0 else None
            highest = alert.severity if before is None else max(before.highest, alert.severity, key=RANK.__getitem__)
            self._last_of[alert.alert_id, receiver.id] = _Last(self._now, highest)
        if hold is not None and hold.reason is DeliveryReason.GROUP_INTERVAL:
            self._updates_wait.add((alert.alert_id, receiver.id))
        self.note_budget(receiver, hold)

    def note_budget(self, receiver: ReceiverSettings, hold: Hold | None) -> None:
        """Take a message, or that it is over the receiver's budget, into account."""
        if receiver.id not in self._singles:
            return
        if hold is None or hold.reason in (DeliveryReason.OTHER_THEMES, DeliveryReason.NOT_YET_TOLD):
            count, oldest = self._singles[receiver.id]
            self._singles[receiver.id] = count + 1, oldest or self._now
        elif hold.reason is DeliveryReason.BUDGET:
            self._budget_until[receiver.id] = hold.until

    def _singles_of(self, receiver: ReceiverSettings) -> tuple[int, datetime | None]:
        # A message that carries several alerts counts once; an alert inside a digest was not a separate message. An update that waited
        # counts from when it went; its time of creation is asked for the index's sake.
        since = self._now - BUDGET_PERIOD
        recent = and_(
            outbox.c.receiver == receiver.id, outbox.c.kind == OutboxKind.ALERT.value,
            outbox.c.created_at > since - timedelta(seconds=receiver.updates_wait_s), _went_at > since,
            outbox.c.state.in_(_SENT), outbox.c.carried_by.is_(None),
        )  # fmt: skip
        count, oldest = self._connection.execute(select(func.count(), func.min(_went_at)).where(recent)).one()
        return int(count), oldest

    def _budget_held(self, receiver: str) -> datetime | None:
        held = and_(outbox.c.receiver == receiver, outbox.c.state == OutboxState.HELD.value, outbox.c.reason == DeliveryReason.BUDGET.value)
        until: datetime | None = self._connection.scalar(select(func.min(outbox.c.next_attempt_at)).where(held))
        return until

    def _last(self, alert: Alert, receiver: ReceiverSettings) -> _Last | None:
        """When the alert went to the receiver last; one that waits a moment for its other themes counts as on its way."""
        known = self._last_of.get((alert.alert_id, receiver.id))
        if known is not None:
            return known
        on_its_way = or_(
            outbox.c.state.in_(_SENT), and_(outbox.c.state == OutboxState.HELD.value, outbox.c.reason == DeliveryReason.OTHER_THEMES.value)
        )
        mine = (self._of(alert, receiver), on_its_way, outbox.c.kind == OutboxKind.ALERT.value)
        rows = self._connection.execute(select(outbox.c.severity, func.max(_went_at)).where(*mine).group_by(outbox.c.severity)).all()
        if not rows:
            return None
        return _Last(max(at for _severity, at in rows), max((Severity(severity) for severity, _at in rows), key=RANK.__getitem__))

    def _has_waiting(self, alert: Alert, receiver: ReceiverSettings) -> bool:
        if (alert.alert_id, receiver.id) in self._updates_wait:
            return True
        waiting = and_(outbox.c.state == OutboxState.HELD.value, outbox.c.reason == DeliveryReason.GROUP_INTERVAL.value)
        return bool(self._connection.scalar(select(exists().where(self._of(alert, receiver), waiting))))

    @staticmethod
    def _of(alert: Alert, receiver: ReceiverSettings) -> ColumnElement[bool]:
        return and_(outbox.c.alert_id == alert.alert_id, outbox.c.receiver == receiver.id)
