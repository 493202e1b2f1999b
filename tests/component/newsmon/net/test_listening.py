"""A taken port is waited for; a socket of the supervisor is served on and nothing else is taken for one."""

from __future__ import annotations

import os
import socket
import subprocess
import sys

import pytest
from support.ipv6 import needs_ipv6

from newsmon.errors import SettingsError
from newsmon.net.listening import HANDED_OVER, USUAL_PORTS, Taken, handed_over, listen_on, listen_on_any, listen_on_usual, port_of


def test_a_taken_port_is_no_mistake_and_free_again_it_is_listened_on() -> None:
    with socket.create_server(("127.0.0.1", 0)) as holder:
        port = port_of(holder)
        taken = listen_on("127.0.0.1", port, key="monitoring.store_port")
        assert taken == Taken(f"another program listens on 127.0.0.1:{port}")
    found = listen_on("127.0.0.1", port, key="monitoring.store_port")
    assert isinstance(found, socket.socket)
    with found:
        assert port_of(found) == port


def test_an_address_that_is_not_there_yet_is_waited_for_and_a_name_that_does_not_exist_is_a_mistake() -> None:
    assert isinstance(listen_on("192.0.2.1", 0, key="ack.port"), Taken)  # an address for documentation: no machine has it
    with pytest.raises(SettingsError, match=r"settings:ack\.port: cannot listen on no such host:80"):
        listen_on("no such host", 80, key="ack.port")


@needs_ipv6
def test_it_listens_on_ipv6() -> None:
    found = listen_on("::1", 0, key="x")
    assert isinstance(found, socket.socket)
    with found, socket.create_connection(("::1", port_of(found)), timeout=60):
        pass


def test_ports_that_are_set_for_others_are_left_to_them() -> None:
    usual = listen_on_usual("127.0.0.1", "store", key="x", avoid=frozenset(USUAL_PORTS.values()))
    assert isinstance(usual, socket.socket)
    with usual:
        assert port_of(usual) not in USUAL_PORTS.values()
    found = listen_on_any("127.0.0.1", key="x", avoid=frozenset(range(1, 65_536)) - {40_000 + offset for offset in range(0, 20_000, 2)})
    assert isinstance(found, socket.socket)
    with found:
        assert port_of(found) % 2 == 0


CHILD = """
from newsmon.net.listening import handed_over, port_of
found, again = handed_over(), handed_over()
assert again is None
print(port_of(found), found.get_inheritable())
"""


def test_a_child_gets_the_socket_of_its_parent_once() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        done = subprocess.run(
            [sys.executable, "-c", CHILD], pass_fds=(listening.fileno(),), env=dict(os.environ) | {HANDED_OVER: str(listening.fileno())},
            capture_output=True, text=True, timeout=120, check=True,
        )  # fmt: skip
        assert done.stdout.split() == [str(port_of(listening)), "False"]


def test_a_number_that_is_no_listening_socket_is_ignored() -> None:
    with socket.socket() as idle, open(os.devnull) as file:  # noqa: PTH123 - any open file
        for number in ("", "x", "-1", "9999", str(file.fileno()), str(idle.fileno())):
            assert handed_over({HANDED_OVER: number}) is None
        assert os.fstat(file.fileno())  # and it is left open
        assert os.fstat(idle.fileno())
