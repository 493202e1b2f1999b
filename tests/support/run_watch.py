"""What a running `newsmon run` says of itself: its log lines, its /healthz and /readyz; and ports to take away from it."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

from support.monitor import Monitor


def free_ports(count: int) -> list[int]:
    """That many ports that nobody listens on now."""
    held = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in held]
    for one in held:
        one.close()
    return ports


def add_settings(monitor: Monitor, text: str) -> None:
    """Put settings in front of the receivers, which end the file."""
    before, receivers, after = monitor.config.read_text().partition("[[receivers]]")
    monitor.config.write_text(before + text + receivers + after)


def events(monitor: Monitor, name: str) -> list[dict[str, Any]]:
    """The log lines with that event name, oldest first."""
    found = []
    for line in monitor.log.splitlines():
        try:
            event = json.loads(line)
        except ValueError:
            continue
        if isinstance(event, dict) and event.get("event") == name:
            found.append(event)
    return found


def asked(port: int, path: str) -> tuple[int, dict[str, str]]:
    """Status and reasons of /healthz or /readyz; (0, {}) while nothing answers."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=20) as answer:
            return answer.status, json.loads(answer.read())["because"]
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read())["because"]
    except OSError:
        return 0, {}


def wait_until_stoppable(process: subprocess.Popen[bytes]) -> None:
    """Return as soon as it catches SIGTERM, which it must do before it loads the rest of the program."""
    files = Path(f"/proc/{process.pid}")
    deadline = time.monotonic() + 120
    while process.poll() is None:
        assert time.monotonic() < deadline, "it never catches SIGTERM"
        has_loaded_settings = "pydantic_core" in (files / "maps").read_text()
        caught = next(line for line in (files / "status").read_text().splitlines() if line.startswith("SigCgt"))
        if int(caught.split()[1], 16) >> (signal.SIGTERM - 1) & 1:
            return
        assert not has_loaded_settings, "it loads the program before it can be stopped"
