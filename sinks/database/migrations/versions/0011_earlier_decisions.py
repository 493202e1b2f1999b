"""Decisions on matches that later ones replaced, after a loss."""

from __future__ import annotations

from alembic import op

from sinks.database.columns import at, digest, text, word

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "earlier_decisions",
        text("match_id", primary_key=True), text("story_id", primary_key=True), text("theme_id"), text("event_id", null=True),
        word("relation"), word("alert_decision"), at("decided_at"), at("replaced_at"), digest(),
    )  # fmt: skip
    for name in ("story_id", "replaced_at"):
        op.create_index(f"ix_earlier_decisions_{name}", "earlier_decisions", [name])


def downgrade() -> None:
    op.drop_table("earlier_decisions")
