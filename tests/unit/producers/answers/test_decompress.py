"""A body is unpacked by what it is, whatever its label says, in pieces, within limits, and never when it was cut."""

from __future__ import annotations

import gzip
import itertools
import sys
import zlib

import brotli  # type: ignore[import-untyped]
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from producers.answers.decompress import PIECE_BYTES, BadEncodingError, decompressor_for

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

TEXT = (
    '<?xml version="1.0" encoding="utf-8"?><rss><channel><title>Zürich ✓</title>' + "<item>text</item>" * 50 + "</channel></rss>"
).encode()
PACKERS = {
    "gzip": lambda data: gzip.compress(data, mtime=0),
    "deflate": zlib.compress,
    "br": brotli.compress,
    "zstd": zstd.compress,
}
RAW_DEFLATE = zlib.compress(TEXT)[2:-4]
BODIES = {name: pack(TEXT) for name, pack in PACKERS.items()}
BEGINNINGS = {
    "RSS": b"<rss version='2.0'>", "Atom": b'<feed xmlns="http://www.w3.org/2005/Atom">', "a page": b"<!DOCTYPE html>\n<html><head><title>",
    "JSON Feed": b'{"version": "https://jsonfeed.org/version/1.1"', "JSON of an API": b'[ {"id": 1, "title": "x"}', "spaced": b"\r\n\t  <?xml version='1.0'?>",
    "a byte order mark": b"\xef\xbb\xbf<?xml version='1.0'?><rss>", "a comment": b"<!-- made by hand --><rss>",
}  # fmt: skip


def unpack(label: str, body: bytes, size: int = 1_000_000) -> bytes:
    found = decompressor_for(label)
    pieces = [piece for at in range(0, len(body), size) for piece in found.feed(body[at : at + size])]
    return b"".join([*pieces, *found.finish()])


@pytest.mark.parametrize("label", PACKERS)
@pytest.mark.parametrize("size", [1, 2, 31, 33, 1_000_000])
def test_a_labelled_body_is_unpacked_in_any_pieces(label: str, size: int) -> None:
    assert unpack(label, BODIES[label], size) == TEXT


@pytest.mark.parametrize(("outer", "inner"), itertools.product(PACKERS, repeat=2))
def test_two_labels_are_two_layers_the_last_one_outside(outer: str, inner: str) -> None:
    body = PACKERS[outer](PACKERS[inner](TEXT))
    assert unpack(f"{inner}, {outer}", body) == TEXT
    assert unpack(f"{inner},{outer},", body, 7) == TEXT


@pytest.mark.parametrize("label", ["gzip", "x-gzip", "GZIP", " gzip ", "gzip;q=1", '"gzip"', "gzip, gzip", "gzip,", "br", "deflate", "zstd", "", "utf-8", "none", "identity", "gzip, br"])  # fmt: skip
def test_gzip_and_zstd_are_known_by_their_first_bytes_under_any_label(label: str) -> None:
    assert unpack(label, BODIES["gzip"]) == TEXT
    assert unpack(label, BODIES["zstd"]) == TEXT


@pytest.mark.parametrize("label", [*PACKERS, "", "utf-8", "gzip, gzip", "br, gzip", "aws-chunked"])
@pytest.mark.parametrize("name", BEGINNINGS)
def test_a_body_that_is_not_packed_passes_under_any_label(label: str, name: str) -> None:
    body = BEGINNINGS[name] + b"x" * 100
    for size in (1, 40, 1_000):
        assert unpack(label, body, size) == body


@pytest.mark.parametrize(
    "body", [b"", b"Not found", b"<a/>", "Größe und noch mehr Text, der kein Feed ist".encode("latin-1"), "<rss/>".encode("utf-16")]
)
def test_short_texts_pass_too(body: bytes) -> None:
    assert unpack("gzip", body) == body
    assert unpack("", body) == body


@pytest.mark.parametrize("label", PACKERS)
def test_a_cut_body_is_an_error_wherever_it_was_cut(label: str) -> None:
    whole = BODIES[label]
    for end in range(1, len(whole)):
        with pytest.raises(BadEncodingError):
            unpack(label, whole[:end])


@settings(max_examples=300, deadline=None)
@given(st.binary(min_size=40, max_size=5_000), st.sampled_from(sorted(PACKERS)))
def test_whatever_the_content_it_is_the_same_after_packing(content: bytes, label: str) -> None:
    if content.startswith((b"\x1f\x8b\x08", b"\x28\xb5\x2f\xfd")) or content[1:4] == b"\x2a\x4d\x18":
        return  # would be unpacked once more
    assert unpack(label, PACKERS[label](content), 100) == content


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=300), st.sampled_from(["gzip", "deflate", "br", "zstd", "", "gzip, gzip", "zstd, br, deflate"]))
def test_any_bytes_under_any_label_are_a_body_or_an_error(body: bytes, label: str) -> None:
    try:
        unpack(label, body, 13)
    except BadEncodingError:
        return


@pytest.mark.parametrize("after", [b"\0" * 100, b"garbage", b"\x1f\x8bgarbage", b"\x1f\x8b\x08\xff" + b"x" * 50, b"\n<!-- cached -->"])
def test_what_follows_a_packed_body_is_ignored(after: bytes) -> None:
    for label in ("gzip", "zstd", "deflate"):
        assert unpack(label, BODIES[label] + after) == TEXT


def test_several_members_and_frames_are_one_body() -> None:
    for label in ("gzip", "zstd"):
        empty = PACKERS[label](b"")
        assert unpack(label, empty + BODIES[label] + empty + BODIES[label], 50) == TEXT * 2


@pytest.mark.parametrize("body", [RAW_DEFLATE, zlib.compress(TEXT), gzip.compress(TEXT)])
def test_deflate_is_zlib_or_raw_or_even_gzip(body: bytes) -> None:
    assert unpack("deflate", body) == TEXT


@pytest.mark.parametrize("label", ["gzip", "deflate", "br", "zstd", "gzip, gzip"])
def test_a_bomb_comes_in_pieces(label: str) -> None:
    bomb = b"\0" * 20_000_000
    for name in reversed(label.split(", ")):
        bomb = PACKERS[name](bomb)
    found = decompressor_for(label)
    first = next(piece for piece in found.feed(bomb) if piece)
    assert len(first) <= 2 * PIECE_BYTES  # brotli takes its limit for advice


def test_a_pile_of_layers_is_refused() -> None:
    with pytest.raises(BadEncodingError, match="packed 6 times"):
        decompressor_for(", ".join(["gzip"] * 6))
