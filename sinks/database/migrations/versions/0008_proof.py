"""Which records an earlier database may have sent, and when each delivery's next attempt was scheduled."""

from __future__ import annotations

from alembic import op

from sinks.database.columns import at, big, count, text

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "doubts",
        text("topic", primary_key=True), count("partition", primary_key=True), big("until_offset"), at("made_until"), at("found_at"),
    )  # fmt: skip
    op.add_column("outbox", at("scheduled_at", null=True))


def downgrade() -> None:
    with op.batch_alter_table("outbox") as batch:
        batch.drop_column("scheduled_at")
    op.drop_table("doubts")
