"""Undoes a Content-Encoding in pieces of limited size, and detects a body that ends too early. The first bytes decide, not the label.

aiohttp decompresses too, but it accepts a truncated gzip body as complete, and we would then remember the feed as read.
"""

from __future__ import annotations

import re
import sys
import zlib
from collections.abc import Iterator
from typing import Protocol

import brotli  # type: ignore[import-untyped]

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

PIECE_BYTES = 64 * 1024
ZSTD_WINDOW_LOG = 23  # 8 MB, the limit for HTTP in RFC 9659
GZIP_WBITS = 16 + zlib.MAX_WBITS
MAX_LAYERS = 5  # curl's limit
LOOK_BYTES = 32

GZIP_MAGIC = b"\x1f\x8b\x08"
ZSTD_FRAME = b"\x28\xb5\x2f\xfd"
ZSTD_MAGIC = re.compile(rb"\x28\xb5\x2f\xfd|[\x50-\x5f]\x2a\x4d\x18")
ENCODINGS = {"gzip": "gzip", "x-gzip": "gzip", "deflate": "deflate", "x-deflate": "deflate", "br": "br", "zstd": "zstd"}
# A feed or page that is not packed. brotli and deflate have no magic, but do not begin with so much plain ASCII.
_MARKUP = re.compile(rb"(?:\xef\xbb\xbf)?[ \t\r\n]*[<{\[][\t\r\n\x20-\x7e]*")
_TEXT = re.compile(rb"(?:\xff\xfe|\xfe\xff|<\0|\0<).*|[^\x00-\x08\x0b\x0e-\x1f\x7f]*", re.DOTALL)


class BadEncodingError(ValueError):
    """The body does not match its Content-Encoding, or ends too early."""


class Decompressor(Protocol):
    def feed(self, data: bytes) -> Iterator[bytes]:
        """The data in pieces of at most `PIECE_BYTES`; the caller may stop after any of them."""

    def finish(self) -> Iterator[bytes]:
        """The last pieces. BadEncodingError unless the end was reached."""


def decompressor_for(content_encoding: str) -> Decompressor:
    """The decompressor for a header value; its encodings were applied from left to right.

    The header is a hint, the body decides: text passes unchanged whatever encoding is stated, and gzip and zstd are unpacked without a
    label too. Encodings nobody knows (`utf-8`, `none`) are misused headers.
    """
    stated = [token.partition(";")[0].strip(" \t\"'").lower() for token in content_encoding.split(",")]
    layers = [ENCODINGS[name] for name in stated if name in ENCODINGS]
    if len(layers) > MAX_LAYERS:
        raise BadEncodingError(f"packed {len(layers)} times over; newsmon unpacks {MAX_LAYERS} layers")
    return _Layers([_Layer(name) for name in reversed(layers)] + [_Layer(None)])


class _Layers:
    """Each layer's pieces are the next one's data."""

    def __init__(self, layers: list[_Layer]) -> None:
        self._layers = layers

    def feed(self, data: bytes) -> Iterator[bytes]:
        return _through(iter((data,)), self._layers)

    def finish(self) -> Iterator[bytes]:
        for number, layer in enumerate(self._layers, 1):
            yield from _through(layer.finish(), self._layers[number:])


def _through(pieces: Iterator[bytes], layers: list[_Layer]) -> Iterator[bytes]:
    for layer in layers:
        pieces = _fed(layer, pieces)
    return pieces


def _fed(layer: _Layer, pieces: Iterator[bytes]) -> Iterator[bytes]:
    for piece in pieces:
        yield from layer.feed(piece)


class _Layer:
    """One encoding; the first bytes decide which."""

    def __init__(self, stated: str | None) -> None:
        self._stated = stated
        self._start = b""
        self._chosen: Decompressor | None = None

    def feed(self, data: bytes) -> Iterator[bytes]:
        if self._chosen is None:
            self._start += data
            if len(self._start) < LOOK_BYTES:
                return
            data = self._choose()
        assert self._chosen is not None
        yield from self._chosen.feed(data)

    def finish(self) -> Iterator[bytes]:
        if self._chosen is None:
            start = self._choose()
            assert self._chosen is not None
            if start:
                yield from self._chosen.feed(start)
        yield from self._chosen.finish()

    def _choose(self) -> bytes:
        """Choose, and return the bytes held so far."""
        start, self._start = self._start, b""
        unspaced = start.lstrip(b"\r\n \t")
        if self._stated is not None and unspaced.startswith(GZIP_MAGIC):
            start = unspaced  # some scripts print blank lines before what the server packs
        self._chosen = _chosen(self._stated, start[:LOOK_BYTES])
        return start


