"""System notices as rows: the store writes those on the topic, the deliver stage writes its own; all are listed from here.

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
    """Write the deliver stage's own notices, which are on no topic: that stage writes to the database anyway."""
    rows = [row | {"kafka_partition": None, "kafka_offset": None} for one in own for _table, row in rows_of(one, partition=0, offset=0)]
    upsert(connection, notices, rows, KEPT)


def newest_notices(
    connection: Connection, *, kinds: Collection[NoticeKind] = (), only_open: bool = False, since: datetime | None = None,
    limit: int | None = None,
) -> Sequence[Row[Any]]:  # fmt: skip
    """The newest revision of each notice, latest first; `kinds` limits the kinds, `only_open` leaves out resolved notices."""
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
