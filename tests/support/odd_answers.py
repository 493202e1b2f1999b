"""Answers with mistakes that servers have been seen to make, and whether newsmon reads them. curl 7.88 was asked about each.

`READ`: the feed arrives whole. `REFUSED`: nobody can tell where the body ends, or it was cut.
"""

from __future__ import annotations

import gzip
import zlib

from support.hostile import FEED

PACKED = gzip.compress(FEED, mtime=0)
LENGTH = f"Content-Length: {len(FEED)}".encode()
CHUNKED = b"Transfer-Encoding: chunked"
LEFT, RIGHT = FEED[:50], FEED[50:]


def answer(*lines: bytes, body: bytes = FEED, status: bytes = b"HTTP/1.1 200 OK", end: bytes = b"\r\n") -> bytes:
    return end.join([status, *lines, b"", b""]) + body


def chunks(*parts: bytes, last: bytes = b"0\r\n\r\n", more: bytes = b"") -> bytes:
    return b"".join(b"%x%s\r\n%s\r\n" % (len(part), more, part) for part in parts) + last


def chunked(body: bytes, *lines: bytes) -> bytes:
    return answer(*lines, CHUNKED, body=body)


def packed(encoding: bytes, body: bytes = PACKED) -> bytes:
    return answer(b"Content-Encoding: " + encoding, b"Content-Length: %d" % len(body), body=body)


def _lines() -> dict[str, bytes]:
    """Broken header lines, before the length: each costs itself and nothing else."""
    lines = {
        "quoted": b'"X-XSS-Protection: 0"', "without colon": b"no colon here", "space in the name": b"X Foo: bar",
        "space after the name": b"X-Foo : bar", "tab after the name": b"X-Foo\t: bar", "no name": b": bar", "only a colon": b":",
        "no value": b"X-Foo:", "folded": b"X-Foo: a\r\n b\r\n\tc", "folded first": b" X-Foo: bar", "semicolon": b"Content-Type; text/xml",
        "a PHP warning": b"<b>Warning</b>: mysql_connect() in /srv/x.php on line 3<br />", "comma": b"X,Foo: a", "parentheses": b"X(Foo): a",
        "at": b"X@Foo: a", "brackets": b"X[Foo]: a", "slash": b"X/Foo: a", "status again": b"HTTP/1.1 200 OK", "an address": b"http://x.example/: a",
        "no ASCII in the value": "X-Foo: größe".encode(), "latin-1 in the value": "X-Foo: größe".encode("latin-1"),
        "no ASCII in the name": "X-Größe: 1".encode(), "NUL in the value": b"X-Foo: a\0b", "NUL in the name": b"X\0Foo: a",
        "controls in the value": b"X-Foo: a\x01\x1b\x7fb", "controls in the name": b"X\x01Foo: a", "vertical tab": b"X-Foo:\x0b a",
        "bare CR in the value": b"X: a\rb", "CR twice": b"X: a\r", "a long value": b"X-Foo: " + b"a" * 100_000, "a long name": b"X" * 20_000 + b": a",
        "cookie of nonsense": b'Set-Cookie: ;;;===; \xff\xfe,,"', "empty cookie": b"Set-Cookie:", "type twice": b"Content-Type: text/html\r\nContent-Type: text/xml",
        "connection of nonsense": b"Connection: foo, ,bar", "an upgrade": b"Upgrade: h2,h2c\r\nConnection: Upgrade",
        "thousands": b"\r\n".join(b"X-%d: y" % number for number in range(9_000)),
    }  # fmt: skip
    return {f"line {name}": answer(line, LENGTH) for name, line in lines.items()}


def _starts() -> dict[str, bytes]:
    statuses = (
        b"HTTP/1.1 200", b"HTTP/1.1 200 ", b"ICY 200 OK", b"HTTP/1.0 200 OK", b"HTTP/1.1  200  OK", b"http/1.1 200 OK", b"HTTP/2 200",
        b"HTTP/2.0 200 OK", b"HTTP/1.2 200 OK", b"HTTP/1 200 OK", b"HTTP 200 OK", b"HTTP/1.1\t200\tOK", "HTTP/1.1 200 Très bien ✓".encode(),
        b"HTTP/1.1 200 O\0K", b"HTTP/1.1 200 " + b"x" * 10_000, b"HTTP/1.1 200OK",
    )  # fmt: skip
    before = {
        "CR LF": b"\r\n", "LF": b"\n\n", "blank lines": b"\r\n" * 9, "space": b" ", "byte order mark": b"\xef\xbb\xbf",
        "early hints": b"HTTP/1.1 103 Early Hints\r\nLink: </x>; rel=preload\r\n\r\n", "continue": b"HTTP/1.1 100 Continue\r\n\r\n" * 20,
        "odd early hints": b"HTTP/1.1 103 Early Hints\r\nno colon\r\nContent-Length: 5\r\n\r\n",
    }  # fmt: skip
    found = {f"status {status[:16]!r}": answer(LENGTH, status=status) for status in statuses}
    found |= {f"before {name}": start + answer(LENGTH) for name, start in before.items()}
    ends = {"LF": b"\n", "CR CR LF": b"\r\r\n", "CR LF": b"\r\n"}
    return found | {f"line ends {name}": answer(b"X: y", LENGTH, end=end) for name, end in ends.items()}


