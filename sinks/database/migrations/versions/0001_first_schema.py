"""The first schema."""

from __future__ import annotations

from alembic import op
from sqlalchemy import Boolean, Column, Float, Index
from sqlalchemy import text as sql

from sinks.database.columns import Json, at, big, count, raw, source, text, word

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    _intake()
    _decisions()
    _delivery()


def _intake() -> None:
    op.create_table(
        "consumed_offsets",
        text("consumer", primary_key=True), text("topic", primary_key=True), count("partition", primary_key=True),
        big("next_offset"), at("updated_at"),
    )  # fmt: skip
    op.create_table(
        "feed_states",
        text("feed_id", primary_key=True), text("url"), big("poll_seq"), at("polled_at"), at("next_due_at"), count("interval_s"),
        count("failure_count"), word("last_result"), at("last_success_at", null=True), at("last_new_article_at", null=True),
        *source(),
    )  # fmt: skip
    op.create_table(
        "fetches",
        text("feed_id", primary_key=True), big("poll_seq", primary_key=True), text("poll_id"),
        at("started_at", index=True), at("finished_at"), word("result"), count("status", null=True), text("detail", null=True),
        big("body_bytes"), count("entry_count"), count("new_count"), count("revised_count"), count("known_count"),
        count("rejected_count"), Column("rejected", Json, nullable=False), count("reidentified_count"),
        Column("gap_suspected", Boolean, nullable=False), count("retry_after_s", null=True), at("next_due_at"),
        *source(),
    )  # fmt: skip
    op.create_table(
        "sightings",
        text("feed_id", primary_key=True), big("poll_seq", primary_key=True), text("article_id", primary_key=True),
        text("poll_id"), text("revision_id", index=True), count("revision"), word("origin"), text("source"), count("tier"),
        text("country", null=True), text("url", null=True), text("guid", null=True),
        at("published_at", null=True), text("published_raw", null=True), word("date_quality"), at("first_seen_at", index=True),
        Column("baseline", Boolean, nullable=False), Column("reidentified", Boolean, nullable=False),
        *source(),
        Index("ix_sightings_article_id", "article_id"),
    )  # fmt: skip
    op.create_table(
        "revisions",
        text("revision_id", primary_key=True), text("article_id", index=True), text("content_hash"),
        text("title"), text("lead"), text("body"), text("language"), text("feed_id"), big("poll_seq"), at("first_seen_at"),
    )  # fmt: skip
    op.create_table(
        "articles",
        text("article_id", primary_key=True), text("revision_id"), count("revision"), text("feed_id"), text("source"),
        text("url", null=True), text("title"), text("language"), at("published_at", null=True), at("first_seen_at", index=True),
    )  # fmt: skip


