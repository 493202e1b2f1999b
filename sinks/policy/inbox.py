"""What a receiver's inbox would have been: alerts through routing, holding and bundling in their own time, with nothing sent or stored.

In: alerts with the time each was raised, a receiver's settings. Out: the messages, each with the time it would have gone and the alerts it
carries. Receivers answer at once, nobody silences, acknowledges or escalates anything. The deliver stage asks the same functions.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime

from newsmon import ids
from newsmon.records import Alert, AlertState
from newsmon.records.delivery_reasons import DeliveryReason
from newsmon.records.delivery_states import OutboxKind
from newsmon.records.outcomes import RANK
from newsmon.settings import ReceiverSettings
from sinks.message.alert_body import payload_bytes
from sinks.message.stored_body import StoredBody
from sinks.policy.bundling import DIGEST_REASONS, TOGETHER, bundles
from sinks.policy.held import Held
from sinks.policy.holding import BUDGET_PERIOD, RecentDeliveries, budget_hold, group_of, hold, scheduled_hold
from sinks.policy.routing import Send, routes


@dataclass(frozen=True, slots=True)
class Message:
    """One message of the inbox; the first of `alerts` leads it, the others travel along."""

    at: datetime
    alerts: tuple[Alert, ...]
    body: bytes
    is_digest: bool = False


def people_receiver() -> ReceiverSettings:
    """A person's receiver with default settings: every alert, in a chat or mailbox."""
    return ReceiverSettings(id="inbox", kind="apprise", url_env="NEWSMON_INBOX")


def inbox(alerts: Iterable[Alert], receiver: ReceiverSettings) -> list[Message]:
    """The messages in order of time. `alerts` by the time they were raised; two of one time in the order given."""
    desk = _Desk(receiver)
    for alert in alerts:
        desk.release(until=alert.raised_at)
        desk.take(alert)
    desk.release(until=None)
    return desk.sent


@dataclass(slots=True)
class _Waiting:
    held: Held
    alert: Alert
    due_at: datetime
    group_size: int


