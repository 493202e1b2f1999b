"""`newsmon run` starts whatever stands in its way: taken ports, orphans in any state, a broker that dies or is not there yet."""

from __future__ import annotations

import os
import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.monitor import FeedHost, Monitor, accepted_titles, eventually, repeats_have_equal_ids, write_settings
from support.run_watch import add_settings, asked, events, free_ports, wait_until_stoppable
from support.signals import stand_still

from newsmon.app.listener import VerifyingReceiver
from newsmon.kafka.broker.children import read_children, started_ticks
from newsmon.kafka.broker.process import LocalBroker

STORY = (
    "Arland to lift defence spending to 2.4 per cent of GDP by 2031",
    "The government of Arland said its defence budget will reach 2.4 per cent of GDP in 2031, up from 1.4 per cent.",
)
PROCESSES = ("run", "producer", "processor", "store", "deliver")


@pytest.fixture
def outlet() -> Iterator[FeedHost]:
    with FeedHost({"/one": [STORY]}) as host:
        yield host


def monitor_in(directory: Path, outlet: FeedHost, desk: tuple[VerifyingReceiver, str]) -> Monitor:
    directory.mkdir(exist_ok=True)
    return write_settings(directory, feeds={"one": outlet.url("/one")}, receiver=desk[0], secret=desk[1])


@pytest.fixture
def monitor(tmp_path: Path, outlet: FeedHost, desk: tuple[VerifyingReceiver, str]) -> Iterator[Monitor]:
    found = monitor_in(tmp_path, outlet, desk)
    yield found
    found.end()


def is_told(monitor: Monitor, receiver: VerifyingReceiver) -> None:
    assert monitor.process is not None
    eventually("the alert", lambda: STORY[0] in accepted_titles(receiver) or monitor.process.poll() is not None, log=lambda: monitor.log)
    assert monitor.process.poll() is None, monitor.log[-4000:]


def test_ports_that_others_hold_stop_nothing_and_are_taken_once_they_are_free(
    monitor: Monitor, desk: tuple[VerifyingReceiver, str]
) -> None:
    holders = [socket.create_server(("127.0.0.1", 0)) for _ in range(7)]
    ports = [holder.getsockname()[1] for holder in holders]
    named = dict(zip((*(f"{process}_port" for process in PROCESSES), "feeds", "ack"), ports, strict=True))
    add_settings(
        monitor,
        "[monitoring]\n" + "".join(f"{process}_port = {named[f'{process}_port']}\n" for process in PROCESSES)
        + f'[feeds_out]\nport = {named["feeds"]}\n[ack]\nport = {named["ack"]}\npublic_url = "https://news.example"\nsecret_files = ["secret"]\n',
    )  # fmt: skip
    try:
        monitor.start()
        is_told(monitor, desk[0])
    finally:
        for holder in holders:
            holder.close()
    eventually("run listens on its own port", lambda: asked(named["run_port"], "/readyz")[0] != 0, log=lambda: monitor.log)
    for name, port in named.items():
        eventually(f"{name} is served", lambda port=port: answers(port), log=lambda: monitor.log)
    eventually("all is ready", lambda: asked(named["run_port"], "/readyz") == (200, {}), log=lambda: monitor.log)
    assert {event["setting"] for event in events(monitor, "port.taken")} >= {
        *(f"monitoring.{process}_port" for process in PROCESSES), "feeds_out.port", "ack.port",
    }  # fmt: skip
    assert monitor.stop() == 0


def answers(port: int) -> bool:
    with socket.socket() as attempt:
        return attempt.connect_ex(("127.0.0.1", port)) == 0


def test_two_runs_in_the_same_second_both_live(tmp_path: Path, outlet: FeedHost, desk: tuple[VerifyingReceiver, str]) -> None:
    pair = [monitor_in(tmp_path / name, outlet, desk) for name in ("first", "second")]
    try:
        for one in pair:
            one.start()
        for one in pair:
            assert one.process is not None
            eventually(
                "all of it runs", lambda one=one: len(one.children()) == 5 or one.process.poll() is not None, log=lambda one=one: one.log
            )
            assert one.process.poll() is None, one.log[-4000:]
        is_told(pair[0], desk[0])
        for one in pair:
            eventually("all stages up", lambda one=one: len(events(one, "deliver.started")) == 1, log=lambda one=one: one.log)
            assert [event for event in events(one, "run.stage_ended") if event["status"] == 2] == []
            assert one.stop() == 0
    finally:
        for one in pair:
            one.end()