def _chosen(stated: str | None, start: bytes) -> Decompressor:
    if start.startswith(GZIP_MAGIC):
        return _Zlib(GZIP_WBITS)
    if ZSTD_MAGIC.match(start):
        return _Zstd()
    if stated is None or _MARKUP.fullmatch(start):
        return _Plain()
    if stated == "br":
        return _Brotli()
    if stated == "deflate" or _is_zlib(start):
        return _Zlib(zlib.MAX_WBITS)
    if start and (GZIP_MAGIC.startswith(start) or ZSTD_FRAME.startswith(start)):
        raise BadEncodingError("the compressed body ends too early")
    if _TEXT.fullmatch(start):
        return _Plain()
    raise BadEncodingError(f"the server says that the body is packed with {stated}, and it is not")


def _is_zlib(start: bytes) -> bool:
    return len(start) > 1 and start[0] & 0x0F == 8 and int.from_bytes(start[:2]) % 31 == 0 and not _TEXT.fullmatch(start)


class _Plain:
    def feed(self, data: bytes) -> Iterator[bytes]:
        yield data

    def finish(self) -> Iterator[bytes]:
        return iter(())  # plain bytes have no end mark


class _Zlib:
    """gzip, also with several members; or deflate, as zlib (RFC 1950) or raw (RFC 1951), which some servers send."""

    def __init__(self, wbits: int) -> None:
        self._wbits = wbits
        self._object = zlib.decompressobj(wbits)
        self._started = False
        self._later = False  # at the beginning of a further member
        self._is_over = False

    def feed(self, data: bytes) -> Iterator[bytes]:
        left = b"" if self._is_over else data
        while left:
            if self._object.eof:
                if self._wbits != GZIP_WBITS or left[:1] != b"\x1f":
                    return  # padding after the end; browsers ignore it too
                self._object, self._later = zlib.decompressobj(self._wbits), True
            try:
                piece = self._decompressed(left)
            except BadEncodingError:
                if self._later:
                    self._is_over = True  # padding that only began like another member
                    return
                raise
            self._later = self._later and not piece
            left = self._object.unconsumed_tail or self._object.unused_data
            if piece:
                yield piece

    def _decompressed(self, data: bytes) -> bytes:
        try:
            piece = self._object.decompress(data, PIECE_BYTES)
        except zlib.error as error:
            if self._started or self._wbits != zlib.MAX_WBITS:
                raise BadEncodingError(str(error)) from error
            self._object, self._started = zlib.decompressobj(-zlib.MAX_WBITS), True
            return self._decompressed(data)
        self._started = True
        return piece

    def finish(self) -> Iterator[bytes]:
        if self._started and not self._object.eof and not self._is_over:
            raise BadEncodingError("the compressed body ends too early")
        return iter(())


class _Brotli:
    def __init__(self) -> None:
        self._object = brotli.Decompressor()
        self._started = False

    def feed(self, data: bytes) -> Iterator[bytes]:
        if self._object.is_finished():
            return
        self._started = True
        given = data
        while True:
            try:
                piece = self._object.process(given, output_buffer_limit=PIECE_BYTES)
            except brotli.error as error:
                raise BadEncodingError(str(error)) from error
            given = b""
            if piece:
                yield piece
            if self._object.is_finished() or self._object.can_accept_more_data():
                return

    def finish(self) -> Iterator[bytes]:
        if self._started and not self._object.is_finished():
            raise BadEncodingError("the compressed body ends too early")
        return iter(())


class _Zstd:
    """One or more frames (RFC 8878)."""

    def __init__(self) -> None:
        self._object = self._new()
        self._started = False

    @staticmethod
    def _new() -> zstd.ZstdDecompressor:
        return zstd.ZstdDecompressor(options={zstd.DecompressionParameter.window_log_max: ZSTD_WINDOW_LOG})

    def feed(self, data: bytes) -> Iterator[bytes]:
        left = data
        while True:
            if self._object.eof:
                left = self._object.unused_data or left
                if not ZSTD_MAGIC.match(left):
                    return  # nothing more, or padding
                self._object = self._new()
            self._started = True
            try:
                piece = self._object.decompress(left, max_length=PIECE_BYTES)
            except zstd.ZstdError as error:
                raise BadEncodingError(str(error)) from error
            left = b""
            if piece:
                yield piece
            if not self._object.eof and self._object.needs_input:
                return

    def finish(self) -> Iterator[bytes]:
        if self._started and not self._object.eof:
            raise BadEncodingError("the compressed body ends too early")
        return iter(())
