"""Held and carried deliveries, silences, acknowledgements."""

from __future__ import annotations

from alembic import op
from sqlalchemy import Column, String
from sqlalchemy import text as sql

from sinks.database.columns import at, count, text, word

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

INDEXES = (
    ("ix_outbox_group_key", ["group_key"], "group_key IS NOT NULL"),
    ("ix_outbox_carried_by", ["carried_by"], "carried_by IS NOT NULL"),
    ("ix_outbox_held", ["receiver", "next_attempt_at"], "state = 'held'"),
    ("ix_outbox_escalate_at", ["escalate_at"], "escalate_at IS NOT NULL"),
    ("ix_outbox_receiver_kind_created_at", ["receiver", "kind", "created_at"], None),
)


def _columns() -> tuple[Column, ...]:  # type: ignore[type-arg]
    return (
        Column("kind", String(64), nullable=False, server_default="alert"),
        Column("severity", String(64), nullable=False, server_default="notice"),
        text("group_key", null=True), count("group_size", null=True), text("carried_by", null=True), at("escalate_at", null=True),
    )  # fmt: skip


def upgrade() -> None:
    for column in _columns():
        op.add_column("outbox", column)
    for name, columns, where in INDEXES:
        clause = None if where is None else sql(where)
        op.create_index(name, "outbox", columns, sqlite_where=clause, postgresql_where=clause)
    op.create_table(
        "silences",
        text("silence_id", primary_key=True), text("author"), text("comment"), at("created_at"), at("ends_at", index=True),
        at("ended_at", null=True), text("ended_by", null=True),
        text("theme_id", null=True), text("receiver", null=True), text("source", null=True), text("story_id", null=True),
        text("words", null=True), word("max_severity"),
    )  # fmt: skip
    op.create_table(
        "acknowledgements",
        text("alert_id", primary_key=True), count("revision"), text("author"), text("comment"), at("acknowledged_at"),
    )  # fmt: skip


def downgrade() -> None:
    op.drop_table("acknowledgements")
    op.drop_table("silences")
    for name, _columns_of, _where in reversed(INDEXES):
        op.drop_index(name, "outbox")
    with op.batch_alter_table("outbox") as batch:
        for column in _columns():
            batch.drop_column(column.name)
