"""Digests of what rows say, and how many rows are older than that: those have none."""

from __future__ import annotations

from datetime import UTC, datetime

from alembic import op
from sqlalchemy import column, func, select, table

from sinks.database.columns import at, big, digest, text

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

TABLES = (
    "feed_states", "fetches", "sightings", "revisions", "articles", "classifications", "classified_themes", "matches", "stories",
    "members", "feedback", "alerts", "notices", "quarantined", "fanouts", "outbox", "attempts",
)  # fmt: skip


def upgrade() -> None:
    undigested = op.create_table("undigested", text("table_name", primary_key=True), big("row_count"), at("counted_at"))
    connection, now = op.get_bind(), datetime.now(UTC)
    for name in TABLES:
        op.add_column(name, digest())
        row_count = connection.scalar(select(func.count()).select_from(table(name, column("digest")))) or 0
        if row_count:
            connection.execute(undigested.insert().values(table_name=name, row_count=row_count, counted_at=now))
    op.add_column("outbox", digest("payload_digest"))


def downgrade() -> None:
    with op.batch_alter_table("outbox") as batch:
        batch.drop_column("payload_digest")
    for name in TABLES:
        with op.batch_alter_table(name) as batch:
            batch.drop_column("digest")
    op.drop_table("undigested")
