"""The encoding of a feed whose declaration is wrong or missing, stated as a Content-Type that its parser believes.

A declared encoding that decodes the bytes is believed (feedparser knows the order of RFC 7303). Otherwise the bytes are UTF-8 if they
decode as UTF-8 with at most a few broken characters, which programs leave that cut texts to a length. Only then we guess from a sample.
"""

from __future__ import annotations

import codecs
import re
from typing import NamedTuple

import chardet

SAMPLE_BYTES = 65_536
BROKEN_SHARE = 0.001  # of the characters outside ASCII ...
BROKEN_LEAST = 2  # ... or this many, whichever is more
_MARKS = (codecs.BOM_UTF8, codecs.BOM_UTF16_BE, codecs.BOM_UTF16_LE, codecs.BOM_UTF32_BE, codecs.BOM_UTF32_LE)
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([^\s;\"']+)", re.IGNORECASE)
_DECLARED = re.compile(rb"^\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([A-Za-z0-9._:-]{1,40})[\"']")


class EncodedBody(NamedTuple):
    """The body and Content-Type for the parser."""

    body: bytes
    content_type: str


def settle_encoding(body: bytes, content_type: str) -> EncodedBody:
    """The body and type unchanged if a declared encoding fits; otherwise changed so that they agree."""
    if body.isascii() or body.startswith(_MARKS) or b"\0" in body[:4]:
        return EncodedBody(body, content_type)
    charset = _CHARSET.search(content_type)
    declared = _DECLARED.match(body)
    names = [name for name in (charset and charset[1], declared and declared[1].decode("ascii")) if name]
    if any(_decodes(body, name) for name in names):
        return EncodedBody(body, content_type)
    if _decodes(body, "utf-8"):
        return EncodedBody(body, "application/xml; charset=utf-8")
    mended = body.decode("utf-8", "replace")
    others = sum(1 for character in mended if character > "\x7f")
    if mended.count("\ufffd") <= max(BROKEN_LEAST, BROKEN_SHARE * others) and others > 2 * mended.count("\ufffd"):
        return EncodedBody(mended.encode("utf-8"), "application/xml; charset=utf-8")
    guess = chardet.detect(body[:SAMPLE_BYTES])["encoding"]
    for name in (guess, "windows-1252", "iso-8859-2"):
        if name and _decodes(body, name):
            return EncodedBody(body, f"application/xml; charset={name}")
    return EncodedBody(body, content_type)


def _decodes(body: bytes, name: str) -> bool:
    try:
        body.decode(name)
    except (UnicodeError, LookupError, ValueError):
        return False
    return True
