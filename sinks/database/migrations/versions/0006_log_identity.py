"""Which log an offset belongs to, and the losses that a person must see."""

from __future__ import annotations

from alembic import op

from sinks.database.columns import at, big, count, text, word

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("consumed_offsets", text("log_id", null=True))
    op.add_column("consumed_offsets", count("leader_epoch", null=True))
    op.add_column("consumed_offsets", text("position_digest", null=True))
    op.create_table(
        "losses",
        text("loss_id", primary_key=True), text("consumer"), text("topic"), count("partition"), word("reason"),
        big("from_offset"), big("to_offset"), big("lost_count", null=True), text("log_before", null=True), text("log_id", null=True),
        at("noticed_at", index=True), at("acknowledged_at", null=True), text("acknowledged_by", null=True),
    )  # fmt: skip


def downgrade() -> None:
    op.drop_table("losses")
    with op.batch_alter_table("consumed_offsets") as batch:
        batch.drop_column("position_digest")
        batch.drop_column("leader_epoch")
        batch.drop_column("log_id")