def _decisions() -> None:
    op.create_table(
        "classifications",
        text("revision_id", primary_key=True), text("feed_id", primary_key=True), big("poll_seq", primary_key=True),
        text("generation", primary_key=True), text("article_id", index=True), count("revision"), word("origin"), text("language"),
        word("outcome"), Column("scores", Json, nullable=False), Column("matched_theme_ids", Json, nullable=False),
        count("matched_count"),
        at("classified_at", index=True),
        *source(),
    )  # fmt: skip
    op.create_table(
        "classified_themes",
        text("match_id", primary_key=True), text("feed_id", primary_key=True), big("poll_seq", primary_key=True),
        text("generation", primary_key=True), text("revision_id", index=True), text("theme_id"), at("classified_at", index=True),
    )  # fmt: skip
    op.create_table(
        "matches",
        text("match_id", primary_key=True), text("theme_id", index=True), text("theme_label"), text("theme_version"), text("generation"),
        text("revision_id", index=True), text("article_id", index=True), text("feed_id"), big("poll_seq"), word("origin"), text("source"),
        text("url", null=True), text("language"), text("title"), text("lead"), text("body"),
        Column("score", Float, nullable=False), Column("threshold", Float, nullable=False), word("severity"),
        Column("evidence", Json, nullable=False), Column("also_matched", Json, nullable=False),
        at("published_at", null=True), at("first_seen_at"), at("matched_at", index=True),
        *source(),
    )  # fmt: skip
    op.create_table(
        "stories",
        text("story_id", primary_key=True), text("theme_id", index=True), count("revision"), word("state"), text("title"),
        at("opened_at"), at("updated_at", index=True), at("closed_at", null=True),
        count("article_count"), count("copy_count"), count("source_count"), count("outlet_count"),
        Column("languages", Json, nullable=False), word("severity"),
        *source(),
    )  # fmt: skip
    op.create_table(
        "members",
        text("match_id", primary_key=True), text("story_id", index=True), text("theme_id"), count("story_revision"),
        text("article_id", index=True), text("revision_id"), word("relation"), text("copy_of", null=True), word("alert_decision"),
        text("source"), count("tier"), text("url", null=True), text("title"), text("language"), Column("score", Float, nullable=False),
        at("published_at", null=True), at("first_seen_at"), at("decided_at", index=True),
        *source(),
    )  # fmt: skip
    op.create_table(
        "feedback",
        text("feedback_id", primary_key=True), text("article_id", index=True), text("revision_id", null=True), text("theme_id", index=True),
        word("verdict"), text("note"), text("by"), at("given_at"),
        *source(),
    )  # fmt: skip
    op.create_table(
        "alerts",
        text("alert_id", primary_key=True), count("revision", primary_key=True), text("story_id", index=True),
        text("theme_id", index=True), text("theme_label"), text("theme_version"), text("generation"),
        word("state"), word("reason"), word("severity"), word("origin"), text("match_id", null=True, index=True),
        text("title"), text("lead"), Column("score", Float, nullable=False), Column("threshold", Float, nullable=False),
        Column("evidence", Json, nullable=False), Column("also_matched", Json, nullable=False), Column("articles", Json, nullable=False),
        count("article_count"), count("source_count"), count("outlet_count"), at("opened_at"), at("raised_at", index=True),
        *source(),
    )  # fmt: skip


def _delivery() -> None:
    op.create_table(
        "quarantined",
        word("stage", primary_key=True), text("topic", primary_key=True), count("partition", primary_key=True),
        big("offset", primary_key=True), word("reason", index=True), text("error"), at("quarantined_at", index=True), text("worker"),
        raw("key", null=True), raw("value", null=True), text("subject", null=True, index=True),
        text("feed_id", null=True), big("poll_seq", null=True), at("replayed_at", null=True),
        *source(),
    )  # fmt: skip
    op.create_table(
        "fanouts",
        text("alert_id", primary_key=True), count("revision", primary_key=True), count("receiver_count"), at("enqueued_at", index=True),
        *source(),
    )  # fmt: skip
    op.create_table(
        "outbox",
        text("delivery_id", primary_key=True), text("alert_id"), count("revision"), text("theme_id"), text("receiver"),
        word("state"), text("reason", null=True), raw("payload"), count("attempt_count"), count("schedule_start"),
        at("next_attempt_at", null=True),
        at("created_at"), at("delivered_at", null=True), at("first_seen_at", null=True), at("opened_at", null=True),
        text("leased_by", null=True), at("leased_until", null=True),
        Index("ix_outbox_alert_id_revision", "alert_id", "revision"),
        Index("ix_outbox_receiver_state_next_attempt_at", "receiver", "state", "next_attempt_at"),
        Index(
            "ix_outbox_receiver_created_at", "receiver", "created_at",
            sqlite_where=sql("state = 'pending'"), postgresql_where=sql("state = 'pending'"),
        ),
    )  # fmt: skip
    op.create_table(
        "attempts",
        text("delivery_id", primary_key=True), count("attempt", primary_key=True), text("alert_id"), count("revision"), text("theme_id"),
        text("receiver"), word("outcome"), text("reason"), count("status", null=True), text("detail", null=True), at("attempted_at"),
        Column("duration_s", Float, nullable=False), at("next_attempt_at", null=True), Column("published", Boolean, nullable=False),
        Index("ix_attempts_published", "published"),
    )  # fmt: skip
    op.create_table(
        "receivers_state",
        text("receiver", primary_key=True), at("disabled_at", null=True), text("reason", null=True), count("failure_count"),
        at("circuit_open_until", null=True), at("last_success_at", null=True), at("failing_since", null=True),
        at("updated_at"),
    )  # fmt: skip


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)


TABLES = (
    "consumed_offsets", "feed_states", "fetches", "sightings", "revisions", "articles", "classifications", "classified_themes",
    "matches", "stories", "members", "alerts", "quarantined", "fanouts", "outbox", "attempts", "receivers_state",
)  # fmt: skip
