"""Where a delivery stands and what it is: the outbox's closed sets of words; pure."""

from __future__ import annotations

from enum import StrEnum


class OutboxState(StrEnum):
    """Where one delivery stands; the ledger counts these."""

    PENDING = "pending"  # to be tried now or at next_attempt_at
    HELD = "held"  # kept back on purpose, to be sent later
    DELIVERED = "delivered"
    SUPPRESSED = "suppressed"  # never to be sent, `reason` says why
    DEAD = "dead"  # given up, `reason` says why; may be replayed


class OutboxKind(StrEnum):
    """What one delivery is; the ledger holds alerts against their fanout, and shows the others beside."""

    ALERT = "alert"
    DIGEST = "digest"  # the message that carries held alerts
    ESCALATION = "escalation"  # an alert nobody acknowledged, to another receiver
    NOTICE = "notice"
    HEARTBEAT = "heartbeat"
