"""Loopback ports for the local broker, the same from run to run unless another program takes them."""

from __future__ import annotations

import json
import random
import socket
from dataclasses import asdict, dataclass
from pathlib import Path

LOOPBACK = "127.0.0.1"
# Below the kernel's range for outgoing connections (32768 and up on Linux): the port for the next run must not be handed to a
# client in between.
LOWEST, HIGHEST = 20_000, 30_000
TRIES = 200


@dataclass(frozen=True, slots=True)
class BrokerPorts:
    client: int
    controller: int


def is_free(port: int) -> bool:
    """True if the loopback port can be listened on now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as attempt:
        attempt.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as the JVM does: TIME_WAIT does not count as taken
        try:
            attempt.bind((LOOPBACK, port))
        except OSError:
            return False
        return True


def choose_ports(remembered: BrokerPorts | None) -> BrokerPorts:
    """The remembered ports if both are free, so that clients find the broker again, else two free ones."""
    if remembered is not None and is_free(remembered.client) and is_free(remembered.controller):
        return remembered
    found: list[int] = []
    for port in random.SystemRandom().sample(range(LOWEST, HIGHEST), TRIES):
        if is_free(port):
            found.append(port)
        if len(found) == 2:
            return BrokerPorts(*found)
    raise OSError(f"no two free ports among {TRIES} tried between {LOWEST} and {HIGHEST} on {LOOPBACK}")


def remembered_ports(file: Path) -> BrokerPorts | None:
    """The ports of the last run, or None."""
    try:
        noted = json.loads(file.read_bytes())
        return BrokerPorts(int(noted["client"]), int(noted["controller"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def remember_ports(file: Path, ports: BrokerPorts) -> None:
    file.write_text(json.dumps(asdict(ports)), encoding="utf-8")
