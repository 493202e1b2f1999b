"""The events of stories, and what an alert tells of one; null in older rows. A story from before has one event, itself."""

from __future__ import annotations

from datetime import UTC, datetime

from alembic import op
from sqlalchemy import Column, Table, column, func, literal_column, null, select, table

from sinks.database.columns import Json, at, count, digest, source, text, word

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

SHARED = (
    "story_id", "theme_id", "title", "opened_at", "updated_at", "article_count", "copy_count", "source_count", "outlet_count", "severity",
    "kafka_partition", "kafka_offset",
)  # fmt: skip


def upgrade() -> None:
    events = op.create_table(
        "events",
        text("event_id", primary_key=True), text("story_id"), text("theme_id"), count("story_revision"),
        text("title"), at("opened_at"), at("updated_at"),
        count("article_count"), count("copy_count"), count("source_count"), count("outlet_count"), word("severity"),
        word("severity_reason"), *source(), digest(),
    )  # fmt: skip
    for name in ("story_id", "theme_id", "updated_at"):
        op.create_index(f"ix_events_{name}", "events", [name])
    _one_event_each(events)
    op.add_column("stories", count("event_count", null=True))
    op.add_column("members", text("event_id", null=True))
    op.add_column("members", Column("likeness", Json))
    op.create_index("ix_members_event_id", "members", ["event_id"])
    op.add_column("alerts", text("event_id", null=True))
    op.add_column("alerts", text("story_title", null=True))
    op.add_column("alerts", count("event_count", null=True))
    op.add_column("alerts", Column("event", Json))
    op.add_column("alerts", Column("new_facts", Json))
    op.create_index("ix_alerts_event_id", "alerts", ["event_id"])


def _one_event_each(events: Table) -> None:
    """Give every stored story the event that a reader of its older records makes of it; these rows have no digest."""
    stories = table("stories", *map(column, (*SHARED, "revision", "severity_reason")))
    named = literal_column("'e_'").concat(func.substr(stories.c.story_id, 3))
    reason = func.coalesce(stories.c.severity_reason, literal_column("'theme_rules'"))
    made = select(*(stories.c[name] for name in SHARED), named, stories.c.revision, reason, null())
    connection = op.get_bind()
    columns = [*SHARED, "event_id", "story_revision", "severity_reason", "digest"]
    connection.execute(events.insert().from_select(columns, made))
    row_count = connection.scalar(select(func.count()).select_from(events)) or 0  # the statement's own count is not told on PostgreSQL
    if row_count:
        undigested = table("undigested", column("table_name"), column("row_count"), at("counted_at"))
        connection.execute(undigested.insert().values(table_name="events", row_count=row_count, counted_at=datetime.now(UTC)))


def downgrade() -> None:
    op.drop_index("ix_alerts_event_id", "alerts")
    with op.batch_alter_table("alerts") as batch:
        for column in ("new_facts", "event", "event_count", "story_title", "event_id"):
            batch.drop_column(column)
    op.drop_index("ix_members_event_id", "members")
    with op.batch_alter_table("members") as batch:
        batch.drop_column("likeness")
        batch.drop_column("event_id")
    with op.batch_alter_table("stories") as batch:
        batch.drop_column("event_count")
    op.execute("delete from undigested where table_name = 'events'")
    op.drop_table("events")
