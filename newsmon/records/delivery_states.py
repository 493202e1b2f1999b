"""The state and kind of a delivery: the outbox's closed sets of words."""

from __future__ import annotations

from enum import StrEnum


class OutboxState(StrEnum):
    """The state of one delivery; the ledger counts by it."""

    PENDING = "pending"  # due now or at next_attempt_at
    HELD = "held"  # kept back on purpose, sent later
    DELIVERED = "delivered"
    SUPPRESSED = "suppressed"  # never sent; `reason` says why
    DEAD = "dead"  # given up; `reason` says why; can be replayed


class OutboxKind(StrEnum):
    """The kind of one delivery; the ledger balances alerts against their fan-out and lists the other kinds."""

    ALERT = "alert"
    DIGEST = "digest"  # the message that carries held alerts
    ESCALATION = "escalation"  # an alert that was not acknowledged, to another receiver
    NOTICE = "notice"
    HEARTBEAT = "heartbeat"
