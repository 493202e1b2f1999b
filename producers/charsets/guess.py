"""The encoding of bytes that are not UTF-8."""

from __future__ import annotations

from collections.abc import Sequence

import chardet

from producers.charsets.labels import encoding_of
from producers.charsets.tables import damage, decode


def guess(body: bytes, *, declared: Sequence[str], language: str | None, remembered: str | None) -> str:
    """The encoding of bytes that are not UTF-8: a declared one without damage, else UTF-8 with little damage, else chardet's."""
    names: list[str] = [*declared, *((remembered,) if remembered else ())]
    for name in names:
        if name != "utf-8" and not damage(decode(body, name)):
            return name
    mended = body.decode("utf-8", "replace")
    others = sum(1 for character in mended if character > "\x7f")
    if mended.count("\ufffd") <= max(2, 0.001 * others) and others > 2 * mended.count("\ufffd"):
        return "utf-8"
    found = chardet.detect(body[:65_536])["encoding"]
    return (encoding_of(str(found)) if found else None) or "windows-1252"
