"""Decides when a receiver gets an alert: now, or later and together with others.

In: an alert to send, the receiver's settings, its recent deliveries, the time. Out: a Hold with its reason, or None.
Holding delays a message; it never changes what is evaluated and stored.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from newsmon.records import Alert, AlertReason, AlertState, Severity
from newsmon.records.delivery_reasons import DeliveryReason
from newsmon.records.outcomes import RANK
from newsmon.settings import ReceiverSettings
from newsmon.settings.sections.weekly_times import DAYS, next_time, parse_minute, parse_span, quiet_until

BUDGET_PERIOD = timedelta(hours=1)
UNTOLD_LOOK_AGAIN = timedelta(minutes=15)  # a fallback: settling the earlier message makes the end due at once


@dataclass(frozen=True, slots=True)
class Hold:
    """Hold the delivery until then; it is released earlier only when what it waits for has arrived."""

    reason: DeliveryReason
    until: datetime


@dataclass(frozen=True, slots=True)
class RecentDeliveries:
    """The receiver's recent and waiting deliveries, as far as a decision looks back on them."""

    single_count: int = 0  # alerts sent by themselves within the last hour
    oldest_single_at: datetime | None = None
    budget_until: datetime | None = None  # alerts are already held for the budget until then
    last_of_alert_at: datetime | None = None  # when an earlier revision of this alert went out
    highest_of_alert: Severity | None = None  # of those revisions
    updates_wait: bool = False  # earlier revisions of this alert are held as too soon


@dataclass(frozen=True, slots=True)
class Group:
    """Alerts sent as one message: those one article causes under its themes, and later their ends."""

    key: str
    size: int


def group_of(alert: Alert) -> Group | None:
    """The group of an alert whose article belongs to several themes; None for a single theme and for an end (`state.closing`)."""
    if not alert.also_matched or not alert.articles or alert.state is AlertState.CLOSED:
        return None
    return Group(alert.articles[0].revision_id, 1 + len({one.theme_id for one in alert.also_matched} - {alert.theme_id}))


def hold(
    alert: Alert, receiver: ReceiverSettings, recent: RecentDeliveries, *, now: datetime, group: Group | None = None,
    awaits_opening: bool = False, silenced_until: datetime | None = None,
) -> Hold | None:  # fmt: skip
    """The strongest reason to wait: a digest or quiet hours, then the budget, then a recent update, then the other alerts of its group.

    `awaits_opening`: the alert is over before the receiver had any of it; its end then waits for the opening in any case.
    `silenced_until`: someone silences the alert until then; its end waits for that, unless it waits for its opening.
    """
    if silenced_until is not None and alert.state is AlertState.CLOSED and not awaits_opening:
        return Hold(DeliveryReason.SILENCED, silenced_until)
    passes = receiver.flash_passes and alert.severity is Severity.FLASH
    return (
        (None if passes else _scheduled(receiver, now) or _over_budget(receiver, recent, now))
        or _too_soon(alert, receiver, recent, now)
        or _incomplete(alert, receiver, now, group)
        or (Hold(DeliveryReason.NOT_YET_TOLD, now + UNTOLD_LOOK_AGAIN) if awaits_opening else None)
        or (Hold(DeliveryReason.GROUP_INTERVAL, now) if recent.updates_wait else None)  # at once, and takes the waiting updates along
    )


def scheduled_hold(severity: Severity, receiver: ReceiverSettings, *, now: datetime) -> Hold | None:
    """As `hold`, for a notice or for what has waited before: only quiet hours and digests apply."""
    return None if receiver.flash_passes and severity is Severity.FLASH else _scheduled(receiver, now)


def budget_hold(severity: Severity, receiver: ReceiverSettings, recent: RecentDeliveries, *, now: datetime) -> Hold | None:
    """As `hold`, for an update that has waited: only the budget applies, which other messages may have used up meanwhile."""
    return None if receiver.flash_passes and severity is Severity.FLASH else _over_budget(receiver, recent, now)


def escalate_at(alert: Alert, receiver: ReceiverSettings, *, due_at: datetime) -> datetime | None:
    """The time at which the alert escalates unless it is acknowledged; None when it does not."""
    if receiver.escalate_to is None or alert.state is AlertState.CLOSED:
        return None
    if RANK[alert.severity] < RANK[Severity(receiver.escalate_min_severity)]:
        return None
    return due_at + timedelta(seconds=receiver.escalate_after_s)


def _scheduled(receiver: ReceiverSettings, now: datetime) -> Hold | None:
    zone = ZoneInfo(receiver.timezone)
    spans = [parse_span(text) for text in receiver.quiet_hours]
    if receiver.digest != "none":
        weekday = DAYS.index(receiver.digest_day) if receiver.digest == "weekly" else None
        return Hold(DeliveryReason.DIGEST, next_time(parse_minute(receiver.digest_at), zone, now, weekday=weekday))
    until = quiet_until(spans, zone, now)
    return None if until is None else Hold(DeliveryReason.QUIET_HOURS, until)


def _over_budget(receiver: ReceiverSettings, recent: RecentDeliveries, now: datetime) -> Hold | None:
    if receiver.budget_per_hour is None:
        return None
    latest = now + BUDGET_PERIOD  # a clock that was ahead may have left later times
    if recent.budget_until is not None and recent.budget_until > now:
        return Hold(DeliveryReason.BUDGET, min(recent.budget_until, latest))  # one digest for all that is over
    if recent.single_count < receiver.budget_per_hour:
        return None
    return Hold(DeliveryReason.BUDGET, min((recent.oldest_single_at or now) + BUDGET_PERIOD, latest))


def _too_soon(alert: Alert, receiver: ReceiverSettings, recent: RecentDeliveries, now: datetime) -> Hold | None:
    if alert.state is not AlertState.UPDATED or recent.last_of_alert_at is None or _rises(alert, recent):
        return None
    until = min(recent.last_of_alert_at, now) + timedelta(seconds=receiver.updates_wait_s)
    return Hold(DeliveryReason.GROUP_INTERVAL, until) if until > now else None


def _rises(alert: Alert, recent: RecentDeliveries) -> bool:
    """True when the receiver has not yet heard anything this severe about the story."""
    told = recent.highest_of_alert
    return alert.reason is AlertReason.SEVERITY_RAISED or (told is not None and RANK[alert.severity] > RANK[told])


def _incomplete(alert: Alert, receiver: ReceiverSettings, now: datetime, group: Group | None) -> Hold | None:
    wait_s = receiver.closed_wait_s if alert.state is AlertState.CLOSED else receiver.group_wait_s
    if wait_s <= 0 or group is None or group.size <= 1:
        return None
    return Hold(DeliveryReason.OTHER_THEMES, now + timedelta(seconds=wait_s))
