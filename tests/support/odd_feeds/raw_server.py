"""A server on loopback that answers each connection with the next of the given byte strings, and closes it."""

from __future__ import annotations

import contextlib
import itertools
import random
import socket
import threading
from collections.abc import Iterator, Sequence

HOST = "127.0.0.1"
PORT_MARK = b"PORT"
READ_TIMEOUT_S = 10.0
MOST_HEAD_BYTES = 65_536


@contextlib.contextmanager
def raw_server(responses: Sequence[bytes]) -> Iterator[int]:
    """The port. `127.0.0.1:PORT` in a response becomes the server's address; the last response is repeated.

    The port has four digits, so that a Content-Length stays right or wrong as it was.
    """
    listening = _listen()
    port = listening.getsockname()[1]
    ready = [one.replace(b"127.0.0.1:PORT", f"127.0.0.1:{port}".encode()) for one in responses]
    numbers = itertools.count()

    def serve() -> None:
        while True:
            try:
                connection, _peer = listening.accept()
            except OSError:
                return  # closed
            threading.Thread(target=_answer, args=(connection, ready[min(next(numbers), len(ready) - 1)]), daemon=True).start()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield port
    finally:
        with contextlib.suppress(OSError):
            listening.shutdown(socket.SHUT_RDWR)  # wakes the thread
        listening.close()
        thread.join(READ_TIMEOUT_S)


def _listen() -> socket.socket:
    for port in random.sample(range(1_100, 10_000), 500):
        listening = socket.socket()
        try:
            listening.bind((HOST, port))
        except OSError:
            listening.close()
            continue
        listening.listen(64)
        return listening
    raise RuntimeError("no free port of four digits")


def _answer(connection: socket.socket, response: bytes) -> None:
    with connection, contextlib.suppress(OSError):
        connection.settimeout(READ_TIMEOUT_S)
        head = b""
        while b"\r\n\r\n" not in head and len(head) < MOST_HEAD_BYTES:
            more = connection.recv(8_192)
            if not more:
                return
            head += more
        connection.sendall(response)
        connection.shutdown(socket.SHUT_WR)
        while connection.recv(8_192):  # until the other side has closed: a reset could cost it the answer
            pass
