"""newsmon's own Kafka broker: Apache Kafka, one KRaft node on loopback, a supervised child process.

In: a directory that keeps everything between runs. Out: an address that answers. I/O: the JVM, the directory, loopback ports.

The JVM runs in its own session, so that Ctrl-C reaches the supervisor but not the broker, which draining needs. The kernel ends it
with SIGTERM when the process that started it dies. The caller restarts it after a crash: `poll()` says whether it runs, and
`start()` may be called again.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Self

from newsmon.errors import DependencyError
from newsmon.kafka.broker import die_with_parent
from newsmon.kafka.broker.children import BROKER_ROLE, Children
from newsmon.kafka.broker.config import jvm_command, jvm_environment
from newsmon.kafka.broker.files import (
    BrokerFiles,
    LogMark,
    ending_of,
    ensure_cluster_id,
    ensure_formatted,
    log_tail,
    mark_log,
    write_configuration,
)
from newsmon.kafka.broker.jars import KafkaJars, ensure_jars
from newsmon.kafka.broker.jre import java_path
from newsmon.kafka.ports import LOOPBACK, BrokerPorts, choose_ports, is_free, remember_ports, remembered_ports
from newsmon.kafka.probe import Answer, probe

START_TIMEOUT_S = 300.0  # after a power cut it reads the newest segments again, and must not be stopped before that is done
STOP_TIMEOUT_S = 20.0
POLL_S = 0.1
PORT_RACES = 3  # starts on other ports before a taken port is an error

# PR_SET_PDEATHSIG treats the death of the *thread* that forked as the parent's death. This thread lives as long as the process,
# so a broker started from a short-lived thread does not end with that thread.
_SPAWNER = ThreadPoolExecutor(1, thread_name_prefix="kafka-spawner")


class LocalBroker:
    """One broker. `start` is for one thread; any other may call `stop`, after which nothing is started once `give_up()` is true."""

    def __init__(
        self,
        directory: Path,
        *,
        heap_mb: int = 512,
        children: Children | None = None,
        start_timeout_s: float = START_TIMEOUT_S,
        give_up: Callable[[], bool] = lambda: False,
    ) -> None:
        """`children` records the JVM while it runs, for the next owner after a kill -9. A start fails once `give_up()` is true."""
        self.files = BrokerFiles(directory.resolve())
        self._heap_mb = heap_mb
        self._children = children
        self._start_timeout_s = start_timeout_s
        self._give_up = give_up
        self._process: subprocess.Popen[bytes] | None = None
        self._ports: BrokerPorts | None = None
        self._log_mark = LogMark(0, 0)
        self._spawning = threading.Lock()

    @property
    def bootstrap_servers(self) -> str:
        """`127.0.0.1:port` of the last start."""
        if self._ports is None:
            raise RuntimeError("the broker was never started")
        return f"{LOOPBACK}:{self._ports.client}"

    @property
    def pid(self) -> int | None:
        """The process id of the JVM, or None before the first start."""
        return self._process.pid if self._process else None

    def poll(self) -> int | None:
        """None while the JVM runs, then its exit code (negative: the signal). RuntimeError before the first start."""
        if self._process is None:
            raise RuntimeError("the broker was never started")
        return self._process.poll()

    def start(self) -> str:
        """Start, wait until the broker takes requests, and return `bootstrap_servers`.

        Uses the ports of the last run if they are free. DependencyError, with the end of the broker's log, if it does not answer in
        time; nothing is left running then.
        """
        if self._process is not None and self._process.poll() is None:
            return self.bootstrap_servers
        jars, java = ensure_jars(), java_path()
        try:
            self.files.directory.mkdir(parents=True, exist_ok=True)
            ensure_formatted(self.files, java, jars, spawn=self._spawn, give_up=self._give_up)
            for race in range(PORT_RACES):
                ports = choose_ports(remembered_ports(self.files.ports) if race == 0 else None)
                if self._start_on(ports, java, jars):
                    remember_ports(self.files.ports, ports)
                    return self.bootstrap_servers
        except OSError as error:
            raise DependencyError("local Kafka", f"cannot start in {self.files.directory}: {error}") from error
        raise DependencyError("local Kafka", f"other programs took its ports {PORT_RACES} times; try again")

    def why_it_ended(self) -> str:
        """How the last run ended and, unless somebody killed it, the end of what that run logged; never of an earlier one."""
        exit_code = self.poll()
        if exit_code is None:
            return "it still runs"
        if exit_code < 0:
            return f"it {ending_of(exit_code)}"
        return f"it {ending_of(exit_code)}\n{log_tail(self.files, self._log_mark)}"

    def stop(self, timeout_s: float = STOP_TIMEOUT_S) -> int | None:
        """Stop the broker with SIGTERM, and SIGKILL after `timeout_s`. Returns its exit code (143: clean), None if it never started."""
        with self._spawning:
            process = self._process
        if process is None:
            return None
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(timeout_s)
            except subprocess.TimeoutExpired:
                process.kill()
        exit_code = process.wait()
        if self._children is not None:
            self._children.forget(process.pid)
        return exit_code

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()

    def _start_on(self, ports: BrokerPorts, java: Path, jars: KafkaJars) -> bool:
        """Start on these ports and wait. False: a port was taken before the broker bound it."""
        write_configuration(self.files, ports)
        self._log_mark = mark_log(self.files)
        jvm = [*jvm_command(java, jars, heap_mb=self._heap_mb), "kafka.Kafka", self.files.server_properties.name]
        if self._process is not None and self._children is not None:
            self._children.forget(self._process.pid)
        self._ports, process = ports, self._spawn(jvm, self.files.stdout)
        try:
            return self._answers(process, ports)
        except BaseException:  # also Ctrl-C: leave nothing running
            self.stop(timeout_s=0)
            raise

    def _spawn(self, jvm: list[str], output: Path) -> subprocess.Popen[bytes]:
        """Start a JVM that ends with this process, and note it for the next owner. DependencyError once `give_up()` is true."""
        launcher = [sys.executable, "-I", "-S", str(die_with_parent.__file__), str(os.getpid())]
        with output.open("wb") as stdout, self._spawning:
            if self._give_up():
                raise DependencyError("local Kafka", "stopped while it was starting")
            self._process = _SPAWNER.submit(
                subprocess.Popen,
                [*launcher, *jvm],
                stdin=subprocess.DEVNULL,
                stdout=stdout,
                stderr=subprocess.STDOUT,
                cwd=self.files.directory,
                env=jvm_environment(os.environ),
                start_new_session=True,
            ).result()
        if self._children is not None:
            self._children.record(BROKER_ROLE, self._process.pid)
        return self._process

    def _answers(self, process: subprocess.Popen[bytes], ports: BrokerPorts) -> bool:
        """Wait until our cluster answers a metadata request. False: it ended because a port was taken."""
        cluster_id = ensure_cluster_id(self.files)
        deadline = time.monotonic() + self._start_timeout_s
        while time.monotonic() < deadline:
            if self._give_up():
                raise DependencyError("local Kafka", "stopped while it was starting")
            if process.poll() is not None:
                if not (is_free(ports.client) and is_free(ports.controller)):
                    return False
                raise DependencyError("local Kafka", f"ended while starting: {self.why_it_ended()}")
            result = probe(LOOPBACK, ports.client)
            if result.answer is Answer.READY and result.cluster_id == cluster_id and (LOOPBACK, ports.client) in result.brokers:
                return True
            time.sleep(POLL_S)
        late = f"did not answer on port {ports.client} within {self._start_timeout_s:.0f} s"
        raise DependencyError("local Kafka", f"{late}:\n{log_tail(self.files, self._log_mark)}")
