"""Records of feeds' states on Kafka. Known entries are most of a state and rarely change, so they are written once and referred to.

A state's record holds all its entries, or the differences to a base: runs of the base's entries, and packed entries between them.
A base is written only while the last state on Kafka holds the same entries itself, and referred to only after Kafka has acknowledged
it. So wherever a crash comes between the two writes, the last state finds everything it refers to.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeVar

import msgspec

from newsmon.errors import RecordError, RecordFault
from newsmon.records import FeedKnown, FeedState
from producers.articles.known_entries import ENTRY_BYTES, FORM, check, entry_bytes, in_present_form, pack_entries

R = TypeVar("R", FeedState, FeedKnown)
Part = bytes | tuple[int, int]

SMALL_BYTES = 16 * ENTRY_BYTES  # up to 16 entries are written with every state
SHARE_OF_ALL = 8  # the differences may take an eighth of the size of all entries
RUN_BYTES = 10
WRITE_WHOLE = b""  # as the base of a state, makes its next record hold all entries


@dataclass(frozen=True, slots=True)
class SavedState:
    """A feed's state in memory, and the base that its last record on Kafka refers to (None: that record holds all entries)."""

    state: FeedState
    base: bytes | None = None


@dataclass(frozen=True, slots=True)
class StateWrite:
    """The records to write to Kafka, `base` (if any) before `record`; `saved` is what to hold once both are acknowledged."""

    base: FeedKnown | None
    record: FeedState
    saved: SavedState


def state_write_after(state: FeedState, last: SavedState | None) -> StateWrite:
    """The records that bring Kafka from the last acknowledged state to this one."""
    known = state.known if isinstance(state.known, bytes) else pack_entries(state.known)
    state = msgspec.structs.replace(state, known=known, known_form=FORM)
    base, fresh = (last.base, None) if last else (None, None)
    if base is None and last is not None and isinstance(last.state.known, bytes) and len(last.state.known) > SMALL_BYTES:
        base = last.state.known
        fresh = FeedKnown(feed_id=state.feed_id, base_id=base_id(base), known=base, known_form=FORM)
    if base is not None and len(known) > SMALL_BYTES:
        parts = parts_of(known, base)
        if _cost_bytes(parts) <= max(SMALL_BYTES, len(known) // SHARE_OF_ALL):
            record = msgspec.structs.replace(state, known=b"", known_base=base_id(base), known_parts=parts)
            return StateWrite(fresh, record, SavedState(state, base))
    return StateWrite(None, state, SavedState(state))


def checked_record(record: R) -> R:
    """The record unchanged; RecordError when its packed entries are malformed, so that it is quarantined."""
    parts = record.known_parts if isinstance(record, FeedState) else ()
    try:
        if isinstance(record.known, bytes):
            check(record.known, record.known_form)
        else:
            pack_entries(record.known)
        for part in parts:
            if isinstance(part, bytes):
                check(part, record.known_form)
            elif part[0] < 0 or part[1] < 1:
                raise ValueError(f"{part} is not a run of entries")
    except ValueError as error:
        raise RecordError(RecordFault.WRONG_SHAPE, f"known entries of {record.feed_id!r}: {error}") from error
    return record


def saved_state_of(record: FeedState, base: FeedKnown | None) -> tuple[SavedState, bool]:
    """The state in a checked record, and False if the base it refers to is missing or a different one.

    Then the entries of the base that is there count as known, because their articles are on Kafka. Other articles are published
    again, under the same ids. Entries packed by an older version are held in the present form, and the next record holds them all.
    """
    form = record.known_form
    if record.known_base is None:
        known = in_present_form(record.known, form) if isinstance(record.known, bytes) else pack_entries(record.known)
        state = msgspec.structs.replace(record, known=known, known_form=FORM)
        return SavedState(state, None if form == FORM else WRITE_WHOLE), True
    below = base.known if base is not None else b""
    is_whole = base is not None and base.base_id == record.known_base == base_id(below) and base.known_form == form
    if is_whole:
        known = in_present_form(joined(record.known_parts, below, size=entry_bytes(form)), form)
    else:
        kept = in_present_form(below, base.known_form) if base is not None else b""
        known = kept + in_present_form(b"".join(part for part in record.known_parts if isinstance(part, bytes)), form)
    state = msgspec.structs.replace(record, known=known, known_form=FORM, known_base=None, known_parts=())
    return SavedState(state, below if is_whole and form == FORM else WRITE_WHOLE), is_whole


def parts_of(known: bytes, base: bytes) -> tuple[Part, ...]:
    """`known` as runs of `base` and packed entries; the inverse of `joined`."""
    place_of = {base[at : at + ENTRY_BYTES]: at // ENTRY_BYTES for at in range(0, len(base), ENTRY_BYTES)}
    parts: list[Part] = []
    for at in range(0, len(known), ENTRY_BYTES):
        entry = known[at : at + ENTRY_BYTES]
        place, last = place_of.get(entry), parts[-1] if parts else None
        if place is None:
            parts[-1:] = [last + entry] if isinstance(last, bytes) else [*parts[-1:], entry]
        elif isinstance(last, tuple) and last[0] + last[1] == place:
            parts[-1] = (last[0], last[1] + 1)
        else:
            parts.append((place, 1))
    return tuple(parts)


def joined(parts: Iterable[Part], base: bytes, *, size: int = ENTRY_BYTES) -> bytes:
    """The packed entries that `parts_of` split; `size` is that of one entry."""
    pieces = [base[part[0] * size : (part[0] + part[1]) * size] if isinstance(part, tuple) else part for part in parts]
    return pieces[0] if len(pieces) == 1 else b"".join(pieces)  # a slice of everything is the base object itself, held once


def base_id(known: bytes) -> str:
    return hashlib.blake2b(known, digest_size=8).hexdigest()


def _cost_bytes(parts: Iterable[Part]) -> int:
    return sum(RUN_BYTES if isinstance(part, tuple) else len(part) for part in parts)
