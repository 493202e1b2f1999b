"""Losses that came as notices: the processor has no database, so the store keeps what it tells."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection

from newsmon.kafka.positions.loss_details import loss_of_detail
from newsmon.records import Notice, NoticeState
from sinks.database.losses import Loss, add_losses


def keep_losses(connection: Connection, notices: Sequence[Notice]) -> int:
    """Store the losses in the details of these notices; returns how many were not known yet."""
    added = 0
    for notice in notices:
        if notice.state is not NoticeState.RAISED:
            continue
        details = [loss_of_detail(name, text) for name, text in notice.details.items()]
        losses = [
            Loss(
                consumer=notice.stage, topic=one.topic, partition=one.partition, reason=one.reason.value, from_offset=one.from_offset,
                to_offset=one.to_offset, lost_count=one.lost_count, log_before=None, log_id=None,
            )
            for one in details
            if one is not None
        ]  # fmt: skip
        added += add_losses(connection, losses, now=notice.opened_at, episode=notice.notice_id)
    return added
