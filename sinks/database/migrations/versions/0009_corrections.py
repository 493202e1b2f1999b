"""People's corrections of stories, what came of each, and the members they moved."""

from __future__ import annotations

from alembic import op
from sqlalchemy import Column

from sinks.database.columns import Json, at, big, count, digest, source, text, word

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "corrections",
        text("correction_id", primary_key=True), text("theme_id"), word("kind"), text("story_id"), text("other_story_id", null=True),
        Column("article_ids", Json, nullable=False), count("story_revision"), at("made_at"), text("by"), text("note"), *source(), digest(),
    )  # fmt: skip
    op.create_table(
        "corrected",
        text("correction_id", primary_key=True), word("outcome"), at("decided_at"), count("moved_count"), text("new_story_id", null=True),
        *source(), digest(),
    )  # fmt: skip
    op.create_table(
        "moves",
        text("match_id", primary_key=True), text("article_id"), text("from_story_id"), text("to_story_id"), text("event_id"),
        text("correction_id"), at("moved_at"), big("correction_offset"), *source(), digest(),
    )  # fmt: skip
    for table, column in (
        ("corrections", "story_id"), ("corrections", "other_story_id"), ("corrections", "made_at"), ("corrected", "new_story_id"),
        ("moves", "from_story_id"), ("moves", "to_story_id"),
    ):  # fmt: skip
        op.create_index(f"ix_{table}_{column}", table, [column])


def downgrade() -> None:
    for table in ("moves", "corrected", "corrections"):
        op.drop_table(table)
