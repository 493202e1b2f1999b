"""The outbox: what is owed to whom, what was tried, and how each receiver does; on the same metadata as `sinks.tables`."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import Boolean, Column, Float, Index, Table
from sqlalchemy import text as sql

from sinks.columns import at, count, raw, source, text, word
from sinks.tables import metadata


class OutboxState(StrEnum):
    """Where one delivery stands; the ledger counts these."""

    PENDING = "pending"  # to be tried now or at next_attempt_at
    HELD = "held"  # kept back on purpose, to be sent later
    DELIVERED = "delivered"
    SUPPRESSED = "suppressed"  # never to be sent, `reason` says why
    DEAD = "dead"  # given up, `reason` says why; may be replayed


WAITING = sql("state = 'pending'")

# One row per alert revision read, in the transaction that fills the outbox: how many receivers it was owed to then.
# The ledger holds the number of outbox rows against it, whatever the settings say today.
fanouts = Table(
    "fanouts", metadata,
    text("alert_id", primary_key=True), count("revision", primary_key=True), count("receiver_count"), at("enqueued_at", index=True),
    *source(),
)  # fmt: skip

# One alert revision owed to one receiver. `payload` is fixed when it is enqueued: every attempt sends the same bytes.
# `schedule_start`: attempts made before the retry schedule last began anew (0, or what it was at the last replay).
outbox = Table(
    "outbox", metadata,
    text("delivery_id", primary_key=True), text("alert_id"), count("revision"), text("theme_id"), text("receiver"),
    word("state"), text("reason", null=True), raw("payload"), count("attempt_count"), count("schedule_start"),
    at("next_attempt_at", null=True),
    at("created_at"), at("delivered_at", null=True), at("first_seen_at", null=True), at("opened_at", null=True),
    text("leased_by", null=True), at("leased_until", null=True),
    Index("ix_outbox_alert_id_revision", "alert_id", "revision"),
    Index("ix_outbox_receiver_state_next_attempt_at", "receiver", "state", "next_attempt_at"),
    Index("ix_outbox_receiver_created_at", "receiver", "created_at", sqlite_where=WAITING, postgresql_where=WAITING),
)  # fmt: skip

# One attempt (or the decision not to make one); `published` once its record is on news.deliveries.
attempts = Table(
    "attempts", metadata,
    text("delivery_id", primary_key=True), count("attempt", primary_key=True), text("alert_id"), count("revision"), text("theme_id"),
    text("receiver"), word("outcome"), text("reason"), count("status", null=True), text("detail", null=True), at("attempted_at"),
    Column("duration_s", Float, nullable=False), at("next_attempt_at", null=True), Column("published", Boolean, nullable=False),
    Index("ix_attempts_published", "published"),
)  # fmt: skip

# What is remembered of a receiver between restarts.
receivers_state = Table(
    "receivers_state", metadata,
    text("receiver", primary_key=True), at("disabled_at", null=True), text("reason", null=True), count("failure_count"),
    at("circuit_open_until", null=True), at("last_success_at", null=True), at("failing_since", null=True), at("updated_at"),
)  # fmt: skip
