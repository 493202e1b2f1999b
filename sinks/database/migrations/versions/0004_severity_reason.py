"""The reason for the severity of a story and of each alert revision; null in older rows."""

from __future__ import annotations

from alembic import op

from sinks.database.columns import word

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

TABLES = ("stories", "alerts")


def upgrade() -> None:
    for table in TABLES:
        op.add_column(table, word("severity_reason", null=True))


def downgrade() -> None:
    for table in TABLES:
        with op.batch_alter_table(table) as batch:
            batch.drop_column("severity_reason")
