"""The losses in the database: what left a log unread, or was read again because its log is another one.

A loss is written in the transaction that moves the position past it, and stays until a person acknowledges it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Row, select, update

from newsmon.records.resume_reasons import ResumeReason
from sinks.database.tables import losses
from sinks.database.upsert import insert_new


@dataclass(frozen=True, slots=True)
class Loss:
    """One partition's loss. `to_offset` is where reading went on; `lost_count` None: nobody can know how many records it cost."""

    consumer: str
    topic: str
    partition: int
    reason: str  # a ResumeReason
    from_offset: int
    to_offset: int
    lost_count: int | None
    log_before: str | None
    log_id: str | None

    def loss_id(self, episode: str) -> str:
        """The same for the same loss of that episode, however often it is told."""
        place = (self.consumer, self.topic, self.partition, self.reason, self.from_offset, self.to_offset, episode)
        return "l_" + hashlib.blake2b("\n".join(map(str, place)).encode(), digest_size=8).hexdigest()


def add_losses(connection: Connection, found: Collection[Loss], *, now: datetime, episode: str | None = None) -> int:
    """Store the losses noticed at `now`; returns how many were not known yet. A known one, and its acknowledgement, stay as they are.

    `episode` tells one occurrence from the next (default: by the time).
    """
    rows = [
        {
            "loss_id": one.loss_id(episode or now.isoformat()),
            "consumer": one.consumer, "topic": one.topic, "partition": one.partition, "reason": one.reason,
            "from_offset": one.from_offset, "to_offset": one.to_offset, "lost_count": one.lost_count, "log_before": one.log_before,
            "log_id": one.log_id, "noticed_at": now, "acknowledged_at": None, "acknowledged_by": None,
        }
        for one in found
    ]  # fmt: skip
    return insert_new(connection, losses, rows)


def read_losses(connection: Connection, *, only_open: bool = False, limit: int | None = None) -> Sequence[Row[tuple[object, ...]]]:
    """The losses, latest first; `only_open` leaves out what was acknowledged."""
    query = select(losses).order_by(losses.c.noticed_at.desc(), losses.c.consumer, losses.c.topic, losses.c.partition).limit(limit)
    if only_open:
        query = query.where(losses.c.acknowledged_at.is_(None))
    return connection.execute(query).all()


def replaced_topics(connection: Connection) -> frozenset[str]:
    """The topics (full names) that have had more than one log, whoever noticed it, acknowledged or not."""
    another = (ResumeReason.LOG_REPLACED.value, ResumeReason.LOG_TRUNCATED.value)
    return frozenset(connection.scalars(select(losses.c.topic).where(losses.c.reason.in_(another)).distinct()))


def acknowledge_losses(connection: Connection, *, by: str, now: datetime, loss_ids: Collection[str] | None = None) -> int:
    """Acknowledge these losses, or all that are open; returns how many that were."""
    chosen = update(losses).where(losses.c.acknowledged_at.is_(None))
    if loss_ids is not None:
        chosen = chosen.where(losses.c.loss_id.in_(sorted(loss_ids)))
    return connection.execute(chosen.values(acknowledged_at=now, acknowledged_by=by)).rowcount
