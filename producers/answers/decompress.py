"""Undo a Content-Encoding piece by piece, never more than asked for at once, and notice a body that ends too early. [pure]

The HTTP client's own decompression takes a cut-off gzip body for a whole one; a feed cut off so would be remembered as read.
"""

from __future__ import annotations

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
ZSTD_WINDOW_LOG = 23  # 8 MB: what RFC 9659 allows over HTTP
GZIP_WBITS = 16 + zlib.MAX_WBITS


class BadEncodingError(ValueError):
    """The body is not what its Content-Encoding says, or ends too early."""


class Decompressor(Protocol):
    def feed(self, data: bytes) -> Iterator[bytes]:
        """Pieces of at most `PIECE_BYTES` each; the caller may stop at any of them."""

    def finish(self) -> None:
        """BadEncodingError unless the end was reached."""


def decompressor_for(content_encoding: str) -> Decompressor:
    """By header value; an encoding we never asked for is taken for a misused header, and the bytes for what they are."""
    name = content_encoding.strip().lower()
    if name in ("gzip", "x-gzip"):
        return _Zlib(GZIP_WBITS)
    if name == "deflate":
        return _Zlib(zlib.MAX_WBITS)
    if name == "zstd":
        return _Zstd()
    return _Brotli() if name == "br" else _Plain()


class _Plain:
    def feed(self, data: bytes) -> Iterator[bytes]:
        yield data

    def finish(self) -> None:
        """Whatever came is all there is."""


class _Zlib:
    """gzip (also several members one after the other), or deflate as zlib (RFC 1950) or, as some servers send it, raw (RFC 1951)."""

    def __init__(self, wbits: int) -> None:
        self._wbits = wbits
        self._object = zlib.decompressobj(wbits)
        self._started = False

    def feed(self, data: bytes) -> Iterator[bytes]:
        left = data
        while left:
            if self._object.eof:
                if self._wbits != GZIP_WBITS or left[:1] != b"\x1f":
                    return  # padding after the end: ignored, as browsers do
                self._object = zlib.decompressobj(self._wbits)
            piece = self._decompressed(left)
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

    def finish(self) -> None:
        if self._started and not self._object.eof:
            raise BadEncodingError("the compressed body ends too early")


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

    def finish(self) -> None:
        if self._started and not self._object.is_finished():
            raise BadEncodingError("the compressed body ends too early")


class _Zstd:
    """Frames one after the other (RFC 8878)."""

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
                if not left:
                    return
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

    def finish(self) -> None:
        if self._started and not self._object.eof:
            raise BadEncodingError("the compressed body ends too early")
