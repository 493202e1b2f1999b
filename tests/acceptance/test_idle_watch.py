"""The watch on ourselves over a real newsmon at rest: every process exports its own work only, and no rule has anything to say."""

from __future__ import annotations

import shutil
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.monitor import FeedHost, eventually, new_secret, receiving, write_settings
from support.watched import Series, owners_of, promtool, quiet, read_series, shipped_tests, up

from newsmon.app.supervisor.screen.scrape import ask
from newsmon.metrics import Process

needs_promtool = pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is not installed (Debian: prometheus)")
ITEMS = {"/one": [("Harbour festival opens", "Forty thousand visitors.")], "/two": [("A quiet day", "Nothing happens.")]}
ALWAYS_AT = ["1m", "5m", "11m", "20m", "40m", "100m"]


@pytest.fixture(scope="module")
def at_rest(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Series]]:
    """What a `newsmon run` exports once it has done all there is to do."""
    directory = tmp_path_factory.mktemp("idle")
    ports = dict(zip(Process, free_ports(len(Process)), strict=True))
    secret = new_secret()
    with FeedHost(dict(ITEMS)) as host, receiving(secret) as receiver:
        monitor = write_settings(directory, feeds={"one": host.url("/one"), "two": host.url("/two")}, receiver=receiver, secret=secret)
        with monitor.config.open("a") as config:
            config.write("[monitoring]\n" + "".join(f"{process}_port = {port}\n" for process, port in ports.items()))
        monitor.start()
        try:
            eventually("all processes ready", lambda: all(ready(port) for port in ports.values()), log=lambda: monitor.log, timeout_s=600)
            eventually("all work done", lambda: is_idle(read_series(ports)), log=lambda: monitor.log, timeout_s=600)
            yield [*read_series(ports), *up(ports)]
        finally:
            monitor.stop()


def free_ports(count: int) -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


def ready(port: int) -> bool:
    return ask("127.0.0.1", port).is_ready


def is_idle(series: list[Series]) -> bool:
    lag = [one.value for one in series if one.name == "newsmon_kafka_consumer_lag_messages"]
    answered = {one.labels["feed"] for one in series if one.name == "newsmon_feed_last_success_timestamp_seconds"}
    return bool(lag) and not any(lag) and answered == {"one", "two"}


def test_every_process_exports_its_own_work_and_no_time_before_it_is_known(at_rest: list[Series]) -> None:
    assert {one.process for one in at_rest} == set(Process)
    assert [(one.process, one.name) for one in at_rest if one.name != "up" and one.process not in owners_of(one)] == []
    assert [one.name for one in at_rest if one.name.endswith("_timestamp_seconds") and one.value < 1.7e9] == []


@needs_promtool
def test_no_rule_is_pending_or_firing_while_newsmon_is_at_rest(at_rest: list[Series], tmp_path: Path) -> None:
    assert promtool(quiet(at_rest, ALWAYS_AT), tmp_path) == ""


@needs_promtool
def test_the_rules_fire_as_their_tests_say_among_what_all_processes_export(at_rest: list[Series], tmp_path: Path) -> None:
    assert promtool(shipped_tests(at_rest), tmp_path) == ""


@needs_promtool
def test_a_zero_from_a_process_that_does_not_do_the_thing_would_be_found(at_rest: list[Series], tmp_path: Path) -> None:
    stray = [Series(process, "newsmon_config_last_reload_successful", {}, 0.0) for process in Process if process is not Process.PROCESSOR]
    assert "NewsmonThemesRefused" in promtool(quiet([*at_rest, *stray], ALWAYS_AT), tmp_path)
    assert "NewsmonThemesRefused" in promtool(shipped_tests([*at_rest, *stray]), tmp_path)
