"""The tables of the outbox: deliveries, attempts, the state of each receiver; on the same metadata as `sinks.database.tables`."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Float, Index, String, Table
from sqlalchemy import text as sql

from newsmon.records.delivery_states import OutboxKind, OutboxState
from sinks.database.columns import PAYLOAD_DIGEST, at, big, count, digest, raw, source, text, word
from sinks.database.tables import metadata

__all__ = ["OutboxKind", "OutboxState", "acknowledgements", "attempts", "doubts", "fanouts", "outbox", "receivers_state", "silences"]

WAITING = sql("state = 'pending'")
HELD = sql("state = 'held'")
GROUPED = sql("group_key IS NOT NULL")
CARRIED = sql("carried_by IS NOT NULL")
ESCALATING = sql("escalate_at IS NOT NULL")

# One row per alert revision read, written in the transaction that fills the outbox: how many receivers it was owed to then.
# The ledger compares the number of outbox rows with it, whatever the settings say today.
fanouts = Table(
    "fanouts", metadata,
    text("alert_id", primary_key=True), count("revision", primary_key=True), count("receiver_count"), at("enqueued_at", index=True),
    *source(), digest(),
)  # fmt: skip

# One alert revision owed to one receiver. `payload` is fixed when it is enqueued: every attempt sends the same bytes.
# A held row becomes due at next_attempt_at; without one it waits for a person. `scheduled_at`: when next_attempt_at was set; null in
# rows of older versions. `group_key`: the article that caused the alert, when it belongs to `group_size` themes. `carried_by`: the
# delivery whose message carries this alert; both end the same way. `escalate_at`: when it escalates unless acknowledged.
# `schedule_start`: the number of attempts when the retry schedule last started (0, or at the last replay).
outbox = Table(
    "outbox", metadata,
    text("delivery_id", primary_key=True), text("alert_id"), count("revision"), text("theme_id"), text("receiver"),
    word("state"), text("reason", null=True), raw("payload"), count("attempt_count"), count("schedule_start"),
    at("next_attempt_at", null=True),
    at("created_at"), at("delivered_at", null=True), at("first_seen_at", null=True), at("opened_at", null=True),
    text("leased_by", null=True), at("leased_until", null=True),
    Column("kind", String(64), nullable=False, server_default=OutboxKind.ALERT.value),
    Column("severity", String(64), nullable=False, server_default="notice"),
    text("group_key", null=True), count("group_size", null=True), text("carried_by", null=True), at("escalate_at", null=True),
    digest(), digest(PAYLOAD_DIGEST),
    at("scheduled_at", null=True),
    Index("ix_outbox_alert_id_revision", "alert_id", "revision"),
    Index("ix_outbox_group_key", "group_key", sqlite_where=GROUPED, postgresql_where=GROUPED),
    Index("ix_outbox_carried_by", "carried_by", sqlite_where=CARRIED, postgresql_where=CARRIED),
    Index("ix_outbox_held", "receiver", "next_attempt_at", sqlite_where=HELD, postgresql_where=HELD),
    Index("ix_outbox_escalate_at", "escalate_at", sqlite_where=ESCALATING, postgresql_where=ESCALATING),
    Index("ix_outbox_receiver_kind_created_at", "receiver", "kind", "created_at"),
    Index("ix_outbox_receiver_state_next_attempt_at", "receiver", "state", "next_attempt_at"),
    Index("ix_outbox_receiver_created_at", "receiver", "created_at", sqlite_where=WAITING, postgresql_where=WAITING),
)  # fmt: skip

# One attempt, or the decision to make none; `published` once its record is on news.deliveries.
attempts = Table(
    "attempts", metadata,
    text("delivery_id", primary_key=True), count("attempt", primary_key=True), text("alert_id"), count("revision"), text("theme_id"),
    text("receiver"), word("outcome"), text("reason"), count("status", null=True), text("detail", null=True), at("attempted_at"),
    Column("duration_s", Float, nullable=False), at("next_attempt_at", null=True), Column("published", Boolean, nullable=False),
    digest(),
    Index("ix_attempts_published", "published"),
)  # fmt: skip

# The records of each partition that an earlier database may have sent: those before `until_offset` that were made up to `made_until`.
doubts = Table(
    "doubts", metadata,
    text("topic", primary_key=True), count("partition", primary_key=True), big("until_offset"), at("made_until"), at("found_at"),
)  # fmt: skip

# The state of a receiver between restarts.
receivers_state = Table(
    "receivers_state", metadata,
    text("receiver", primary_key=True), at("disabled_at", null=True), text("reason", null=True), count("failure_count"),
    at("circuit_open_until", null=True), at("last_success_at", null=True), at("failing_since", null=True), at("updated_at"),
)  # fmt: skip

# Silences until `ends_at`: an alert must match every column that is given. Ending one early keeps the row.
silences = Table(
    "silences", metadata,
    text("silence_id", primary_key=True), text("author"), text("comment"), at("created_at"), at("ends_at", index=True),
    at("ended_at", null=True), text("ended_by", null=True),
    text("theme_id", null=True), text("receiver", null=True), text("source", null=True), text("story_id", null=True),
    text("words", null=True), word("max_severity"),
)  # fmt: skip

# Who has seen an alert, up to which revision.
acknowledgements = Table(
    "acknowledgements", metadata,
    text("alert_id", primary_key=True), count("revision"), text("author"), text("comment"), at("acknowledged_at"),
)  # fmt: skip
