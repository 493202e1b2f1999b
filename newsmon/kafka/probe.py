"""Checks that a Kafka broker answers and is the expected one: one metadata request by hand, without a client library.

The client libraries take most of a second to import, and their retries hide why a broker does not answer. Wire format: the Kafka
protocol guide, Metadata request version 4, which every broker from 1.0 to 4.x speaks.
"""

from __future__ import annotations

import socket
import ssl
import struct
from contextlib import nullcontext
from dataclasses import dataclass
from enum import StrEnum

METADATA = 3
METADATA_VERSION = 4
API_VERSIONS = 18
CLIENT_ID = b"newsmon-probe"
MAX_ANSWER_BYTES = 1_000_000


class Answer(StrEnum):
    """The kind of response."""

    READY = "ready"
    NOT_READY = "not_ready"  # answers, but no broker of the cluster takes requests yet
    UNREACHABLE = "unreachable"
    NOT_KAFKA = "not_kafka"


@dataclass(frozen=True, slots=True)
class ProbeResult:
    """The answer, and the cluster's id and brokers (host, port) if it is READY or NOT_READY."""

    answer: Answer
    cluster_id: str | None = None
    brokers: tuple[tuple[str, int], ...] = ()
    detail: str = ""


def probe(host: str, port: int, *, timeout_s: float = 2.0, tls: ssl.SSLContext | None = None) -> ProbeResult:
    """The response of the listener at host:port to a metadata request. Network errors are results, not exceptions."""
    body = struct.pack(">ib", 0, 0)  # no topics wanted, create none
    try:
        return parse_metadata(_asked(host, port, METADATA, METADATA_VERSION, body, timeout_s, tls))
    except _NotKafka as error:
        return ProbeResult(Answer.NOT_KAFKA, detail=str(error))
    except OSError as error:
        return ProbeResult(Answer.UNREACHABLE, detail=str(error) or type(error).__name__)


def answers(host: str, port: int, *, timeout_s: float = 2.0, tls: ssl.SSLContext | None = None) -> str | None:
    """None if a Kafka broker answers there, else why not. It needs no user name: a broker says what it speaks before that is asked."""
    try:
        answer = _asked(host, port, API_VERSIONS, 0, b"", timeout_s, tls)
    except (_NotKafka, OSError) as error:
        return str(error) or type(error).__name__
    return None if answer[:4] == struct.pack(">i", 1) else "the answer belongs to another question"


class _NotKafka(Exception):
    """Something else listens there."""


def _asked(host: str, port: int, api: int, version: int, body: bytes, timeout_s: float, tls: ssl.SSLContext | None) -> bytes:
    header = struct.pack(">hhih", api, version, 1, len(CLIENT_ID)) + CLIENT_ID
    with socket.create_connection((host, port), timeout=timeout_s) as plain:
        plain.settimeout(timeout_s)
        with tls.wrap_socket(plain, server_hostname=host) if tls else nullcontext(plain) as connection:
            connection.sendall(struct.pack(">i", len(header) + len(body)) + header + body)
            (size,) = struct.unpack(">i", _read(connection, 4))
            if not 0 < size <= MAX_ANSWER_BYTES:
                raise _NotKafka(f"an answer of {size} bytes")
            return _read(connection, size)


def _read(connection: socket.socket, size: int) -> bytes:
    received = b""
    while len(received) < size:
        chunk = connection.recv(size - len(received))
        if not chunk:
            raise ConnectionResetError(f"connection closed after {len(received)} of {size} bytes")
        received += chunk
    return received


def parse_metadata(answer: bytes) -> ProbeResult:
    """The content of a metadata response (version 4, without its length)."""
    fields = _Fields(answer)
    try:
        if fields.int32() != 1:
            return ProbeResult(Answer.NOT_KAFKA, detail="the answer belongs to another question")
        fields.int32()  # throttle time
        brokers = []
        for _ in range(fields.int32()):
            fields.int32()  # node id
            brokers.append((fields.text() or "", fields.int32()))
            fields.text()  # rack
        cluster_id = fields.text()
    except (struct.error, UnicodeDecodeError) as error:
        return ProbeResult(Answer.NOT_KAFKA, detail=str(error))
    return ProbeResult(Answer.READY if brokers else Answer.NOT_READY, cluster_id, tuple(brokers))


class _Fields:
    """Reads the protocol's primitive types in order."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self._at = 0

    def int32(self) -> int:
        (value,) = struct.unpack_from(">i", self._content, self._at)
        self._at += 4
        return int(value)

    def text(self) -> str | None:
        (length,) = struct.unpack_from(">h", self._content, self._at)
        self._at += 2
        if length < 0:
            return None
        raw = self._content[self._at : self._at + length]
        if len(raw) < length:
            raise struct.error("the answer ends within a string")
        self._at += length
        return raw.decode()
