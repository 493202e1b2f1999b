"""Decides what the attempts on news.deliveries prove, and which deliveries must wait because nothing does.

A database that was lost or put back to an older state reads old alerts again. Each delivery then has one of these fates:

- Proven: the topic has its attempts, so it is delivered, dead, suppressed or being retried, as it was.
- Never made: its record was made after the last attempt of the earlier database, or is due only later (a digest, quiet hours). It is
  sent like any other, however late: an outage of the deliver stage alone never holds anything.
- In doubt: its record lay on the topic while the earlier database was at work, and there is no attempt. What is younger than
  `database.hold_older_than_s` is sent, because a repeat carries the same webhook-id and a missed alert is worse. What is older is
  held until a person decides, because weeks of old alerts at once are worse than a question.

In: attempts, places on a topic, times. Out: a Proof, a reason to hold, the condition behind the notice about what is held.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from newsmon.records import Delivery, DeliveryOutcome, NoticeKind, Severity
from newsmon.records.delivery_reasons import DeliveryReason
from newsmon.records.delivery_states import OutboxState
from sinks.policy.conditions import Condition

# The attempt's own reason is also why the delivery ended; any other reason means that the schedule was used up.
_ENDS_BY_ITSELF = frozenset({
    DeliveryReason.GONE, DeliveryReason.ABORTED, DeliveryReason.RECEIVER_DISABLED, DeliveryReason.RECEIVER_REMOVED,
})  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """The state that a delivery's attempts prove; `first_at` and `last_at` are the times of the earliest and of the newest of them."""

    state: OutboxState
    reason: str | None
    attempt_count: int
    schedule_start: int
    first_at: datetime
    last_at: datetime
    next_attempt_at: datetime | None = None
    delivered_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Doubt:
    """The records of one partition that an earlier database may have sent: before `until_offset`, and made up to `made_until`."""

    until_offset: int
    made_until: datetime


def proof_of(attempts: Sequence[Delivery]) -> Proof:
    """The proof in the attempts of one delivery, at least one, in any order. Acceptance is final; otherwise the newest decides.

    The decision to make no attempt has the number 0 whenever it was made, also after attempts that failed (a silence): its time tells.
    """
    ordered = sorted(attempts, key=lambda one: one.attempt)
    first_at, last = min(one.attempted_at for one in ordered), ordered[-1]
    refused = next((one for one in ordered if one.outcome is DeliveryOutcome.SUPPRESSED and one.attempted_at >= last.attempted_at), None)
    accepted = next((one for one in ordered if one.outcome is DeliveryOutcome.DELIVERED), None)
    ended = [one.attempt for one in ordered[:-1] if one.outcome is DeliveryOutcome.DEAD]  # a replay began a new schedule after these
    start = max(ended, default=0)
    if accepted is not None:
        delivered_at = accepted.attempted_at + timedelta(seconds=accepted.duration_s)
        return Proof(state=OutboxState.DELIVERED, reason=None, attempt_count=last.attempt, schedule_start=start, first_at=first_at,
                     last_at=last.attempted_at, delivered_at=delivered_at)  # fmt: skip
    if refused is not None:
        return Proof(state=OutboxState.SUPPRESSED, reason=refused.reason, attempt_count=last.attempt, schedule_start=start,
                     first_at=first_at, last_at=refused.attempted_at)  # fmt: skip
    if last.outcome is DeliveryOutcome.WILL_RETRY:
        return Proof(state=OutboxState.PENDING, reason=last.reason, attempt_count=last.attempt, schedule_start=start, first_at=first_at,
                     last_at=last.attempted_at, next_attempt_at=last.next_attempt_at or last.attempted_at)  # fmt: skip
    reason = last.reason if last.reason in _ENDS_BY_ITSELF else DeliveryReason.EXHAUSTED.value
    return Proof(state=OutboxState.DEAD, reason=reason, attempt_count=last.attempt, schedule_start=start, first_at=first_at,
                 last_at=last.attempted_at)  # fmt: skip


def doubtful(
    doubt: Doubt | None, *, offset: int, made_at: datetime, waited_until: datetime | None, now: datetime, hold_older_than_s: float
) -> DeliveryReason | None:
    """UNPROVEN when a delivery without proof must wait for a person; None when it goes its usual way.

    `made_at`: when its alert or notice was made. `waited_until`: when quiet hours or a digest would have released it then.
    """
    if doubt is None or offset >= doubt.until_offset or made_at > doubt.made_until:
        return None
    if waited_until is not None and waited_until > doubt.made_until:
        return None
    return DeliveryReason.UNPROVEN if now - made_at > timedelta(seconds=hold_older_than_s) else None


def held_condition(counts: Mapping[str, int], since: datetime, *, hold_older_than_s: float) -> Condition | None:
    """The condition behind the notice about deliveries in doubt, by receiver; None when there are none."""
    if not counts:
        return None
    total = sum(counts.values())
    shares = ", ".join(f"{receiver} {count}" for receiver, count in sorted(counts.items()))
    subject = f"{total} deliveries are" if total > 1 else "1 delivery is"
    text = (
        f"{subject} held ({shares}): the database was lost or restored to an older state, nothing says whether they were sent, and they "
        f"are older than {hold_older_than_s / 3600:g} h. See `newsmon deliveries list --state held`; then send them with "
        "`newsmon deliveries release` or drop them with `newsmon deliveries discard`. Silences and acknowledgements may be lost too."
    )
    return Condition(NoticeKind.DELIVERIES_HELD, "deliveries", text, since, Severity.URGENT)
