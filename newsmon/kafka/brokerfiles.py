"""What a local broker keeps in its directory: configuration, log settings, cluster id, data.

server.properties   written at every start      cluster-id   written once       data/      Kafka's log, formatted once
log4j2.properties   written at every start      ports.json   last ports used    log/       broker.log (at most 4 x 5 MB), stdout.log
"""

from __future__ import annotations

import base64
import shutil
import subprocess
import uuid
from dataclasses import dataclass
from pathlib import Path

from newsmon.errors import DependencyError
from newsmon.kafka.jars import KafkaJars
from newsmon.kafka.limits import MAX_RECORD_BYTES
from newsmon.kafka.ports import LOOPBACK, BrokerPorts

FORMAT_TIMEOUT_S = 120
LOG_FILE_BYTES = 5_000_000
LOG_FILES_KEPT = 3
TAIL_LINES = 15
NODE_ID = 1


@dataclass(frozen=True, slots=True)
class BrokerFiles:
    """Names inside the directory of one broker."""

    directory: Path

    @property
    def data(self) -> Path:
        return self.directory / "data"

    @property
    def cluster_id(self) -> Path:
        return self.directory / "cluster-id"

    @property
    def ports(self) -> Path:
        return self.directory / "ports.json"

    @property
    def server_properties(self) -> Path:
        return self.directory / "server.properties"

    @property
    def log_settings(self) -> Path:
        return self.directory / "log4j2.properties"

    @property
    def log(self) -> Path:
        return self.directory / "log" / "broker.log"

    @property
    def stdout(self) -> Path:
        return self.directory / "log" / "stdout.log"


def ensure_cluster_id(files: BrokerFiles) -> str:
    """Return the id of this cluster, made up once: 22 characters, a UUID as Kafka spells it."""
    if not files.cluster_id.exists():
        part = files.cluster_id.with_suffix(".part")
        part.write_text(new_cluster_id(), encoding="ascii")
        part.replace(files.cluster_id)
    return files.cluster_id.read_text(encoding="ascii").strip()


def new_cluster_id() -> str:
    """Return a fresh UUID as Kafka spells it; never one that begins with "-", which StorageTool would read as an option."""
    while (spelt := base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")).startswith("-"):
        pass
    return spelt


def write_configuration(files: BrokerFiles, ports: BrokerPorts) -> None:
    """Write server.properties and the log settings for a start on these ports."""
    files.log.parent.mkdir(parents=True, exist_ok=True)
    files.server_properties.write_text(server_properties(files.data, ports), encoding="utf-8")
    files.log_settings.write_text(log_settings(files.log), encoding="utf-8")


def ensure_formatted(files: BrokerFiles, java: Path, jars: KafkaJars) -> bool:
    """Format the data directory unless it is; return whether it was done now. An interrupted formatting leaves nothing that counts."""
    if files.data.exists():
        return False
    cluster_id = ensure_cluster_id(files)
    fresh = files.directory / "data.formatting"
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    properties = files.directory / "format.properties"
    properties.write_text(server_properties(fresh, BrokerPorts(1, 2)), encoding="utf-8")
    command = [str(java), "-Xmx128m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:-UsePerfData", "-cp", jars.classpath]
    command += ["kafka.tools.StorageTool", "format", "--cluster-id", cluster_id, "--config", str(properties)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=FORMAT_TIMEOUT_S, check=False, start_new_session=True)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise DependencyError("local Kafka", f"its storage could not be formatted: {error}") from error
    if done.returncode != 0:
        said = (done.stdout + done.stderr).strip()
        raise DependencyError("local Kafka", f"its storage could not be formatted (exit code {done.returncode}):\n{said}")
    properties.unlink()
    fresh.rename(files.data)
    return True


def log_tail(files: BrokerFiles) -> str:
    """Return the last lines of what the broker logged and printed, without the frames of stack traces."""
    lines: list[str] = []
    for file in (files.stdout, files.log):
        if file.exists():
            said = file.read_text(encoding="utf-8", errors="replace").splitlines()
            lines += [line for line in said if not line.startswith("\t")][-TAIL_LINES:]
    return "\n".join(lines[-TAIL_LINES:]) or "(it logged nothing)"


def server_properties(data: Path, ports: BrokerPorts) -> str:
    """Return the configuration of a single node that is broker and controller, on loopback only."""
    settings = {
        "process.roles": "broker,controller",
        "node.id": NODE_ID,
        # Static voters: the address may change from run to run, the quorum's own records do not name it.
        "controller.quorum.voters": f"{NODE_ID}@{LOOPBACK}:{ports.controller}",
        "controller.listener.names": "CONTROLLER",
        "listeners": f"PLAINTEXT://{LOOPBACK}:{ports.client},CONTROLLER://{LOOPBACK}:{ports.controller}",
        "advertised.listeners": f"PLAINTEXT://{LOOPBACK}:{ports.client}",
        "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
        "inter.broker.listener.name": "PLAINTEXT",
        "log.dirs": data,
        # One node: every internal topic has one replica.
        "offsets.topic.replication.factor": 1,
        "offsets.topic.num.partitions": 8,
        "transaction.state.log.replication.factor": 1,
        "transaction.state.log.min.isr": 1,
        "transaction.state.log.num.partitions": 4,
        "share.coordinator.state.topic.replication.factor": 1,
        "share.coordinator.state.topic.min.isr": 1,
        # A mistyped topic name must be an error, not a new empty topic.
        "auto.create.topics.enable": "false",
        "group.initial.rebalance.delay.ms": 0,
        "group.min.session.timeout.ms": 6000,
        # Offsets of a newsmon that was switched off must outlive its data (90 days, the longest retention, and a month).
        "offsets.retention.minutes": 120 * 24 * 60,
        # There is no second replica: a record is acknowledged when it is on the disk, not when it is in the page cache.
        # A crash of the broker alone would lose nothing without this; power loss would.
        "log.flush.interval.messages": 1,
        "message.max.bytes": MAX_RECORD_BYTES,
        "replica.fetch.max.bytes": MAX_RECORD_BYTES,
        # Sizes for one machine and tens of messages a second; the defaults are for a server of its own.
        "num.network.threads": 2,
        "num.io.threads": 4,
        "num.recovery.threads.per.data.dir": 2,
        "log.cleaner.dedupe.buffer.size": 16 * 1024 * 1024,
        "group.coordinator.threads": 1,
        # After a crash the controller waits this long before it lets "another" broker with the same id in (default 9 s).
        "broker.session.timeout.ms": 4000,
        "broker.heartbeat.interval.ms": 1000,
    }
    return "".join(f"{key}={value}\n" for key, value in settings.items())


def log_settings(log: Path) -> str:
    """Return log4j2 settings: warnings to one file of bounded size, nothing to the console."""
    return "\n".join(
        (
            "status = error",
            "appender.file.type = RollingFile",
            "appender.file.name = file",
            f"appender.file.fileName = {log}",
            f"appender.file.filePattern = {log}.%i",
            "appender.file.layout.type = PatternLayout",
            "appender.file.layout.pattern = %d{ISO8601}{UTC}Z %p %c{1} %m%n%ex",
            "appender.file.policies.type = SizeBasedTriggeringPolicy",
            f"appender.file.policies.size = {LOG_FILE_BYTES}",
            "appender.file.strategy.type = DefaultRolloverStrategy",
            f"appender.file.strategy.max = {LOG_FILES_KEPT}",
            "rootLogger.level = warn",
            "rootLogger.appenderRef.file.ref = file",
            "",
        )
    )
