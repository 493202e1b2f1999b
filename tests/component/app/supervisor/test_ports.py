"""The supervisor opens a socket for every process before anything starts, whatever others hold."""

from __future__ import annotations

import socket
from contextlib import ExitStack

import pytest

from newsmon.app.supervisor.ports import open_sockets, ports_set
from newsmon.errors import SettingsError
from newsmon.net.listening import USUAL_PORTS, port_of
from newsmon.settings import AckSettings, FeedsOutSettings, MonitoringSettings, Settings, WebSubSettings


def opened(stack: ExitStack, settings: Settings) -> dict[str, int]:
    return {name: port_of(stack.enter_context(one)) for name, one in open_sockets(settings).items()}


def test_two_supervisors_in_the_same_second_get_ten_different_ports() -> None:
    with ExitStack() as stack:
        first, second = opened(stack, Settings()), opened(stack, Settings())
        assert len({*first.values(), *second.values()}) == 2 * len(USUAL_PORTS)


def test_a_port_that_is_set_is_used_and_where_it_is_taken_another_stands_in() -> None:
    with ExitStack() as stack, socket.create_server(("127.0.0.1", 0)) as holder:
        taken = port_of(holder)
        ports = opened(stack, Settings(monitoring=MonitoringSettings(store_port=taken, run_port=0)))
        assert set(ports) == set(USUAL_PORTS)
        assert len({*ports.values(), taken}) == len(USUAL_PORTS) + 1


def test_no_process_sits_on_a_port_that_is_set_for_another() -> None:
    set_for_others = Settings(
        monitoring=MonitoringSettings(store_port=USUAL_PORTS["run"]),
        feeds_out=FeedsOutSettings(port=USUAL_PORTS["producer"]),
        ack=AckSettings(public_url="https://news.example", port=USUAL_PORTS["processor"], secret_env="ANY"),
        websub=WebSubSettings(port=USUAL_PORTS["deliver"], callback_url="https://desk.example", secret_env="S"),
    )
    assert ports_set(set_for_others) == {USUAL_PORTS[name] for name in ("run", "producer", "processor", "deliver")}
    with ExitStack() as stack:
        ports = opened(stack, set_for_others)
        assert not set(ports.values()) & {USUAL_PORTS[name] for name in ("producer", "processor", "deliver")}
        assert all(port != USUAL_PORTS["run"] for name, port in ports.items() if name != "store")


def test_an_address_that_does_not_exist_is_a_mistake() -> None:
    with pytest.raises(SettingsError, match=r"monitoring\.run_port"):
        open_sockets(Settings(monitoring=MonitoringSettings(bind="no such host")))
