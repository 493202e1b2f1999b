"""The port each process serves its metrics on: the configured one, else the usual one if free, else any free one."""

from __future__ import annotations

import socket

from newsmon.errors import Problem
from newsmon.net.http_server import family_of
from newsmon.settings import MonitoringSettings, Settings

USUAL_PORTS = {"run": 9640, "producer": 9641, "processor": 9642, "store": 9643, "deliver": 9644}


def choose_metrics_ports(monitoring: MonitoringSettings) -> tuple[dict[str, int], list[Problem]]:
    """The port of each process, and a problem for each configured port that is in use."""
    chosen: dict[str, int] = {}
    problems = []
    for process, usual in USUAL_PORTS.items():
        configured = getattr(monitoring, f"{process}_port")
        if configured:
            if not _is_free(monitoring.bind, configured):
                problems.append(Problem(f"settings:monitoring.{process}_port", f"port {configured} on {monitoring.bind} is in use"))
            chosen[process] = configured
        elif configured is None and usual not in chosen.values() and _is_free(monitoring.bind, usual):
            chosen[process] = usual
        else:
            chosen[process] = _any_free(monitoring.bind, set(chosen.values()))
    return chosen, problems


def served_ports_in_use(settings: Settings) -> list[Problem]:
    """A problem for each port that is in use but configured for feeds, acknowledgement links or WebSub pushes."""
    wanted = {
        "feeds_out": (settings.feeds_out.bind, settings.feeds_out.port), "ack": (settings.ack.bind, settings.ack.port),
    }  # fmt: skip
    if settings.websub.callback_url is not None:
        wanted["websub"] = (settings.websub.bind, settings.websub.port)
    return [
        Problem(f"settings:{section}.port", f"port {port} on {bind} is in use")
        for section, (bind, port) in wanted.items()
        if port and not _is_free(bind, port)
    ]


def _is_free(bind: str, port: int) -> bool:
    with socket.socket(family_of(bind), socket.SOCK_STREAM) as attempt:
        attempt.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            attempt.bind((bind, port))
        except OSError:
            return False
        return True


def _any_free(bind: str, taken: set[int]) -> int:
    while True:
        with socket.socket(family_of(bind), socket.SOCK_STREAM) as attempt:
            attempt.bind((bind, 0))
            port: int = attempt.getsockname()[1]
        if port not in taken:
            return port
