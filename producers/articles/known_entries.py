"""The entries a feed has shown, packed into 61 bytes each for its state; as objects they would take some 550.

One entry, big-endian: article id (16), content hash (16), revision (4), flags for the optional fields (1), hashes of guid and title
and the fingerprint (8 each). Ids are stored as the digests that newsmon.ids writes in letters.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from functools import lru_cache

from newsmon.records import KnownEntry

ENTRY_BYTES = 61
_ENTRY = struct.Struct(">16s16sIB8s8s8s")
_LETTERS = "abcdefghijklmnopqrstuvwxyz234567"
_DIGITS = dict(zip(_LETTERS.encode(), b"0123456789abcdefghijklmnopqrstuv", strict=True))
_BASE32 = bytes(_DIGITS.get(byte, ord("!")) for byte in range(256))  # to the digits of int(); "!" is not a digit
_PAIRS = [first + second for first in _LETTERS for second in _LETTERS]
_SHIFTS = range(120, -1, -10)
_NOTHING = bytes(8)

Known = bytes | tuple[KnownEntry, ...]  # tuples occur in records of older versions


def pack_entries(entries: Iterable[KnownEntry]) -> bytes:
    """The entries packed, in order; ValueError for an id or hash of another form."""
    return b"".join(_packed(entry) for entry in entries)


def entries_of(known: Known) -> tuple[KnownEntry, ...]:
    """The entries, in order; ValueError for bytes that are not packed entries."""
    return known if isinstance(known, tuple) else _unpacked(known)


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


def check(known: bytes) -> None:
    """Raise ValueError unless these are whole entries."""
    if len(known) % ENTRY_BYTES:
        raise ValueError(f"{len(known)} bytes are not entries of {ENTRY_BYTES}")


def _fields(known: bytes) -> Iterator[tuple[bytes, bytes, int, int, bytes, bytes, bytes]]:
    check(known)
    return _ENTRY.iter_unpack(known)


@lru_cache(maxsize=1)  # a poll packs again what it has just unpacked, mostly unchanged
def _unpacked(known: bytes) -> tuple[KnownEntry, ...]:
    return tuple(_entry(*fields) for fields in _fields(known))


def _packed(entry: KnownEntry) -> bytes:
    hashes = (entry.guid_hash, entry.title_hash, entry.fingerprint)
    flags = sum(1 << number for number, value in enumerate(hashes) if value is not None)
    guid, title, mark = (_NOTHING if value is None else _short(value) for value in hashes)
    return _ENTRY.pack(_digest("a_", entry.article_id), _digest("c_", entry.content_hash), entry.revision, flags, guid, title, mark)


def _entry(article: bytes, content: bytes, revision: int, flags: int, guid: bytes, title: bytes, mark: bytes) -> KnownEntry:
    return KnownEntry(
        article_id=_text("a_", article),
        content_hash=_text("c_", content),
        revision=revision,
        guid_hash=guid.hex() if flags & 1 else None,
        title_hash=title.hex() if flags & 2 else None,
        fingerprint=mark.hex() if flags & 4 else None,
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


def _short(value: str) -> bytes:
    raw = bytes.fromhex(value)
    if len(raw) != len(_NOTHING):
        raise ValueError(f"{value!r} is not a hash of eight bytes")
    return raw
