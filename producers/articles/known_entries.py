"""The entries a feed has shown, packed into 69 bytes each for its state; as objects they would take some 600.

One entry, big-endian: article id (16), content hash (16), revision (4), flags for the optional fields (1), hashes of guid and title
and the fingerprint (8 each), hashes of date and link (4 each). Ids are stored as the digests that newsmon.ids writes in letters.
Form 1, in records of older versions, lacks the last two.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from functools import lru_cache

from newsmon.records import KnownEntry

FORM = 2  # of the packed entries
ENTRY_BYTES = 69
FORM_1_BYTES = 61
_ENTRY = struct.Struct(">16s16sIB8s8s8s4s4s")
_LETTERS = "abcdefghijklmnopqrstuvwxyz234567"
_DIGITS = dict(zip(_LETTERS.encode(), b"0123456789abcdefghijklmnopqrstuv", strict=True))
_BASE32 = bytes(_DIGITS.get(byte, ord("!")) for byte in range(256))  # to the digits of int(); "!" is not a digit
_PAIRS = [first + second for first in _LETTERS for second in _LETTERS]
_SHIFTS = range(120, -1, -10)
_NOTHING_SHORT = bytes(4)
_NOTHINGS = (*(bytes(8),) * 3, *(_NOTHING_SHORT,) * 2)

Known = bytes | tuple[KnownEntry, ...]  # tuples occur in records of older versions


def pack_entries(entries: Iterable[KnownEntry]) -> bytes:
    """The entries packed, in order; ValueError for an id or hash of another form."""
    return b"".join(_packed(entry) for entry in entries)


def entries_of(known: Known) -> tuple[KnownEntry, ...]:
    """The entries, in order; ValueError for bytes that are not packed entries."""
    return known if isinstance(known, tuple) else _unpacked(known)


def newest_entries(known: Known, count: int) -> tuple[KnownEntry, ...]:
    """The last `count` entries, in order."""
    if isinstance(known, tuple):
        return known[-count:]
    return tuple(_entry(*fields) for fields in _fields(known[-count * ENTRY_BYTES :]))


def fingerprints_of(known: Known) -> frozenset[str]:
    """The fingerprints of the entries that have one."""
    if isinstance(known, tuple):
        return frozenset(entry.fingerprint for entry in known if entry.fingerprint)
    return frozenset(fields[6].hex() for fields in _fields(known) if fields[3] & 4)


def repacked(entries: Iterable[KnownEntry], before: Known) -> Known:
    """The entries packed; `before` itself when they are none or the same."""
    raw = before if isinstance(before, bytes) else b""
    unpacked = _unpacked(raw)  # kept alive, so that the ids below stay valid
    same = {id(entry): raw[number * ENTRY_BYTES : (number + 1) * ENTRY_BYTES] for number, entry in enumerate(unpacked)}
    after = b"".join([same.get(id(entry)) or _packed(entry) for entry in entries])
    return after if after and after != before else before


def entry_bytes(form: int) -> int:
    """The size of one packed entry; ValueError for an unknown form."""
    if form not in (1, FORM):
        raise ValueError(f"packed entries of form {form}, which this version cannot read")
    return FORM_1_BYTES if form == 1 else ENTRY_BYTES


def in_present_form(known: bytes, form: int) -> bytes:
    """The packed entries in the form written now."""
    if form == FORM:
        return known
    size = entry_bytes(form)
    return b"".join([known[at : at + size] + 2 * _NOTHING_SHORT for at in range(0, len(known), size)])


def check(known: bytes, form: int = FORM) -> None:
    """Raise ValueError unless these are whole entries."""
    if len(known) % entry_bytes(form):
        raise ValueError(f"{len(known)} bytes are not entries of {entry_bytes(form)}")


def _fields(known: bytes) -> Iterator[tuple[bytes, bytes, int, int, bytes, bytes, bytes, bytes, bytes]]:
    check(known)
    return _ENTRY.iter_unpack(known)


@lru_cache(maxsize=1)  # a poll packs again what it has just unpacked, mostly unchanged
def _unpacked(known: bytes) -> tuple[KnownEntry, ...]:
    return tuple(_entry(*fields) for fields in _fields(known))


def _packed(entry: KnownEntry) -> bytes:
    hashes = (entry.guid_hash, entry.title_hash, entry.fingerprint, entry.date_hash, entry.link_hash)
    flags = sum(1 << number for number, value in enumerate(hashes) if value is not None)
    guid, title, mark, date, link = (
        nothing if value is None else _bytes(value, len(nothing)) for value, nothing in zip(hashes, _NOTHINGS, strict=True)
    )
    digests = _digest("a_", entry.article_id), _digest("c_", entry.content_hash)
    return _ENTRY.pack(*digests, entry.revision, flags, guid, title, mark, date, link)


def _entry(
    article: bytes, content: bytes, revision: int, flags: int, guid: bytes, title: bytes, mark: bytes, date: bytes, link: bytes
) -> KnownEntry:
    return KnownEntry(
        article_id=_text("a_", article),
        content_hash=_text("c_", content),
        revision=revision,
        guid_hash=guid.hex() if flags & 1 else None,
        title_hash=title.hex() if flags & 2 else None,
        fingerprint=mark.hex() if flags & 4 else None,
        date_hash=date.hex() if flags & 8 else None,
        link_hash=link.hex() if flags & 16 else None,
    )


def _digest(kind: str, name: str) -> bytes:
    """The sixteen bytes of an id. Like `_text`, several times as fast as the base64 module; polls wait for it."""
    digits = name.removeprefix(kind).encode("ascii", "replace").translate(_BASE32)
    if len(name) != len(kind) + 26 or len(digits) != 26 or b"!" in digits:
        raise ValueError(f"{name!r} is not an id of the kind {kind!r}")
    return (int(digits, 32) >> 2).to_bytes(16, "big")


def _text(kind: str, digest: bytes) -> str:
    number = int.from_bytes(digest, "big") << 2
    return kind + "".join([_PAIRS[number >> shift & 1023] for shift in _SHIFTS])


def _bytes(value: str, size: int) -> bytes:
    raw = bytes.fromhex(value)
    if len(raw) != size:
        raise ValueError(f"{value!r} is not a hash of {size} bytes")
    return raw
