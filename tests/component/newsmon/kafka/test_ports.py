from __future__ import annotations

import socket
from pathlib import Path

import pytest

from newsmon.kafka.ports import HIGHEST, LOWEST, BrokerPorts, choose_ports, is_free, remember_ports, remembered_ports


def test_ports_of_the_last_run_are_used_again(tmp_path: Path) -> None:
    ports = choose_ports(None)
    remember_ports(tmp_path / "ports.json", ports)
    assert choose_ports(remembered_ports(tmp_path / "ports.json")) == ports


def test_taken_port_is_not_used_again() -> None:
    last = choose_ports(None)
    with socket.socket() as somebody:
        somebody.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        somebody.bind(("127.0.0.1", last.client))
        somebody.listen()
        assert not is_free(last.client)
        assert last.client not in (choose_ports(last).client, choose_ports(last).controller)


def test_fresh_ports_differ_and_lie_below_those_for_outgoing_connections() -> None:
    ports = choose_ports(None)
    assert ports.client != ports.controller
    assert all(LOWEST <= port < HIGHEST for port in (ports.client, ports.controller))


@pytest.mark.parametrize("content", [None, "", "[]", "{}", '{"client": "x", "controller": 2}', '{"client": null, "controller": 1}'])
def test_missing_or_damaged_note_remembers_nothing(tmp_path: Path, content: str | None) -> None:
    file = tmp_path / "ports.json"
    if content is not None:
        file.write_text(content)
    assert remembered_ports(file) is None


def test_note_is_read_back(tmp_path: Path) -> None:
    remember_ports(tmp_path / "ports.json", BrokerPorts(21000, 21001))
    assert remembered_ports(tmp_path / "ports.json") == BrokerPorts(21000, 21001)
