"""System notices, stored like every other record."""

from __future__ import annotations

from alembic import op
from sqlalchemy import Column

from sinks.database.columns import Json, at, big, count, text, word

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "notices",
        text("notice_id", primary_key=True), count("revision", primary_key=True), word("kind", index=True), word("state"), text("subject"),
        word("severity"), text("text"), at("opened_at"), at("said_at", index=True), word("stage"), Column("details", Json, nullable=False),
        count("kafka_partition", null=True), big("kafka_offset", null=True),
    )  # fmt: skip


def downgrade() -> None:
    op.drop_table("notices")