@pytest.mark.parametrize("stopped", ["deliver", "processor", "kafka"])
def test_a_stopped_orphan_with_named_ports_is_ended_by_the_next_start(
    monitor: Monitor, desk: tuple[VerifyingReceiver, str], stopped: str
) -> None:
    ports = free_ports(5)
    add_settings(monitor, "[monitoring]\n" + "".join(f"{process}_port = {port}\n" for process, port in zip(PROCESSES, ports, strict=True)))
    monitor.start()
    is_told(monitor, desk[0])
    before = monitor.children()
    stand_still(before[stopped])
    monitor.kill()

    monitor.start()
    eventually("all of it runs again", lambda: is_whole(monitor, before, ports[0]), log=lambda: monitor.log)
    assert [role for role, pid in before.items() if started_ticks(pid) is not None] == []
    ended = [(event["stage"], event["reason"]) for event in events(monitor, "run.orphan_ended")]
    assert (stopped, "killed") in ended
    assert "most recent call first" not in monitor.log
    assert repeats_have_equal_ids(desk[0].deliveries)
    assert monitor.stop() == 0


def is_whole(monitor: Monitor, before: dict[str, int], run_port: int) -> bool:
    assert monitor.process is not None
    assert monitor.process.poll() is None, monitor.log[-4000:]
    now = monitor.children()
    return len(now) == 5 and not set(now.values()) & set(before.values()) and asked(run_port, "/readyz")[0] == 200


def test_a_broker_that_dies_while_it_starts_is_started_again_and_its_own_log_says_why(
    monitor: Monitor, desk: tuple[VerifyingReceiver, str]
) -> None:
    log = monitor.state_dir / "kafka" / "log" / "broker.log"
    log.parent.mkdir(parents=True)
    log.write_text("2020-01-01 ERROR an earlier life died of something else\n")
    monitor.start()
    killed: set[int] = set()
    while len(killed) < 5:  # two while its storage is formatted, then at once and each time a little later
        if len(killed) == 2:
            eventually("the storage is formatted", lambda: (monitor.state_dir / "kafka" / "data").exists(), log=lambda: monitor.log)
        eventually("Kafka is started", lambda: is_over(monitor) or kafka_of(monitor) not in {0, *killed}, log=lambda: monitor.log)
        assert not is_over(monitor), monitor.log[-4000:]
        time.sleep(0.8 * max(len(killed) - 2, 0))
        pid = kafka_of(monitor)
        if pid == 0:
            continue  # formatting has ended just now
        os.kill(pid, signal.SIGKILL)
        killed.add(pid)
    is_told(monitor, desk[0])
    reasons = [event["reason"] for event in events(monitor, "run.kafka_not_started")] + [
        event["reason"] for event in events(monitor, "run.kafka_ended")
    ]
    assert len(reasons) >= 5
    assert all("SIGKILL" in reason for reason in reasons), reasons
    assert "an earlier life" not in monitor.log
    assert monitor.stop() == 0


def kafka_of(monitor: Monitor) -> int:
    """The process id of the JVM that runs now; 0 if none does."""
    pid = monitor.children().get("kafka", 0)
    return pid if pid and started_ticks(pid) is not None else 0


def is_over(monitor: Monitor) -> bool:
    assert monitor.process is not None
    return monitor.process.poll() is not None


def test_a_cluster_that_is_not_there_yet_is_waited_for(tmp_path: Path, monitor: Monitor, desk: tuple[VerifyingReceiver, str]) -> None:
    broker = LocalBroker(tmp_path / "cluster", heap_mb=256)
    address = broker.start()
    broker.stop()
    run_port = free_ports(1)[0]
    monitor.environ = dict(monitor.environ) | {
        "NEWSMON_KAFKA__BOOTSTRAP_SERVERS": address, "NEWSMON_MONITORING__RUN_PORT": str(run_port), "NEWSMON_KAFKA__REPLICATION": "1",
    }  # fmt: skip
    monitor.start()
    eventually("it says what it waits for", lambda: "kafka" in asked(run_port, "/readyz")[1] or is_over(monitor), log=lambda: monitor.log)
    eventually("the log says so too", lambda: bool(events(monitor, "run.kafka_not_started")) or is_over(monitor), log=lambda: monitor.log)
    assert asked(run_port, "/healthz")[0] == 200
    assert broker.start() == address
    try:
        is_told(monitor, desk[0])
        assert monitor.stop() == 0
    finally:
        broker.stop()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_can_be_stopped_at_every_moment_of_its_start(monitor: Monitor, number: signal.Signals) -> None:
    for after_s in (0.0, 0.2, 0.5, 1.0, 2.0, 3.5, 5.0, 7.0):
        monitor.start()
        process = monitor.process
        assert process is not None
        wait_until_stoppable(process)
        time.sleep(after_s)
        process.send_signal(number)
        assert process.wait(90) == 0, f"after {after_s} s: {monitor.log[-3000:]}"
        assert [child.role for child in read_children(monitor.state_dir / "children.json") if started_ticks(child.pid) is not None] == []


def test_a_supervisor_killed_at_any_moment_of_its_start_starts_again(monitor: Monitor, desk: tuple[VerifyingReceiver, str]) -> None:
    for after_s in (0.3, 1.0, 2.0, 3.0, 5.0, 8.0):
        monitor.start()
        time.sleep(after_s)
        monitor.kill()
    monitor.start()
    is_told(monitor, desk[0])
    assert monitor.stop() == 0
    assert monitor.children() == {}
