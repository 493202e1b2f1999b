"""Bundles the held deliveries that are released: which message carries which of them.

In: one receiver's held deliveries that are due, each with the body it would have been sent as. Out: Bundles. Each delivery is in
exactly one bundle.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from newsmon.records.delivery_reasons import DeliveryReason
from newsmon.records.delivery_states import OutboxKind
from sinks.policy.digest import AckOf, digests
from sinks.policy.held import Bundle, Held
from sinks.policy.joining import joined

DIGEST_REASONS = (DeliveryReason.QUIET_HOURS, DeliveryReason.DIGEST, DeliveryReason.BUDGET)
TOGETHER = (DeliveryReason.OTHER_THEMES, DeliveryReason.GROUP_INTERVAL)  # reasons to go along with another delivery


def no_ack(_delivery_id: str) -> None:
    """Stands in for a link where no acknowledgement links are set up."""


def bundles(held: Sequence[Held], *, now: datetime, ack_of: AckOf = no_ack) -> tuple[Bundle, ...]:
    """The messages of one receiver's due deliveries."""
    made: list[Bundle] = []
    for reason in DIGEST_REASONS:
        mine = [one for one in held if one.reason is reason]
        if mine:
            made += digests(mine, reason, now, ack_of)
    alone = [one for one in held if one.reason not in DIGEST_REASONS]
    # A notice that was deferred
    made += [Bundle(one.delivery_id, one.body.body, ()) for one in alone if one.kind is not OutboxKind.ALERT]
    for group in _groups([one for one in alone if one.kind is OutboxKind.ALERT]):
        made += joined(group)
    return tuple(made)


def _groups(held: Sequence[Held]) -> list[list[Held]]:
    """The deliveries that belong together: those of one article under its themes and, where updates waited, all of the same alert."""
    waited = {one.alert_id for one in held if one.reason is DeliveryReason.GROUP_INTERVAL}
    groups: list[list[Held]] = []
    group_of: dict[str, list[Held]] = {}  # by what its members share

    def shared(one: Held) -> list[str]:
        of_article = [] if one.group_key is None else [f"group {one.group_key}"]
        return [*of_article, *([f"alert {one.alert_id}"] if one.alert_id in waited else [])]

    for one in held:
        met = {id(group_of[key]): group_of[key] for key in shared(one) if key in group_of}
        groups = [group for group in groups if id(group) not in met]
        group = [member for known in met.values() for member in known] + [one]
        groups.append(group)
        group_of.update((key, group) for member in group for key in shared(member))
    return groups
