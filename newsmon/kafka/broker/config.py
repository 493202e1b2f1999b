"""The local broker's configuration, log settings and JVM command line, as text relative to its own directory.

The files contain no path of the user's: Kafka splits `log.dirs` at commas and reads the file as Latin-1.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from newsmon.kafka.broker.jars import KafkaJars
from newsmon.kafka.limits import MAX_RECORD_BYTES
from newsmon.kafka.ports import LOOPBACK, BrokerPorts

DATA = "data"
LOG = "log/broker.log"
SERVER_PROPERTIES = "server.properties"
LOG_PROPERTIES = "log4j2.properties"
LOG_FILE_BYTES = 5_000_000
LOG_FILES_KEPT = 3
NODE_ID = 1
FIRST_HEAP_MB = 32


def jvm_command(java: Path, jars: KafkaJars, *, heap_mb: int) -> list[str]:
    """The start of a command line, to be followed by a main class and its arguments.

    Measured with 2 kB records on two cores: with the C1 compiler alone the broker writes as many records per second as with both,
    starts in 2.4 s instead of 3.2 s, and uses half the CPU time. The heap begins small and grows to `heap_mb` with the load: by default it
    begins with a 64th of the machine's memory, and an idle broker fills what it has before it collects for the first time.
    """
    collector = ["-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:+ExitOnOutOfMemoryError", "-XX:-UsePerfData"]
    collector += [f"-Xms{FIRST_HEAP_MB}m", "-XX:NewRatio=4", "-XX:MinHeapFreeRatio=20", "-XX:MaxHeapFreeRatio=40"]
    files = [f"-Dlog4j2.configurationFile={LOG_PROPERTIES}", "-XX:ErrorFile=log/jvm-crash.log"]
    return [str(java), f"-Xmx{heap_mb}m", *collector, "-Djava.awt.headless=true", *files, "-cp", jars.classpath]


def jvm_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """The environment with a locale in which the JVM can open any path on Linux."""
    return dict(environ) | {"LC_ALL": "C.UTF-8", "MALLOC_ARENA_MAX": "2"}  # else each of its 90 threads may keep memory of its own


def server_properties(ports: BrokerPorts, *, data: str = DATA) -> str:
    """The configuration of a single node, broker and controller in one, on loopback only."""
    settings = {
        "process.roles": "broker,controller",
        "node.id": NODE_ID,
        # Static voters: the address may change from run to run, and the quorum's records do not contain it.
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
        # Offsets must outlive the data while newsmon is off: 90 days, the longest retention, and a month.
        "offsets.retention.minutes": 120 * 24 * 60,
        # There is no second replica, so a record is acknowledged once it is on disk, not in the page cache. Without this, a crash of
        # the broker would lose nothing, but a power cut would.
        "log.flush.interval.messages": 1,
        "message.max.bytes": MAX_RECORD_BYTES,
        "replica.fetch.max.bytes": MAX_RECORD_BYTES,
        # Sizes for one machine and tens of messages per second; the defaults are for a dedicated server.
        "num.network.threads": 2,
        "num.io.threads": 4,
        "num.recovery.threads.per.data.dir": 2,
        "background.threads": 4,
        # The controller notes twice a second, on disk, that nothing happened. Only the lag of other controllers is measured by that.
        "metadata.max.idle.interval.ms": 10_000,
        # After a crash the newest segment of every partition is read again: 128 MB each instead of a gigabyte.
        "log.segment.bytes": 128 * 1024 * 1024,
        "log.index.size.max.bytes": 1024 * 1024,
        "log.cleaner.dedupe.buffer.size": 16 * 1024 * 1024,
        "group.coordinator.threads": 1,
        # Write each group's record at once. With batching, two groups that shared a partition of __consumer_offsets once waited four
        # minutes under load for an answer to joining.
        "group.coordinator.append.linger.ms": 0,
        # After a crash the controller waits this long before it accepts "another" broker with the same id (default 9 s).
        "broker.session.timeout.ms": 4000,
        "broker.heartbeat.interval.ms": 1000,
    }
    return "".join(f"{key}={value}\n" for key, value in settings.items())


def log_properties() -> str:
    """The log4j2 settings: warnings to one file of bounded size, nothing to the console."""
    return "\n".join(
        (
            "status = error",
            "appender.file.type = RollingFile",
            "appender.file.name = file",
            f"appender.file.fileName = {LOG}",
            f"appender.file.filePattern = {LOG}.%i",
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