def _lengths() -> dict[str, bytes]:
    values = (b"%d, %d", b"%d,%d,", b"+%d", b"000%d", b"%d ", b"%d; x=1", b"%d.0", b"%dabc", b'"%d"', b", %d")
    found = {f"length {value!r}": answer(b"Content-Length: " + value.replace(b"%d", LENGTH[16:])) for value in values}
    return found | {
        "length twice": answer(LENGTH, LENGTH), "length twice apart": answer(LENGTH, b"X: y", b"content-length:" + LENGTH[16:]),
        "length after a space": answer(b"Content-Length : " + LENGTH[16:]), "length empty": answer(b"Content-Length:"),
        "length beyond all": answer(b"Content-Length: 99999999999999999999999999"), "length none": answer(), "length folded": answer(b"Content-Length:\r\n " + LENGTH[16:]),
        "length smaller, body whole": answer(LENGTH, body=FEED + b"more than it said"),
    }  # fmt: skip


def _transfers() -> dict[str, bytes]:
    whole = chunks(LEFT, RIGHT)
    values = (
        b"chunked, chunked", b"identity, chunked", b"chunked, identity", b"CHUNKED", b"chunked;x", b'"chunked"', b", chunked,",
    )  # fmt: skip
    found = {f"transfer {value!r}": answer(b"Transfer-Encoding: " + value, body=whole) for value in values}
    found |= {
        "transfer and length": answer(CHUNKED, LENGTH, body=whole), "length and transfer": answer(LENGTH, CHUNKED, body=whole),
        "transfer twice": answer(CHUNKED, CHUNKED, body=whole), "transfer identity": answer(b"Transfer-Encoding: identity", LENGTH),
        "transfer identity alone": answer(b"Transfer-Encoding: identity"), "transfer empty": answer(b"Transfer-Encoding:", LENGTH),
        "transfer unknown": answer(b"Transfer-Encoding: junk", LENGTH), "transfer gzip": answer(b"Transfer-Encoding: gzip, chunked", body=chunks(PACKED)),
        "transfer after a space": answer(b"Transfer-Encoding : chunked", body=whole), "transfer in HTTP/1.0": answer(CHUNKED, body=whole, status=b"HTTP/1.0 200 OK"),
        "transfer and coding": answer(b"Content-Encoding: gzip", b"Transfer-Encoding: gzip, chunked", body=chunks(gzip.compress(PACKED))),
    }  # fmt: skip
    bodies = {
        "extension": chunks(LEFT, RIGHT, more=b";a=b"), "bad extension": chunks(LEFT, RIGHT, more=b'; a="b'), "spaces": chunks(LEFT, RIGHT, more=b"  "),
        "no semicolon": chunks(LEFT, RIGHT, more=b" foo"), "LF": whole.replace(b"\r\n", b"\n"), "zeros": b"00000032\r\n" + LEFT + b"\r\n" + chunks(RIGHT),
        "trailer": chunks(FEED, last=b"0\r\nX-Foo: bar\r\n\r\n"), "bad trailer": chunks(FEED, last=b"0\r\nno colon\r\n\r\n"),
        "quoted trailer": chunks(FEED, last=b'0\r\n"x: 1"\r\n\r\n'), "no blank line": chunks(FEED, last=b"0\r\n"), "more after": whole + b"extra",
        "last of zeros": chunks(FEED, last=b"0000\r\n\r\n"), "byte by byte": chunks(*(FEED[at : at + 1] for at in range(len(FEED)))),
    }  # fmt: skip
    return found | {f"chunks {name}": chunked(body) for name, body in bodies.items()}


