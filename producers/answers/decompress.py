"""Undoes a Content-Encoding in pieces of limited size, and detects a body that ends too early.

aiohttp decompresses too, but it accepts a truncated gzip body as complete, and we would then remember the feed as read.
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
ZSTD_WINDOW_LOG = 23  # 8 MB, the limit for HTTP in RFC 9659
GZIP_WBITS = 16 + zlib.MAX_WBITS


class BadEncodingError(ValueError):
    """The body does not match its Content-Encoding, or ends too early."""


class Decompressor(Protocol):
    def feed(self, data: bytes) -> Iterator[bytes]:
        """The data in pieces of at most `PIECE_BYTES`; the caller may stop after any of them."""

    def finish(self) -> None:
        """Raise BadEncodingError unless the end was reached."""


def decompressor_for(content_encoding: str) -> Decompressor:
    """The decompressor for a header value. An encoding we did not ask for is a misused header: its bytes pass unchanged."""
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
        """Plain bytes have no end mark."""


class _Zlib:
    """gzip, also with several members; or deflate, as zlib (RFC 1950) or raw (RFC 1951), which some servers send."""

    def __init__(self, wbits: int) -> None:
        self._wbits = wbits
        self._object = zlib.decompressobj(wbits)
        self._started = False

    def feed(self, data: bytes) -> Iterator[bytes]:
        left = data
        while left:
            if self._object.eof:
                if self._wbits != GZIP_WBITS or left[:1] != b"\x1f":
                    return  # padding after the end; browsers ignore it too
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
