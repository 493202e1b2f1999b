"""What `newsmon run` says of trouble on its machine: little, in JSON only, and on the channel where people read; and that it goes on."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import stat
import struct
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.monitor import FeedHost, Monitor, accepted_titles, eventually, new_secret, receiving, write_settings
from support.signals import stand_still

from newsmon.app.listener import VerifyingReceiver
from newsmon.kafka.broker.children import started_ticks

DISK_BYTES = 700 * 1024**2
ALL_STAGES = 5  # the four and the supervisor


def story(name: str, share: float) -> tuple[str, str]:
    return (
        f"{name} to lift defence spending to {share:.1f} per cent of GDP",
        f"The government of {name} said its defence budget will reach {share:.1f} per cent of GDP, up from {share - 1:.1f} per cent.",
    )


FIRST, SECOND = story("Arland", 2.4), story("Kestria", 3.7)


class Running:
    """A monitor that has delivered its first alert, and what it says from `mark` on."""

    def __init__(self, monitor: Monitor, outlet: FeedHost, receiver: VerifyingReceiver) -> None:
        self.monitor, self.outlet, self.receiver = monitor, outlet, receiver
        self._mark = 0

    def publish(self, item: tuple[str, str]) -> None:
        self.outlet.items["/one"].append(item)

    def alerted(self, item: tuple[str, str]) -> None:
        eventually(f"an alert for {item[0]}", lambda: item[0] in accepted_titles(self.receiver), log=lambda: self.monitor.log)

    def mark(self) -> None:
        self._mark = len(self.monitor.log)

    @property
    def lines(self) -> list[dict[str, Any]]:
        """Every whole line since the mark; ValueError if one is no JSON object."""
        found = [json.loads(line) for line in self.monitor.log[self._mark :].split("\n")[:-1] if line]
        assert all(isinstance(one, dict) for one in found)
        return found

    def says(self, event: str, *, times: int = 1) -> None:
        count = lambda: Counter(line["event"] for line in self.lines)[event]  # noqa: E731
        eventually(f"{event} x {times}", lambda: count() >= times, log=lambda: self.monitor.log)

    def is_told(self, kind: str, state: str) -> None:
        def told() -> bool:
            found = [(one.payload or {}).get("data", {}) for one in self.receiver.deliveries if one.accepted]
            return any((one.get("kind"), one.get("state")) == (kind, state) for one in found)

        eventually(f"the notice {kind} {state}", told, log=lambda: self.monitor.log)


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    state = tmp_path / "state"
    state.mkdir()
    mounted = os.geteuid() == 0
    if mounted:
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES},mode=755", "tmpfs", state], check=True, timeout=60)
    secret = new_secret()
    with FeedHost({"/one": [FIRST]}) as outlet, receiving(secret) as receiver:
        monitor = write_settings(tmp_path, feeds={"one": outlet.url("/one")}, receiver=receiver, secret=secret)
        found = Running(monitor, outlet, receiver)
        try:
            monitor.start()
            found.alerted(FIRST)
            found.mark()
            yield found
        finally:
            if monitor.process is not None and monitor.process.poll() is None:
                monitor.stop()
            for pid in monitor.children().values():
                if started_ticks(pid) is not None:
                    os.kill(pid, signal.SIGKILL)
            if mounted:
                subprocess.run(["umount", "--lazy", state], check=True, timeout=60)


def reset_connections(lines: list[dict[str, Any]]) -> None:
    """Ask every metrics port and hang up before the answer, as a scraper that is killed does."""
    [ports] = [line for line in lines if line["event"] == "run.metrics"]
    for name, port in ports.items():
        if name.endswith("_port"):
            for _ in range(3):
                with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
                    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    connection.sendall(b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n")


def test_a_broker_that_is_away_is_a_few_lines_and_two_notices_and_what_newsmon_keeps_is_private(running: Running) -> None:
    reset_connections([json.loads(line) for line in running.monitor.log.splitlines()])
    broker = running.monitor.children()["kafka"]
    stand_still(broker)
    stopped_s = time.monotonic()
    try:
        running.is_told("kafka_unreachable", "raised")
    finally:
        os.kill(broker, signal.SIGCONT)
    minutes = (time.monotonic() - stopped_s) / 60
    running.says("kafka.back", times=ALL_STAGES)
    running.is_told("kafka_unreachable", "resolved")
    lines = running.lines
    assert Counter(line["event"] for line in lines)["kafka.lost"] == ALL_STAGES
    assert not [line for line in lines if "Traceback" in json.dumps(line)], "all of this is handled"
    troubles = [line for line in lines if line["level"] in ("warning", "error", "critical")]
    assert len(troubles) <= 30 + 15 * minutes, Counter((line["stage"], line["event"]) for line in troubles)
    loose = [
        path for path in (running.monitor.state_dir, *running.monitor.state_dir.rglob("*")) if stat.S_IMODE(path.lstat().st_mode) & 0o077
    ]
    assert loose == []


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount a small disk")
def test_a_full_disk_is_one_line_and_told_and_everything_goes_on_once_there_is_room(running: Running) -> None:
    filler = running.monitor.state_dir / "filler"
    fill(filler, leave_bytes=100 * 1024**2)
    running.says("disk.critical")
    running.is_told("disk_low", "raised")  # before it hurts
    fill(filler)
    running.says("disk.full")
    running.publish(SECOND)
    eventually("Kafka is away", lambda: any(line["event"] == "kafka.lost" for line in running.lines), log=lambda: running.monitor.log)
    fill(filler)
    filler.unlink()
    running.alerted(SECOND)
    running.says("disk.enough")
    running.says("kafka.back")
    running.is_told("disk_low", "resolved")
    lines = running.lines
    [full] = [line for line in lines if line["event"] == "disk.full"]
    assert str(running.monitor.state_dir) in full["reason"]
    said = json.dumps(lines)
    assert "Traceback" not in said
    assert "Check kafka.bootstrap_servers" not in said, "the broker is newsmon's own"
    assert any("is full" in line.get("reason", "") for line in lines if line["event"] == "kafka.lost")


def fill(file: Path, *, leave_bytes: int = 0) -> None:
    """Take all the room there is but that much."""
    if leave_bytes:
        room = shutil.disk_usage(file.parent).free - leave_bytes
        with file.open("wb") as opened:
            os.posix_fallocate(opened.fileno(), 0, room)
        return
    with file.open("ab", buffering=0) as opened:
        for size in (1024**2, 4096):
            try:
                while True:
                    opened.write(b"x" * size)
            except OSError:
                continue
