"""Compares what a row says with the record it was made from, and with its own digest. Pure: rows in, words out."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from sqlalchemy import Table

from sinks.database.columns import DIGEST, PAYLOAD_DIGEST
from sinks.database.digests import VERSION, covered_columns, digest_of, payload_digest, plain_value
from sinks.database.upsert import Kept

Row = Mapping[str, Any]

# Columns that are null in rows stored before there were columns for them, or before newsmon could read what they say.
ADDED_LATER: Mapping[str, frozenset[str]] = {
    "fetches": frozenset({"kind", "due_reason", "validator_lied"}),
    "sightings": frozenset({"language", "text_source"}),
    "stories": frozenset({"severity_reason", "event_count"}),
    "members": frozenset({"event_id", "likeness"}),
    "alerts": frozenset({"severity_reason", "event_id", "story_title", "event_count", "event", "new_facts"}),
    "quarantined": frozenset({"subject", "feed_id", "poll_seq"}),
}

# Keys that the parts of a JSON column lack in rows stored before there were such keys.
KEYS_ADDED_LATER: Mapping[tuple[str, str], frozenset[str]] = {("alerts", "articles"): frozenset({"event_id", "likeness"})}


class Digest(StrEnum):
    """What the digest of a row says about its content."""

    SAME = "as stored"
    CHANGED = "changed"
    NONE = "no digest"
    NEWER = "digest of a newer version"


def digest_state(table: Table, row: Row) -> Digest:
    """Whether the row still says what it said when it was stored, and a delivery still has the body it was given."""
    kept = row[DIGEST]
    if kept is None:
        return Digest.NONE
    if bytes(kept[:1]) > VERSION:
        return Digest.NEWER
    same = bytes(kept) == digest_of(table, row)
    if same and PAYLOAD_DIGEST in table.c:
        same = row[PAYLOAD_DIGEST] is not None and bytes(row[PAYLOAD_DIGEST]) == payload_digest(bytes(row["payload"]))
    return Digest.SAME if same else Digest.CHANGED


def differences(table: Table, stored: Row, made: Row) -> tuple[str, ...]:
    """The columns in which the stored row does not say what its record says; `made` is the row made of that record now.

    A null where the record says more is no difference if the row was stored so: an older version knew no such column. The same holds
    for a key that the parts of a column lack.
    """
    unlike = tuple(name for name in covered_columns(table) if name in made and not _same(table, name, stored[name], made[name]))
    found = tuple(name for name in unlike if not _same_but_for_later_keys(table, name, stored, made[name]))
    silent = [name for name in found if stored[name] is None]
    if not silent:
        return found
    excused = _excused(table, stored)
    return tuple(name for name in found if stored[name] is not None or name not in excused)


def _same(table: Table, name: str, stored: Any, made: Any) -> bool:
    if stored is None or made is None:
        return stored is made
    return bool(stored == made) or plain_value(table, name, stored) == plain_value(table, name, made)


def _same_but_for_later_keys(table: Table, name: str, stored: Row, made: Any) -> bool:
    """True when the parts in a column are those of the record, without the keys that an older version did not write."""
    later = KEYS_ADDED_LATER.get((table.name, name))
    parts = stored[name]
    if later is None or not parts or any(not later.isdisjoint(part) for part in parts) or digest_state(table, stored) is Digest.CHANGED:
        return False
    return _same(table, name, parts, [{key: value for key, value in part.items() if key not in later} for part in made])


def _excused(table: Table, stored: Row) -> frozenset[str]:
    state = digest_state(table, stored)
    if state is Digest.NONE:
        return ADDED_LATER.get(table.name, frozenset())
    return frozenset(table.c.keys()) if state is Digest.SAME else frozenset()


def outranks(table: Table, kept: Kept, stored: Row, made: Row) -> bool:
    """True when the row made of a record should have replaced the stored one, beyond doubt.

    Texts end the comparison: databases may sort them by other rules than Python.
    """
    for name in kept.by:
        old, new = stored[name], made[name]
        if isinstance(old, str):
            return False
        if old != new:
            return bool(new < old if kept.least else new > old)
    return False
