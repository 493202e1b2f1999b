"""Fields of articles and polls that the database did not keep; null in older rows."""

from __future__ import annotations

from alembic import op
from sqlalchemy import Boolean, Column

from sinks.database.columns import text, word

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("sightings", text("language", null=True))
    op.add_column("sightings", word("text_source", null=True))
    op.add_column("fetches", word("kind", null=True))
    op.add_column("fetches", word("due_reason", null=True))
    op.add_column("fetches", Column("validator_lied", Boolean))


def downgrade() -> None:
    with op.batch_alter_table("sightings") as batch:
        batch.drop_column("text_source")
        batch.drop_column("language")
    with op.batch_alter_table("fetches") as batch:
        batch.drop_column("validator_lied")
        batch.drop_column("due_reason")
        batch.drop_column("kind")
