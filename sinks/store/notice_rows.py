"""System notices as rows: those of the topic are written by the store, the delivery stage's own by itself; all are listed here.

In: notices, the database. Out: rows. I/O: the caller's connection.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, exists, select

from newsmon.records import Notice, NoticeKind, NoticeState
from sinks.database.tables import notices
from sinks.database.upsert import Kept, upsert
from sinks.store.rows import rows_of

KEPT = Kept(("said_at",))


def store_own(connection: Connection, own: Sequence[Notice]) -> None:
    """Write notices that stand on no topic, because who says them writes to the database anyway."""
    rows = [row | {"kafka_partition": None, "kafka_offset": None} for one in own for _table, row in rows_of(one, partition=0, offset=0)]
    upsert(connection, notices, rows, KEPT)


def newest_notices(
    connection: Connection, *, kinds: Collection[NoticeKind] = (), only_open: bool = False, since: datetime | None = None,
    limit: int | None = None,
) -> Sequence[Row[Any]]:  # fmt: skip
    """The newest revision of each notice, the one said last first; of `kinds` where given, and not those that are over with `only_open`."""
    later = notices.alias("later")
    wanted: list[ColumnElement[bool]] = [
        ~exists().where(and_(later.c.notice_id == notices.c.notice_id, later.c.revision > notices.c.revision))
    ]  # fmt: skip
    if kinds:
        wanted.append(notices.c.kind.in_(sorted(kind.value for kind in kinds)))
    if only_open:
        wanted.append(notices.c.state != NoticeState.RESOLVED.value)
    if since is not None:
        wanted.append(notices.c.said_at >= since)
    query = select(notices).where(*wanted).order_by(notices.c.said_at.desc(), notices.c.notice_id).limit(limit)
    return connection.execute(query).all()
