"""Reads the head of an HTTP answer as leniently as curl and browsers do, and writes it again as a strict parser wants it.

A broken line costs that line and not the feed. Nothing is guessed about where the body ends: two different lengths are refused.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

MAX_HEAD_BYTES = 256 * 1024  # curl's limit is 300 KB
MAX_JUNK_BYTES = 4  # before the status line, such as a byte order mark; browsers allow as many
NO_LENGTH_FROM = 2**63  # curl reads to the end of the connection then

_CLEAN = re.compile(rb"HTTP/1\.[01] [1-9]\d\d(?: [^\r\n\0]*)?\r\n(?:[!#$%&'*+\-.^_`|~0-9A-Za-z]+:[^\r\n\0]*\r\n)*\r\n")
_FRAMING = re.compile(rb"^(content-length|transfer-encoding):[ \t]*([^\r\n]*?)[ \t]*\r$", re.IGNORECASE | re.MULTILINE)
_STATUS = re.compile(rb"(?:HTTP(?:/(?P<version>\d+(?:\.\d+)?))?|ICY)[ \t]+(?P<code>[1-9]\d\d)(?!\d)[ \t]*(?P<reason>.*)", re.IGNORECASE)
_START = re.compile(rb".{0,%d}?(?=HTTP|ICY )" % MAX_JUNK_BYTES, re.IGNORECASE | re.DOTALL)
_NAME = re.compile(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_LENGTH = re.compile(rb"\+?(\d{1,40})(?![0-9xX])")
_CONTROLS = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")
_OWN = frozenset({b"content-length", b"transfer-encoding", b"connection", b"keep-alive", b"proxy-connection", b"upgrade"})
_WITHOUT_BODY = frozenset({101, 204, 304})


class UnreadableAnswer(ValueError):
    """The bytes are no HTTP answer that can be read safely. The message says why, for people."""


@dataclass(frozen=True, slots=True)
class Head:
    """What a head says. `text` is strict HTTP/1.1. After an odd head the connection must not be used again."""

    status: int
    text: bytes
    length: int | None = None  # None: not stated
    chunked: bool = False
    odd: bool = False

    @property
    def is_interim(self) -> bool:
        """True when the real answer is still to come: 100 Continue, 103 Early Hints."""
        return 100 <= self.status < 200 and self.status != 101

    @property
    def has_body(self) -> bool:
        return self.status not in _WITHOUT_BODY


def may_be_head(start: bytes) -> bool:
    """False as soon as these first bytes cannot begin an HTTP answer."""
    text = start.lstrip(b"\r\n \t")
    return len(text) < MAX_JUNK_BYTES + len(b"HTTP") or _START.match(text) is not None


def read_head(raw: bytes) -> Head:
    """The head in these bytes, which end with its empty line. UnreadableAnswer when it says nothing that can be relied on."""
    if _CLEAN.fullmatch(raw):
        stated = _FRAMING.findall(raw)
        status = int(raw[9:12])
        if not stated:
            return Head(status, raw)
        if len(stated) == 1:
            name, value = stated[0][0].lower(), stated[0][1]
            if name == b"transfer-encoding" and value.lower() == b"chunked":
                return Head(status, raw, chunked=True)
            if name == b"content-length" and value.isdigit() and len(value) < 19:
                return Head(status, raw, length=int(value))
    return _repaired(raw)


def _repaired(raw: bytes) -> Head:
    lines = [line.rstrip(b"\r") for line in raw.lstrip(b"\r\n \t").split(b"\n")]
    start = _START.match(lines[0])
    found = _STATUS.fullmatch(lines[0].replace(b"\r", b" "), start.end() if start is not None else 0)
    if found is None:
        raise UnreadableAnswer(f"its first line is no HTTP status: {_shown(lines[0])}")
    fields = _fields(lines[1:])
    length = _length([value for name, value in fields if name == b"content-length"])
    codings = _tokens([value for name, value in fields if name == b"transfer-encoding"])
    chunked = b"chunked" in codings
    kept = [(name, value) for name, value in fields if name not in _OWN]
    packed = [coding for coding in codings if coding in (b"gzip", b"x-gzip", b"deflate")]
    if packed:
        named = [value for name, value in kept if name == b"content-encoding"]
        kept = [(name, value) for name, value in kept if name != b"content-encoding"] + [(b"content-encoding", b", ".join(named + packed))]
    if chunked:
        kept.append((b"transfer-encoding", b"chunked"))
    elif length is not None:
        kept.append((b"content-length", b"%d" % length))
    old = (found["version"] or b"").startswith((b"0", b"1.0")) and not chunked
    reason = _CONTROLS.sub(b"", found["reason"])
    head = [b"HTTP/1.%d %s %s" % (0 if old else 1, found["code"], reason), b"connection: close"]
    head += [name + b": " + value for name, value in kept]
    text = b"\r\n".join(head) + b"\r\n\r\n"
    return Head(int(found["code"]), text, None if chunked else length, chunked, odd=True)


def _fields(lines: list[bytes]) -> list[tuple[bytes, bytes]]:
    """Names in lower case and values; a folded line continues the one before. Lines without a usable name are left out."""
    folded: list[list[bytes]] = []
    for line in lines:
        if line[:1] in (b" ", b"\t") and folded:
            folded[-1].append(line.strip())
        elif line.strip():
            folded.append([line.strip()])
    found = []
    for parts in folded:
        name, colon, value = b" ".join(parts).partition(b":")
        name = name.rstrip(b" \t").lower()
        if not colon or not _NAME.fullmatch(name):
            continue
        if b"\0" not in value:
            found.append((name, _CONTROLS.sub(b"", value.replace(b"\r", b" ")).strip()))
        elif name in _OWN:
            raise UnreadableAnswer(f"its {name.decode()} header holds a NUL")
    return found


def _length(values: list[bytes]) -> int | None:
    """The one length that all these headers state; a list such as `12, 12` is one that was joined on the way."""
    lengths = set()
    for text in b",".join(values).split(b","):
        number = text.strip(b' \t"')
        if not number:
            continue
        found = _LENGTH.match(number)
        if found is None:
            raise UnreadableAnswer(f"its Content-Length is no length: {_shown(number)}")
        lengths.add(int(found[1]))
    if len(lengths) > 1:
        raise UnreadableAnswer(f"it states several lengths: {_shown(b', '.join(values))}")
    length = lengths.pop() if lengths else None
    return None if length is not None and length >= NO_LENGTH_FROM else length


def _tokens(values: list[bytes]) -> list[bytes]:
    """The codings of Transfer-Encoding, without `identity`, parameters and quotes."""
    return [token.partition(b";")[0].strip(b' \t"').lower() for value in values for token in value.split(b",")]


def _shown(text: bytes) -> str:
    return repr(text[:60].decode("latin-1"))