@dataclass(slots=True)
class _Desk:
    receiver: ReceiverSettings
    sent: list[Message] = field(default_factory=list)
    waiting: dict[str, _Waiting] = field(default_factory=dict)
    told: dict[str, RecentDeliveries] = field(default_factory=dict)  # by alert: the last time and the highest severity
    singles: list[datetime] = field(default_factory=list)

    def take(self, alert: Alert) -> None:
        known = self.told.get(alert.alert_id)
        told = {self.receiver.id} if known is not None or self._waits(alert) else set()
        if not isinstance(routes(alert, [self.receiver], told=told)[0], Send):
            return
        now = alert.raised_at
        group = group_of(alert)
        recent = self._recent(alert, now)
        held = hold(alert, self.receiver, recent, now=now, group=group, awaits_opening=alert.state is AlertState.CLOSED and known is None)
        one = Held(
            delivery_id=ids.delivery_id(alert.alert_id, alert.revision, self.receiver.id), alert_id=alert.alert_id, revision=alert.revision,
            theme_id=alert.theme_id, receiver=self.receiver.id, kind=OutboxKind.ALERT, severity=alert.severity,
            reason=DeliveryReason.ACCEPTED if held is None else held.reason, group_key=None if group is None else group.key,
            created_at=now, body=StoredBody(payload_bytes(alert)),
        )  # fmt: skip
        if held is None:
            self._send(now, (alert,), one.body.body, is_digest=False)
            return
        self.waiting[one.delivery_id] = _Waiting(one, alert, held.until, 1 if group is None else group.size)
        if held.reason is DeliveryReason.OTHER_THEMES and group is not None:
            mine = [other for other in self.waiting.values() if other.held.group_key == group.key]
            if len({other.alert.theme_id for other in mine}) >= group.size:  # complete
                for other in mine:
                    other.due_at = now if other.held.reason is DeliveryReason.OTHER_THEMES else other.due_at

    def release(self, *, until: datetime | None) -> None:
        """Send what is due by `until`, at its own time; None: everything."""
        while self.waiting:
            now = min(one.due_at for one in self.waiting.values())
            if until is not None and now > until:
                return
            due = self._with_company({name: one for name, one in self.waiting.items() if one.due_at <= now})
            awake = {}
            for name, one in due.items():
                waited = one.held.reason is DeliveryReason.GROUP_INTERVAL
                later = scheduled_hold(one.held.severity, self.receiver, now=now) if waited else None
                if later is None:
                    awake[name] = self.waiting.pop(name)
                else:
                    self.waiting[name] = replace(one, held=replace(one.held, reason=later.reason), due_at=later.until)
            for bundle in bundles([one.held for one in awake.values()], now=now):
                names = bundle.carried if bundle.is_digest else (bundle.carrier, *bundle.carried)
                lead = awake.get(bundle.carrier)
                if lead is not None and lead.held.reason is DeliveryReason.GROUP_INTERVAL:
                    over = budget_hold(lead.held.severity, self.receiver, self._budget(now), now=now)
                    if over is not None:
                        for name in names:
                            one = awake[name]
                            self.waiting[name] = replace(one, held=replace(one.held, reason=over.reason), due_at=over.until)
                        continue
                self._send(now, tuple(awake[name].alert for name in names), bundle.payload, is_digest=bundle.is_digest)

    def _with_company(self, due: dict[str, _Waiting]) -> dict[str, _Waiting]:
        """What is due, with what waits for the same article's other themes, and all waiting updates of the alerts."""
        while True:
            single = [one for one in due.values() if one.held.reason not in DIGEST_REASONS]
            alerts = {one.alert.alert_id for one in single}
            keys = {one.held.group_key for one in single if one.held.group_key is not None and one.held.reason in TOGETHER}
            more = {
                name: one for name, one in self.waiting.items()
                if name not in due and one.held.reason in TOGETHER
                and (one.held.group_key in keys or (one.held.reason is DeliveryReason.GROUP_INTERVAL and one.alert.alert_id in alerts))
            }  # fmt: skip
            if not more:
                return due
            due |= more

    def _recent(self, alert: Alert, now: datetime) -> RecentDeliveries:
        told = self.told.get(alert.alert_id, RecentDeliveries())
        on_its_way = [
            one for one in self.waiting.values()
            if one.alert.alert_id == alert.alert_id and one.held.reason is DeliveryReason.OTHER_THEMES
        ]  # fmt: skip
        if told.last_of_alert_at is None and on_its_way:
            told = replace(told, last_of_alert_at=on_its_way[-1].held.created_at, highest_of_alert=on_its_way[-1].held.severity)
        return replace(
            self._budget(now), last_of_alert_at=told.last_of_alert_at, highest_of_alert=told.highest_of_alert,
            updates_wait=any(
                one.alert.alert_id == alert.alert_id and one.held.reason is DeliveryReason.GROUP_INTERVAL for one in self.waiting.values()
            ),
        )  # fmt: skip

    def _budget(self, now: datetime) -> RecentDeliveries:
        self.singles = [at for at in self.singles if at > now - BUDGET_PERIOD]
        over = [one.due_at for one in self.waiting.values() if one.held.reason is DeliveryReason.BUDGET]
        return RecentDeliveries(
            single_count=len(self.singles), oldest_single_at=min(self.singles, default=None), budget_until=min(over, default=None)
        )  # fmt: skip

    def _waits(self, alert: Alert) -> bool:
        return any(one.alert.alert_id == alert.alert_id for one in self.waiting.values())

    def _send(self, at: datetime, alerts: tuple[Alert, ...], body: bytes, *, is_digest: bool) -> None:
        self.sent.append(Message(at, alerts, body, is_digest))
        if not is_digest:
            self.singles.append(at)
        for alert in alerts:
            before = self.told.get(alert.alert_id, RecentDeliveries()).highest_of_alert or alert.severity
            highest = max(before, alert.severity, key=RANK.__getitem__)
            self.told[alert.alert_id] = RecentDeliveries(last_of_alert_at=at, highest_of_alert=highest)
