"""What a body, its Content-Type and its XML declaration say of its encoding."""

from __future__ import annotations

import codecs
import re

from producers.charsets.labels import encoding_of

_HEAD_BYTES = 1_024
_SNIFFED_BYTES = 1_024
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32le"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32be"),
    (codecs.BOM_UTF16_LE, "utf-16le"),
    (codecs.BOM_UTF16_BE, "utf-16be"),
)
_EBCDIC = b"\x4c\x6f\xa7\x94"  # `<?xm`
_IN_TYPE = re.compile(r"""charset\s*[=:]\s*(?:"([^"]*)"|'([^']*)'|([^;,\s]+))""", re.IGNORECASE)
_IN_XML = re.compile(rb"""<\?xml\b[^>]{0,300}?encoding\s*=\s*(?:"([^"<>]{1,60})"|'([^'<>]{1,60})'|([^\s"'<>?]{1,60}))""", re.IGNORECASE)
_LANGUAGE = re.compile(rb"""<(?:dc:)?language>\s*([A-Za-z]{2,3})\b|xml:lang\s*=\s*["']([A-Za-z]{2,3})\b""", re.IGNORECASE)


def wide_encoding(body: bytes) -> tuple[str, int] | None:
    """The encoding of more than one byte a character, and the length of its mark; None for every other body.

    A mark says so, or the NULs that such an encoding puts into markup.
    """
    for mark, encoding in _MARKS:
        if body.startswith(mark):
            return encoding, len(mark)
    head = body[: min(_SNIFFED_BYTES, len(body) // 4 * 4 or len(body))]
    if b"\0" not in head:
        return None
    share = [head[place::4].count(0) / max(1, len(head[place::4])) for place in range(4)]
    if min(share[:3]) > 0.6 and share[3] < 0.1:
        return "utf-32be", 0
    if min(share[1:]) > 0.6 and share[0] < 0.1:
        return "utf-32le", 0
    even, odd = (share[0] + share[2]) / 2, (share[1] + share[3]) / 2
    if odd > 0.4 and even < 0.1:
        return "utf-16le", 0
    if even > 0.4 and odd < 0.1:
        return "utf-16be", 0
    return None


def ebcdic_encoding(body: bytes) -> str | None:
    """The EBCDIC code page of a document whose first bytes are `<?xm` in EBCDIC; all of them agree on the letters of a declaration."""
    if not body.startswith(_EBCDIC):
        return None
    found = _IN_XML.search(body[:_HEAD_BYTES].decode("cp037").encode("utf-8"))
    encoding = _label(found) if found else None
    return encoding if encoding is not None and encoding.startswith("cp") else "cp037"


def declared_encodings(body: bytes, content_type: str) -> tuple[str, ...]:
    """The encodings of Content-Type and XML declaration, in this order, each once; labels that stand for none are left out."""
    named = []
    in_type = _IN_TYPE.search(content_type)
    if in_type:
        named.append(encoding_of(next((label for label in in_type.groups() if label is not None), "")))
    in_xml = _IN_XML.search(body[:_HEAD_BYTES])
    if in_xml:
        named.append(_label(in_xml))
    return tuple(dict.fromkeys(name for name in named if name))


def stated_language(body: bytes) -> str | None:
    """The language a document states for itself, as two or three small letters."""
    found = _LANGUAGE.search(body[:8_192])
    return (found[1] or found[2]).decode("ascii").lower() if found else None


def _label(found: re.Match[bytes]) -> str | None:
    return encoding_of(next((label for label in found.groups() if label is not None), b"").decode("ascii", "replace"))
