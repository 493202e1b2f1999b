"""A connection that takes the answers which curl and browsers take, and then gives them to aiohttp's strict parser.

A connection is used again only after an answer that was strict and ended where it said. Bytes nobody asked for close it.
aiohttp has no public place for this: `_factory`, `_payload` and `_parser` are its own.
"""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Any

import aiohttp
from aiohttp.client_proto import ResponseHandler
from aiohttp.http_exceptions import HttpProcessingError

from producers.answers.framing import AnswerReader
from producers.answers.heads import UnreadableAnswer


class LenientConnector(aiohttp.TCPConnector):
    """aiohttp's connector, with lenient connections."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._factory = partial(LenientConnection, loop=self._loop)  # type: ignore[assignment]  # a partial of a subclass


class LenientConnection(ResponseHandler):
    """aiohttp's protocol, with each answer read leniently first."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(loop)
        self._answer: AnswerReader | None = None  # None: nothing has been asked yet

    def set_response_params(self, **options: Any) -> None:
        """A request follows on this connection."""
        self._answer = AnswerReader()
        super().set_response_params(**options)

    def data_received(self, data: bytes) -> None:
        if self._answer is None or not data:
            super().data_received(data)
            return
        if self._answer.has_ended:
            self.force_close()
            if self._payload is None or self._payload.is_eof():  # idle, among the kept connections
                self.close()
            return
        strict = self._answer.feed(data)
        if self._answer.odd or self._answer.surplus:
            self.force_close()
        if strict:
            super().data_received(strict)
        if self._answer.broken is not None:
            self._give_up(self._answer.broken)

    def connection_lost(self, exc: BaseException | None) -> None:
        if self._answer is not None and exc is None:
            last = self._answer.end()
            if last:
                super().data_received(last)
            if self._answer.broken is not None:
                self._give_up(self._answer.broken)
        super().connection_lost(exc)

    def _give_up(self, error: UnreadableAnswer) -> None:
        payload = self._payload
        if payload is not None and not payload.is_eof():
            payload.set_exception(aiohttp.ClientPayloadError(str(error)))
        self._parser = None  # it would have an error of its own about the end
        self.set_exception(HttpProcessingError(code=0, message=str(error)))
        if self.transport is not None:
            self.transport.close()