def _encodings() -> dict[str, bytes]:
    once = (
        b"gzip",
        b"gzip, gzip",
        b"gzip,",
        b",gzip",
        b"x-gzip",
        b"GZIP",
        b"gzip;q=1.0",
        b'"gzip"',
        b"identity, gzip",
        b"gzip, utf-8",
        b"utf-8",
        b"deflate",
        b"none",
        b"",
    )
    plain = (
        b"identity",
        b"utf-8",
        b"UTF-8",
        b"none",
        b"",
        b"gzip",
        b"br",
        b"zstd",
        b"deflate",
        b"aws-chunked",
        b"text/xml",
        b"binary",
        b"8bit",
        b"gzip, br",
    )
    found = {f"packed once as {name!r}": packed(name) for name in once}
    found |= {f"plain as {name!r}": packed(name, FEED) for name in plain}
    return found | {
        "packed twice": packed(b"gzip, gzip", gzip.compress(PACKED)), "packed twice, said once": packed(b"gzip", gzip.compress(PACKED)),
        "header twice": answer(b"Content-Encoding: gzip", b"Content-Encoding: gzip", body=PACKED), "packed unsaid": answer(body=PACKED),
        "zlib as gzip": packed(b"gzip", zlib.compress(FEED)), "raw deflate": packed(b"deflate", zlib.compress(FEED)[2:-4]),
        "blank line before": packed(b"gzip", b"\n" + PACKED), "garbage after": packed(b"gzip", PACKED + b"\0\0garbage"),
        "garbage that begins like gzip": packed(b"gzip", PACKED + b"\x1f\x8b garbage"), "empty member first": packed(b"gzip", gzip.compress(b"") + PACKED),
        "two members": packed(b"gzip", gzip.compress(LEFT) + gzip.compress(RIGHT)),
    }  # fmt: skip


READ = _lines() | _starts() | _lengths() | _transfers() | _encodings()

REFUSED = {
    "two lengths": answer(LENGTH, b"Content-Length: 10"),
    "two lengths, the other way round": answer(b"Content-Length: 10", LENGTH),
    "two lengths in one line": answer(LENGTH + b", 10"),
    "negative length": answer(b"Content-Length: -5"),
    "a word for a length": answer(b"Content-Length: minus"),
    "a hexadecimal length": answer(b"Content-Length: 0x10"),
    "NUL in the length": answer(b"Content-Length: 1\x002"),
    "cut": answer(b"Content-Length: 9999"),
    "cut, with an odd head": answer(b"no colon", b"Content-Length: 9999"),
    "cut chunks": chunked(chunks(LEFT, RIGHT)[:100]),
    "no last chunk": chunked(chunks(LEFT, RIGHT, last=b"")),
    "half a last chunk": chunked(chunks(LEFT, RIGHT, last=b"0")),
    "chunked that is not": chunked(FEED),
    "a chunk longer than it says": chunked(b"32\r\n" + LEFT + chunks(RIGHT)),
    "a negative chunk": chunked(b"-32\r\n" + LEFT + b"\r\n" + chunks(RIGHT)),
    "a chunk of 0x": chunked(b"0x32\r\n" + LEFT + b"\r\n" + chunks(RIGHT)),
    "a chunk beyond all": chunked(b"f" * 18 + b"\r\n" + FEED),
    "HTTP/0.9": FEED,
    "no status": answer(LENGTH, status=b"HTTP/1.1 OK"),
    "status of two digits": answer(LENGTH, status=b"HTTP/1.1 20 OK"),
    "status of four digits": answer(LENGTH, status=b"HTTP/1.1 2000 OK"),
    "another protocol": answer(LENGTH, status=b"SSH-2.0-x 200 OK"),
    "a warning before the status": b"<br />\n<b>Warning</b>: x<br />\n" + answer(LENGTH),
    "head without end": b"HTTP/1.1 200 OK\r\n" + LENGTH + b"\r\n",
    "head of a megabyte": answer(b"X: " + b"a" * 1_000_000, LENGTH),
    "bare CR line ends": answer(LENGTH, end=b"\r"),
    "packed and cut": packed(b"gzip", PACKED[:-20]),
    "packed and cut in the head": packed(b"gzip", PACKED[:2]),
    "packed and corrupt": packed(b"gzip", PACKED[:60] + b"\xff\xff\xff\xff" + PACKED[64:]),
    "packed unsaid and cut": answer(body=PACKED[:-20]),
    "packed ten times": packed(b", ".join([b"gzip"] * 10)),
    "binary said to be gzip": packed(b"gzip", bytes(range(256))),
}
