"""Digests of rows: a few bytes made from what a row says, kept beside it, so that content that was changed later shows.

In: a table, a row. Out: the digest. A row has the same digest as it is written and as SQLite or PostgreSQL gives it back: the form that
is hashed has one spelling for equal numbers, instants and JSON. Columns that are null are left out of it, so that a column added later
changes no digest. A change of the form needs a new VERSION; `verify` counts digests of versions it does not know.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from hashlib import blake2b
from typing import Any

import msgspec
from sqlalchemy import JSON, Float, Table

from sinks.database.columns import DIGEST, PAYLOAD_DIGEST

Row = Mapping[str, Any]

VERSION = b"\x01"
_PREFIX = b"d1:"
_BYTES = 16
EXACT = 2**53  # from here on not every integer is a float, and some are too long for MessagePack

# What the digest of a row leaves out, because it changes while the row stands for the same thing.
_CHANGING: Mapping[str, frozenset[str]] = {
    "attempts": frozenset({"published"}),
    "quarantined": frozenset({"replayed_at"}),
}
# Most columns of a delivery change as it is held, sent and retried; these never do. Its payload has a digest of its own.
_FIXED: Mapping[str, frozenset[str]] = {
    "outbox": frozenset({
        "delivery_id", "alert_id", "revision", "theme_id", "receiver", "kind", "severity", "first_seen_at", "opened_at",
        "group_key", "group_size",
    }),
}  # fmt: skip

# MessagePack spells an integer, a float, an instant, a text each in one way, whatever library writes it.
_encode = msgspec.msgpack.Encoder(order="sorted").encode


def keeps_digest(table: Table) -> bool:
    return DIGEST in table.c


def covered_columns(table: Table) -> tuple[str, ...]:
    """The columns that the table's digests are made from."""
    return tuple(name for name, _plain in _plan(table))


def digest_of(table: Table, row: Row) -> bytes:
    """The digest of a row; KeyError when it lacks a column that the digest covers."""
    form = {}
    for name, plain in _plan(table):
        value = row[name]
        if value is not None:
            form[name] = value if plain is None else plain(value)
    return _digest(_packed(form))


def plain_value(table: Table, name: str, value: Any) -> Any:
    """One value as the digest spells it: two values are the same to the database when these are equal."""
    plain = dict(_plan(table))[name]
    return value if plain is None or value is None else plain(value)


def digested(table: Table, rows: Sequence[Row]) -> list[dict[str, Any]]:
    """The rows to write: with their digests, if the table keeps any."""
    if not keeps_digest(table):
        return [dict(row) for row in rows]
    return [{**row, DIGEST: digest_of(table, row)} for row in rows]


def payload_columns(payload: bytes) -> dict[str, bytes]:
    """The payload of a delivery together with its digest: whoever writes the one writes both."""
    return {"payload": payload, PAYLOAD_DIGEST: payload_digest(payload)}


def payload_digest(payload: bytes) -> bytes:
    return _digest(payload)


def _digest(form: bytes) -> bytes:
    return VERSION + blake2b(_PREFIX + form, digest_size=_BYTES).digest()


def _packed(form: dict[str, Any]) -> bytes:
    try:
        return _encode(form)
    except (UnicodeEncodeError, OverflowError):  # half a character, a number of a hundred digits: no database takes it, and says so better
        return repr(form).encode("utf-8", "backslashreplace")


@cache
def _plan(table: Table) -> tuple[tuple[str, Callable[[Any], Any] | None], ...]:
    left_out = _CHANGING.get(table.name, frozenset()) | {DIGEST, PAYLOAD_DIGEST}
    fixed = _FIXED.get(table.name, frozenset(table.c.keys()))
    return tuple((column.name, _spelling(column.type)) for column in table.columns if column.name in fixed - left_out)


def _spelling(kind: object) -> Callable[[Any], Any] | None:
    """What makes equal values equal bytes; None where they are anyway."""
    if isinstance(kind, JSON):
        return _plain_json
    return _plain_float if isinstance(kind, Float) else None


def _plain_float(value: float) -> float:
    return value + 0.0  # SQLite forgets the sign of -0.0


def _plain_json(value: Any) -> Any:
    """PostgreSQL gives JSON's 2.0 back as 2 or 2.0, and 1e22 with all its digits."""
    kind = type(value)
    if kind is str:
        return value
    if kind is float:
        return _plain_integer(int(value)) if value.is_integer() else value
    if kind is int:
        return _plain_integer(value)
    if kind is dict:
        return {name: _plain_json(item) for name, item in value.items()}
    if kind in (list, tuple):
        return [_plain_json(item) for item in value]
    return value


def _plain_integer(value: int) -> int | str:
    return value if -EXACT < value < EXACT else str(value)
