"""The files in a local broker's directory: configuration, log settings, cluster id, data.

server.properties   written at every start      cluster-id   written once       data/      Kafka's log, formatted once
log4j2.properties   written at every start      ports.json   last ports used    log/       broker.log (at most 4 x 5 MB), stdout.log
"""

from __future__ import annotations

import base64
import shutil
import signal
import subprocess
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from newsmon.errors import DependencyError
from newsmon.kafka.broker.config import (
    DATA,
    LOG,
    LOG_PROPERTIES,
    SERVER_PROPERTIES,
    jvm_command,
    log_properties,
    server_properties,
)
from newsmon.kafka.broker.jars import KafkaJars
from newsmon.kafka.ports import BrokerPorts

FORMAT_TIMEOUT_S = 120
FORMAT_HEAP_MB = 128
POLL_S = 0.1
TAIL_LINES = 15


@dataclass(frozen=True, slots=True)
class BrokerFiles:
    """The paths inside the directory of one broker."""

    directory: Path

    @property
    def data(self) -> Path:
        return self.directory / DATA

    @property
    def cluster_id(self) -> Path:
        return self.directory / "cluster-id"

    @property
    def ports(self) -> Path:
        return self.directory / "ports.json"

    @property
    def server_properties(self) -> Path:
        return self.directory / SERVER_PROPERTIES

    @property
    def log_settings(self) -> Path:
        return self.directory / LOG_PROPERTIES

    @property
    def log(self) -> Path:
        return self.directory / LOG

    @property
    def stdout(self) -> Path:
        return self.log.with_name("stdout.log")


def ensure_cluster_id(files: BrokerFiles) -> str:
    """The id of this cluster, created once: 22 characters, a UUID in Kafka's notation."""
    if not files.cluster_id.exists():
        part = files.cluster_id.with_suffix(".part")
        part.write_text(new_cluster_id(), encoding="ascii")
        part.replace(files.cluster_id)
    return files.cluster_id.read_text(encoding="ascii").strip()


def new_cluster_id() -> str:
    """A fresh UUID in Kafka's notation, never starting with "-", which StorageTool would read as an option."""
    while (spelt := base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")).startswith("-"):
        pass
    return spelt


def write_configuration(files: BrokerFiles, ports: BrokerPorts) -> None:
    """Write server.properties and the log settings for a start on these ports."""
    files.log.parent.mkdir(parents=True, exist_ok=True)
    files.server_properties.write_text(server_properties(ports), encoding="ascii")
    files.log_settings.write_text(log_properties(), encoding="ascii")


Spawn = Callable[[list[str], Path], subprocess.Popen[bytes]]  # a JVM's command line and the file for its output


def ensure_formatted(files: BrokerFiles, java: Path, jars: KafkaJars, *, spawn: Spawn, give_up: Callable[[], bool]) -> bool:
    """Format the data directory unless it is formatted; True if it was done now. Safe to interrupt: the JVM is ended then."""
    if files.data.exists():
        return False
    cluster_id = ensure_cluster_id(files)
    fresh = files.directory / "data.formatting"
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    properties = files.directory / "format.properties"
    properties.write_text(server_properties(BrokerPorts(1, 2), data=fresh.name), encoding="ascii")
    command = jvm_command(java, jars, heap_mb=FORMAT_HEAP_MB)
    command += ["kafka.tools.StorageTool", "format", "--cluster-id", cluster_id, "--config", properties.name]
    said = files.directory / "format.log"
    process = spawn(command, said)
    deadline_s = time.monotonic() + FORMAT_TIMEOUT_S
    try:
        while process.poll() is None:
            if give_up():
                raise DependencyError("local Kafka", "stopped while it formatted its storage")
            if time.monotonic() > deadline_s:
                raise DependencyError("local Kafka", f"could not format its storage within {FORMAT_TIMEOUT_S} s")
            time.sleep(POLL_S)
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
    if process.returncode != 0:
        why = said.read_text(encoding="utf-8", errors="replace").strip()
        raise DependencyError("local Kafka", f"could not format its storage: it {ending_of(process.returncode)}\n{why}")
    said.unlink()
    properties.unlink()
    fresh.rename(files.data)
    return True


def ending_of(exit_code: int) -> str:
    """An exit code of a process in words: `was killed by SIGKILL`, `ended with exit code 1`."""
    if exit_code >= 0:
        return f"ended with exit code {exit_code}"
    try:
        return f"was killed by {signal.Signals(-exit_code).name}"
    except ValueError:
        return f"was killed by signal {-exit_code}"


@dataclass(frozen=True, slots=True)
class LogMark:
    """The end of the broker's log when a run of it began: which file, and its size."""

    inode: int
    size_bytes: int


def mark_log(files: BrokerFiles) -> LogMark:
    """The present end of the log. What an earlier life wrote lies before it."""
    try:
        found = files.log.stat()
    except OSError:
        return LogMark(0, 0)
    return LogMark(found.st_ino, found.st_size)


def log_tail(files: BrokerFiles, since: LogMark) -> str:
    """The last lines that the broker printed and logged since the mark, without stack frames."""
    lines = _lines(files.stdout, 0)[-TAIL_LINES:]
    try:
        found = files.log.stat()
        is_same = found.st_ino == since.inode and found.st_size >= since.size_bytes
        lines += _lines(files.log, since.size_bytes if is_same else 0)[-TAIL_LINES:]  # else it has begun a new file in between
    except OSError:
        pass  # it never came to logging
    return "\n".join(lines[-TAIL_LINES:]) or "(it logged nothing)"


def _lines(file: Path, start_bytes: int) -> list[str]:
    try:
        with file.open("rb") as content:
            content.seek(start_bytes)
            said = content.read().decode("utf-8", "replace").splitlines()
    except OSError:
        return []
    return [line for line in said if line.strip() and not line.startswith("\t")]
