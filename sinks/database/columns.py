"""Column types that mean the same on SQLite and PostgreSQL."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import BigInteger, Column, DateTime, Integer, LargeBinary, String, Text
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

from sinks.database.dialects import Json, keeps_time_zone

__all__ = ["DIGEST", "PAYLOAD_DIGEST", "Json", "UtcTime", "at", "big", "count", "digest", "raw", "source", "text", "word"]

DIGEST, PAYLOAD_DIGEST = "digest", "payload_digest"  # the columns that sinks.database.digests fills


class UtcTime(TypeDecorator[datetime]):
    """An instant: aware datetimes in, aware UTC datetimes with microseconds out; a naive datetime is a bug and raises TypeError.

    SQLite has no such type and stores UTC text, which sorts in time order.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise TypeError(f"a time without a zone: {value!r}")
        in_utc = value.astimezone(UTC)
        return in_utc if keeps_time_zone(dialect) else in_utc.replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def text(name: str, *, primary_key: bool = False, null: bool = False, index: bool = False) -> Column[str]:
    return Column(name, Text, primary_key=primary_key, nullable=null, index=index)


def count(name: str, *, primary_key: bool = False, null: bool = False) -> Column[int]:
    return Column(name, Integer, primary_key=primary_key, nullable=null, autoincrement=False)


def big(name: str, *, primary_key: bool = False, null: bool = False) -> Column[int]:
    """An integer that may exceed 32 bits, such as a Kafka offset."""
    return Column(name, BigInteger, primary_key=primary_key, nullable=null, autoincrement=False)


def at(name: str, *, null: bool = False, index: bool = False) -> Column[datetime]:
    return Column(name, UtcTime, nullable=null, index=index)


def word(name: str, *, primary_key: bool = False, null: bool = False, index: bool = False) -> Column[str]:
    """A value of a closed enum or a configured id."""
    return Column(name, String(64), primary_key=primary_key, nullable=null, index=index)


def raw(name: str, *, null: bool = False) -> Column[bytes]:
    return Column(name, LargeBinary, nullable=null)


def source() -> tuple[Column[int], Column[int]]:
    """Partition and offset of the record this row was made from."""
    return count("kafka_partition"), big("kafka_offset")


def digest(name: str = DIGEST) -> Column[bytes]:
    """What `sinks.database.digests` makes of the row; null in rows stored before there were digests."""
    return raw(name, null=True)
