"""Characters in halves: two surrogates written one by one, as old databases and Java do, and the last one of a body that was cut."""

from __future__ import annotations

import re

_HALF = re.compile(rb"(?:[\xc2-\xdf]|[\xe0-\xef][\x80-\xbf]?|[\xf0-\xf4][\x80-\xbf]{0,2})\Z")
_SURROGATE = re.compile(rb"\xed[\xa0-\xbf][\x80-\xbf](?:\xed[\xa0-\xbf][\x80-\xbf])*")


def whole_characters(body: bytes) -> bytes:
    """The body without halves of characters, as far as it is UTF-8."""
    return _without_half_character(without_surrogates(body))


def without_surrogates(body: bytes) -> bytes:
    """UTF-8 in which surrogates were written as characters, as real UTF-8; anything else unchanged."""
    if not _SURROGATE.search(body):
        return body
    mended = _SURROGATE.sub(_character, body)
    return mended if is_utf_8(mended) else body


def is_utf_8(body: bytes) -> bool:
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _without_half_character(body: bytes) -> bytes:
    """A body that was cut, up to its last whole character or tag: half a character must not decide the encoding of the whole."""
    half = _HALF.search(body, max(0, len(body) - 3))
    if half is not None and is_utf_8(body[: half.start()]):
        return body[: half.start()]
    if body[-200:].rstrip(b" \t\r\n\x00").endswith((b">", b"}", b"]", b")", b";")) or b"<" not in body[:4] or b"\0" in body[:200]:
        return body
    return body[: body.rfind(b">") + 1] or body


def _character(found: re.Match[bytes]) -> bytes:
    return found[0].decode("utf-8", "surrogatepass").encode("utf-16", "surrogatepass").decode("utf-16", "replace").encode()
