"""The newest of far too many entries, chosen by their dates, guids and links before any of them is read.

In: a feed's bytes. Out: a smaller document of the same feed. I/O: none. The choice is rough, so twice as many are kept as wanted.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from producers.documents.xml_parts import Piece, split, without
from producers.formats.entry import Entry
from producers.formats.newest import newest

KEPT_SHARE = 2  # of the entries wanted
MAX_OUTLINE_BYTES = 20_000  # of one entry; its date, guid and link seldom come later
_BLANK = re.compile(rb"<[^<>=]*>\s*+(?:</[^<>]*>)?\s*+")
_PUBLISHED = re.compile(rb"<(?:pubDate|published)\b[^<>]{0,200}>\s*+(?:<!\[CDATA\[)?([^<\]]{4,100})", re.IGNORECASE)
_ANY_DATE = re.compile(
    rb"<(?:\w{1,20}:)?(?:date|updated|created|issued|modified)\b[^<>]{0,200}>\s*+(?:<!\[CDATA\[)?([^<\]]{4,100})", re.IGNORECASE
)
_GUID = re.compile(rb"<(?:guid|id)\b[^<>]{0,200}>\s*+(?:<!\[CDATA\[)?([^<\]]{1,500})", re.IGNORECASE)
_LINK = re.compile(rb"<link\b(?:[^<>]{0,500}?\shref\s*+=\s*+[\"']|[^<>]{0,200}>\s*+(?:<!\[CDATA\[)?)([^<>\"'\]]{1,500})", re.IGNORECASE)
_EMPTY = Entry(None, None, "", "", "", None)


def thinned(body: bytes, wanted: int, languages: Sequence[str]) -> tuple[bytes, tuple[int, ...]]:
    """The document without most of its oldest entries and the places of those left out; as it is unless it has far more than `wanted`."""
    most = KEPT_SHARE * wanted
    if max(body.count(b"<item"), body.count(b"<entry")) <= most:
        return body, ()
    parts = split(body)
    if parts is None or len(parts.pieces) <= most:
        return body, ()
    pieces = parts.pieces
    chosen = set(newest([_outline(body, piece) for piece in pieces], most, languages))
    chosen.add(len(pieces) - 1)  # whether the document was cut shows in the last one
    left_out = tuple(place for place in range(len(pieces)) if place not in chosen)
    return without(body, (pieces[place] for place in left_out)), left_out


def _outline(body: bytes, piece: Piece) -> Entry:
    if _BLANK.fullmatch(body, piece.start, piece.end):
        return _EMPTY
    end = min(piece.end, piece.start + MAX_OUTLINE_BYTES)

    def first(*patterns: re.Pattern[bytes]) -> str | None:
        found = next((hit for pattern in patterns if (hit := pattern.search(body, piece.start, end))), None)
        return found[1].decode("utf-8", "replace").strip() if found else None

    return Entry(first(_GUID), first(_LINK), "not empty", "", "", first(_PUBLISHED, _ANY_DATE))
