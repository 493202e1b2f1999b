"""Opens the sockets on which the supervisor and its stages serve their metrics: once, before anything starts.

In: [monitoring]. Out: a listening socket for each process. A port that is not set is the usual one, else any free one. Where a port
that is set belongs to another program at the moment, a socket on another port of the loopback address stands in, so that
the supervisor can still ask; the process itself waits for the port that is set.
"""

from __future__ import annotations

import socket

from newsmon.errors import DependencyError
from newsmon.net.listening import USUAL_PORTS, Taken, listen_on, listen_on_any, listen_on_usual
from newsmon.settings import MonitoringSettings, Settings


def open_sockets(settings: Settings) -> dict[str, socket.socket]:
    """A socket for each process. SettingsError if it can never listen on the address."""
    monitoring = settings.monitoring
    reserved = ports_set(settings)
    sockets: dict[str, socket.socket] = {}
    # Those that are set come first: none of the others may sit on them.
    for process in sorted(USUAL_PORTS, key=lambda name: not _port_set(monitoring, name)):
        port, key = _port_set(monitoring, process), f"monitoring.{process}_port"
        if port:
            found = listen_on(monitoring.bind, port, key=key)
            if isinstance(found, Taken):
                found = listen_on_any("::1" if ":" in monitoring.bind else "127.0.0.1", key=key, avoid=reserved)
        elif port is None:
            found = listen_on_usual(monitoring.bind, process, key=key, avoid=reserved)
        else:
            found = listen_on_any(monitoring.bind, key=key, avoid=reserved)
        if isinstance(found, Taken):
            raise DependencyError("network", f"{found.reason}. Check monitoring.bind.")
        sockets[process] = found
    return sockets


def ports_set(settings: Settings) -> frozenset[int]:
    """Every port that the settings name for some part of newsmon."""
    named = [_port_set(settings.monitoring, process) for process in USUAL_PORTS]
    named += [settings.feeds_out.port, settings.ack.port]
    if settings.websub.callback_url is not None:
        named.append(settings.websub.port)
    return frozenset(port for port in named if port)


def _port_set(monitoring: MonitoringSettings, process: str) -> int | None:
    port: int | None = getattr(monitoring, f"{process}_port")
    return port
