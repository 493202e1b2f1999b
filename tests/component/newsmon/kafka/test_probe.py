from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.nobody import nobodys_port
from support.waiting import joined

from newsmon.kafka.probe import Answer, parse_metadata, probe


def text(value: str | None) -> bytes:
    return struct.pack(">h", -1) if value is None else struct.pack(">h", len(value.encode())) + value.encode()


def metadata(brokers: list[tuple[str, int]], cluster_id: str | None) -> bytes:
    body = struct.pack(">ii", 1, 0) + struct.pack(">i", len(brokers))
    for node, (host, port) in enumerate(brokers, 1):
        body += struct.pack(">i", node) + text(host) + struct.pack(">i", port) + text(None)
    return body + text(cluster_id) + struct.pack(">ii", 1, 0)


@contextmanager
def listener(answer: bytes) -> Iterator[int]:
    """Answers one connection with these bytes and closes it."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(1024)
                connection.sendall(answer)

        thread = threading.Thread(target=serve)
        thread.start()
        yield server.getsockname()[1]
        joined(thread)


def framed(body: bytes) -> bytes:
    return struct.pack(">i", len(body)) + body


def test_broker_that_takes_requests_is_ready_and_says_which_cluster_it_is() -> None:
    with listener(framed(metadata([("127.0.0.1", 9092), ("b2", 9093)], "cluster"))) as port:
        result = probe("127.0.0.1", port)
    assert (result.answer, result.cluster_id, result.brokers) == (Answer.READY, "cluster", (("127.0.0.1", 9092), ("b2", 9093)))


def test_cluster_without_brokers_is_not_ready() -> None:
    with listener(framed(metadata([], "cluster"))) as port:
        assert probe("127.0.0.1", port).answer is Answer.NOT_READY


@pytest.mark.parametrize(
    "answer", [b"HTTP/1.1 400 Bad Request\r\n\r\n", framed(b"\0" * 8), framed(struct.pack(">iii", 1, 0, 5) + b"\0\0\0\1\0\x63ab")]
)
def test_listener_that_is_no_broker_is_recognised(answer: bytes) -> None:
    with listener(answer) as port:
        assert probe("127.0.0.1", port).answer is Answer.NOT_KAFKA


def test_connection_closed_within_the_answer_is_unreachable() -> None:
    with listener(framed(metadata([("h", 1)], "c"))[:-6]) as port:
        assert probe("127.0.0.1", port).answer is Answer.UNREACHABLE


def test_nobody_listening_is_unreachable() -> None:
    with nobodys_port() as port:
        result = probe("127.0.0.1", port, timeout_s=60)
    assert result.answer is Answer.UNREACHABLE
    assert result.detail


@settings(max_examples=100)
@given(st.binary(max_size=200))
def test_no_answer_of_any_bytes_raises(answer: bytes) -> None:
    assert parse_metadata(answer).answer in Answer


@settings(max_examples=50)
@given(st.lists(st.tuples(st.text(max_size=20), st.integers(0, 65535)), max_size=5), st.none() | st.text(max_size=30))
def test_what_a_broker_says_is_read_back(brokers: list[tuple[str, int]], cluster_id: str | None) -> None:
    result = parse_metadata(metadata(brokers, cluster_id))
    assert (result.brokers, result.cluster_id) == (tuple(brokers), cluster_id)
