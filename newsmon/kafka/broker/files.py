"""The files in a local broker's directory: configuration, log settings, cluster id, data.

server.properties   written at every start      cluster-id   written once       data/      Kafka's log, formatted once
log4j2.properties   written at every start      ports.json   last ports used    log/       broker.log (at most 4 x 5 MB), stdout.log
"""

from __future__ import annotations

import base64
import os
import shutil
import subprocess
import uuid
from dataclasses import dataclass
from pathlib import Path

from newsmon.errors import DependencyError
from newsmon.kafka.broker.config import (
    DATA,
    LOG,
    LOG_PROPERTIES,
    SERVER_PROPERTIES,
    jvm_command,
    jvm_environment,
    log_properties,
    server_properties,
)
from newsmon.kafka.broker.jars import KafkaJars
from newsmon.kafka.ports import BrokerPorts

FORMAT_TIMEOUT_S = 120
FORMAT_HEAP_MB = 128
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


def ensure_formatted(files: BrokerFiles, java: Path, jars: KafkaJars) -> bool:
    """Format the data directory unless it is formatted; True if it was done now. Safe to interrupt."""
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
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=FORMAT_TIMEOUT_S,
            check=False,
            cwd=files.directory,
            env=jvm_environment(os.environ),
            start_new_session=True,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise DependencyError("local Kafka", f"could not format its storage: {error}") from error
    if done.returncode != 0:
        said = (done.stdout + done.stderr).strip()
        raise DependencyError("local Kafka", f"could not format its storage (exit code {done.returncode}):\n{said}")
    properties.unlink()
    fresh.rename(files.data)
    return True


def log_tail(files: BrokerFiles) -> str:
    """The last lines that the broker logged and printed, without stack frames."""
    lines: list[str] = []
    for file in (files.stdout, files.log):
        if file.exists():
            said = file.read_text(encoding="utf-8", errors="replace").splitlines()
            lines += [line for line in said if not line.startswith("\t")][-TAIL_LINES:]
    return "\n".join(lines[-TAIL_LINES:]) or "(it logged nothing)"
