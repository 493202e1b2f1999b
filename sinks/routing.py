"""Which receivers get an alert revision, and why the others do not; pure.

In: an alert, the receivers, which of them are disabled. Out: one Send or Suppress per receiver, in their order; one for
`_none` when there is no receiver, so that the ledger has a row for every alert revision.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from newsmon.records import Alert, AlertState, Origin, Severity
from newsmon.settings import ReceiverSettings
from sinks.delivery_reasons import DeliveryReason

NO_RECEIVER = "_none"
RANK = {Severity.NOTICE: 0, Severity.URGENT: 1, Severity.FLASH: 2}


@dataclass(frozen=True, slots=True)
class Send:
    """The receiver is owed this alert revision."""

    receiver: str


@dataclass(frozen=True, slots=True)
class Suppress:
    """The receiver is not to get it. `may_replay`: only because of the receiver's own state, so it may want it later."""

    receiver: str
    reason: DeliveryReason

    @property
    def may_replay(self) -> bool:
        return self.reason is DeliveryReason.RECEIVER_DISABLED


Route = Send | Suppress


def routes(alert: Alert, receivers: Sequence[ReceiverSettings], *, disabled: Collection[str] = ()) -> tuple[Route, ...]:
    """One route per receiver; at least one."""
    if not receivers:
        return (Suppress(NO_RECEIVER, DeliveryReason.NO_RECEIVER),)
    return tuple(_route(alert, receiver, is_disabled=receiver.id in disabled) for receiver in receivers)


def _route(alert: Alert, receiver: ReceiverSettings, *, is_disabled: bool) -> Route:
    reason: DeliveryReason | None = None
    if alert.origin is not Origin.LIVE:
        reason = DeliveryReason.NOT_LIVE
    elif receiver.themes and alert.theme_id not in receiver.themes:
        reason = DeliveryReason.THEME_NOT_WANTED
    elif RANK[alert.severity] < RANK[Severity(receiver.min_severity)]:
        reason = DeliveryReason.BELOW_MIN_SEVERITY
    elif alert.state is AlertState.CLOSED and not receiver.notify_closed:
        reason = DeliveryReason.CLOSED_NOT_WANTED
    elif is_disabled:
        reason = DeliveryReason.RECEIVER_DISABLED
    return Send(receiver.id) if reason is None else Suppress(receiver.id, reason)
