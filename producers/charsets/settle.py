"""The text of a body whose declaration is right, wrong or missing, as UTF-8 that no parser needs to guess about.

In this order: a byte order mark; the NULs of UTF-16; bytes that are UTF-8, whatever a label says; the label, while the text looks like one
that somebody wrote; what was settled on for this feed before; a guess from the letters, which knows the feed's language.
"""

from __future__ import annotations

import codecs
import re
from enum import StrEnum
from typing import NamedTuple

from producers.charsets.declared import declared_encodings, ebcdic_encoding, stated_language, wide_encoding
from producers.charsets.guess import guess
from producers.charsets.halves import is_utf_8, without_surrogates
from producers.charsets.sample import READ_BYTES
from producers.charsets.tables import decode
from producers.charsets.twice import mended_twice

TYPE_OF_DECODED = "application/xml; charset=utf-8"  # the Content-Type for a parser that gets `DecodedBody.utf8`
_SAID_IN_XML = re.compile(rb"""(<\?xml\b[^>]{0,300}?)\s{1,20}encoding\s{0,20}=\s{0,20}(?:"[^"<>]{0,60}"|'[^'<>]{0,60}')""", re.IGNORECASE)
_NOT_ASCII = re.compile(rb"[\x80-\xff]+")
_OF_TWO_BYTES = re.compile("[\u00a0-\u07ff]")
_OF_MORE_BYTES = re.compile("[\u2000-\ufffc\U00010000-\U0010ffff]")
CHANCE_COUNT = 3
THREE_BYTES_COUNT = 4
BROKEN_COUNTS = 2
_SEVEN_BITS = frozenset(("iso-2022-jp", "iso2022-kr", "hz", "utf-7"))


class CharsetReason(StrEnum):
    """Why a body was read in its encoding."""

    ASCII = "ascii"  # nothing to decide
    MARK = "mark"  # a byte order mark, or the NULs of UTF-16
    UTF_8 = "utf_8"  # the bytes are UTF-8
    DECLARED = "declared"
    GUESSED = "guessed"  # from the letters, without a label or against it


class DecodedBody(NamedTuple):
    """A body as UTF-8, and the encoding it had."""

    utf8: bytes
    charset: str
    reason: CharsetReason
    is_sure: bool = True

    @property
    def text(self) -> str:
        return self.utf8.decode("utf-8", "replace")

    def to_remember(self, remembered: str | None) -> str | None:
        """The encoding to remember for the feed after this body: none while its declarations are right or its bodies UTF-8.

        ASCII says nothing and a close guess little: what was remembered stays.
        """
        if self.reason is CharsetReason.ASCII or not self.is_sure:
            return remembered
        return self.charset if self.reason is CharsetReason.GUESSED and self.charset != "utf-8" else None

    @property
    def xml(self) -> bytes:
        """The body for a parser that believes the XML declaration before all else: what it says of the encoding is gone."""
        return _SAID_IN_XML.sub(rb"\1", self.utf8) if self.charset != "utf-8" or b"encoding" in self.utf8[:200] else self.utf8


def decoded(body: bytes, content_type: str = "", *, language: str | None = None, remembered: str | None = None) -> DecodedBody:
    """The body as UTF-8. Every body has an answer; what cannot be read is U+FFFD.

    `language` is the feed's, and `remembered` the encoding that an earlier body of this feed was found to have: both help a guess.
    """
    wide = wide_encoding(body)
    if wide is not None:
        encoding, mark_bytes = wide
        return _read(body[mark_bytes:], encoding, CharsetReason.MARK)
    ebcdic = ebcdic_encoding(body)
    if ebcdic is not None:
        return _read(body, ebcdic, CharsetReason.DECLARED)
    if body.isascii():
        return _ascii(body, content_type)
    declared = declared_encodings(body, content_type)
    is_whole = is_utf_8(body)
    if is_whole and not (set(declared) - {"utf-8"} and _may_be_chance(body)):
        return DecodedBody(mended_twice(body), "utf-8", CharsetReason.UTF_8)
    joined = without_surrogates(body)
    if joined is not body:
        return DecodedBody(joined, "utf-8", CharsetReason.UTF_8)
    body = body.removeprefix(codecs.BOM_UTF8)
    if set(declared) <= {"utf-8"} and not is_whole and _is_damaged_utf_8(body):
        return DecodedBody(mended_twice(body.decode("utf-8", "replace").encode("utf-8")), "utf-8", CharsetReason.UTF_8)
    found = guess(body, is_utf_8=is_whole, declared=declared, language=language or stated_language(body), remembered=remembered)
    reason = CharsetReason.DECLARED if found.encoding in declared else CharsetReason.GUESSED
    return _read(body, found.encoding, reason)._replace(is_sure=found.is_sure)


def _ascii(body: bytes, content_type: str) -> DecodedBody:
    """Seven bits are ASCII but for the encodings that write others in them, with escapes or because the label says so."""
    if b"\x1b$" in body:
        return _read(body, "iso2022-kr" if b"\x1b$)C" in body else "iso-2022-jp", CharsetReason.DECLARED)
    if b"~{" in body or b"+" in body:
        for encoding in declared_encodings(body, content_type):
            if encoding in _SEVEN_BITS:
                return _read(body, encoding, CharsetReason.DECLARED)
    return DecodedBody(body, "utf-8", CharsetReason.ASCII)


def _may_be_chance(body: bytes) -> bool:
    """Whether so few characters are UTF-8 that they may be something else: `CAFÉ®` in ISO-8859-1."""
    if body.startswith(codecs.BOM_UTF8):
        return False
    runs = enumerate(_NOT_ASCII.finditer(body), start=1)
    return all(count <= CHANCE_COUNT and len(run[0]) <= 2 for count, run in runs)


def _is_damaged_utf_8(body: bytes) -> bool:
    """Whether far more is UTF-8 than broken. Other encodings make two bytes of UTF-8 by chance now and then, three hardly ever."""
    first = _NOT_ASCII.search(body)
    text = body[first.start() if first else 0 :][:READ_BYTES].decode("utf-8", "replace")
    broken = text.count("\ufffd")
    return len(_OF_TWO_BYTES.findall(text)) + THREE_BYTES_COUNT * len(_OF_MORE_BYTES.findall(text)) >= BROKEN_COUNTS * broken


def _read(body: bytes, encoding: str, reason: CharsetReason) -> DecodedBody:
    return DecodedBody(decode(body, encoding).lstrip("\ufeff").encode("utf-8", "replace"), encoding, reason)
