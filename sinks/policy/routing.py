"""Decides which receivers get an alert revision, and why the others do not.

In: an alert, the receivers, which of them are disabled or silenced. Out: one Send or Suppress per receiver, in their order; without
receivers one for `_none`, so that the ledger has a row for every alert revision.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from newsmon.records import Alert, AlertState, Origin, Severity
from newsmon.records.delivery_reasons import DeliveryReason
from newsmon.records.outcomes import RANK
from newsmon.settings import ReceiverSettings, RouteSettings

NO_RECEIVER = "_none"


@dataclass(frozen=True, slots=True)
class Send:
    """The receiver gets this alert revision."""

    receiver: str


@dataclass(frozen=True, slots=True)
class Suppress:
    """The receiver does not get this revision. `may_replay`: only its own state prevents it, so it may want it later."""

    receiver: str
    reason: DeliveryReason

    @property
    def may_replay(self) -> bool:
        return self.reason is DeliveryReason.RECEIVER_DISABLED


Route = Send | Suppress


def routes(
    alert: Alert, receivers: Sequence[ReceiverSettings], *, disabled: Collection[str] = (), silenced: Collection[str] = (),
    told: Collection[str] = (), told_before: Collection[str] = (),
) -> tuple[Route, ...]:  # fmt: skip
    """One route per receiver, at least one. `silenced` are the receivers for which someone silences it, so that it is never sent.

    `told`: for an alert that is over, the receivers that had it or will get it. `told_before`: those that had the same match as another
    alert.
    """
    if not receivers:
        return (Suppress(NO_RECEIVER, DeliveryReason.NO_RECEIVER),)
    return tuple(
        _route(
            alert, receiver, is_disabled=receiver.id in disabled, is_silenced=receiver.id in silenced, is_told=receiver.id in told,
            is_told_before=receiver.id in told_before,
        ) for receiver in receivers
    )  # fmt: skip


def refusal(alert: Alert, wanted: RouteSettings) -> DeliveryReason | None:
    """The reason an alert does not match the route; None when it does."""
    if wanted.themes and alert.theme_id not in wanted.themes:
        return DeliveryReason.THEME_NOT_WANTED
    if RANK[alert.severity] < RANK[Severity(wanted.min_severity)]:
        return DeliveryReason.BELOW_MIN_SEVERITY
    cause = alert.articles[0] if alert.articles else None
    if wanted.languages and cause is not None and cause.language.split("-")[0] not in wanted.languages:
        return DeliveryReason.LANGUAGE_NOT_WANTED
    if alert.articles and min(member.tier for member in alert.articles) > wanted.max_tier:
        return DeliveryReason.TIER_NOT_WANTED
    return None


def _route(alert: Alert, receiver: ReceiverSettings, *, is_disabled: bool, is_silenced: bool, is_told: bool, is_told_before: bool) -> Route:
    reason = DeliveryReason.NOT_LIVE if alert.origin is not Origin.LIVE else refusal(alert, receiver)
    if reason is None and receiver.routes and all(refusal(alert, route) is not None for route in receiver.routes):
        reason = DeliveryReason.NO_ROUTE
    if reason is None and alert.state is AlertState.CLOSED and not receiver.notify_closed:
        reason = DeliveryReason.CLOSED_NOT_WANTED
    if reason is None and is_silenced:
        reason = DeliveryReason.SILENCED
    if reason is None and is_disabled:
        reason = DeliveryReason.RECEIVER_DISABLED
    if reason is None and alert.state is AlertState.CLOSED and not is_told:
        reason = DeliveryReason.NEVER_TOLD
    if reason is None and is_told_before:
        reason = DeliveryReason.TOLD_BEFORE
    return Send(receiver.id) if reason is None else Suppress(receiver.id, reason)
