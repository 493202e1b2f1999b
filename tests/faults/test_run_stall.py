"""A stage that stands still under `newsmon run` is said, killed and started again, whichever it is; the whole answers for its parts."""

from __future__ import annotations

import os
import signal
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.monitor import FeedHost, Monitor, accepted_titles, defence_story, eventually, repeats_have_equal_ids, write_settings
from support.run_watch import add_settings, asked, events, free_ports
from support.signals import stand_still

from newsmon.app.listener import VerifyingReceiver

STAGES = ("producer", "processor", "store", "deliver")
NAMES = ("Arland", "Bostria", "Cordia")


def story(number: int) -> tuple[str, str]:
    name, year, share = NAMES[number], 2031 + number, 2.4 + number / 10
    return defence_story(name, year, share)


@pytest.fixture
def outlet() -> Iterator[FeedHost]:
    with FeedHost({"/one": [story(0)]}) as host:
        yield host


@pytest.fixture
def monitor(tmp_path: Path, outlet: FeedHost, desk: tuple[VerifyingReceiver, str]) -> Iterator[Monitor]:
    found = write_settings(tmp_path, feeds={"one": outlet.url("/one")}, receiver=desk[0], secret=desk[1])
    yield found
    found.end()


def wait_for(number: int, monitor: Monitor, receiver: VerifyingReceiver) -> None:
    eventually(f"the alert about {story(number)[0]}", lambda: story(number)[0] in accepted_titles(receiver), log=lambda: monitor.log)


def started(monitor: Monitor) -> int:
    """The port of `run`, once everything is ready."""
    (port,) = free_ports(1)
    add_settings(monitor, f"[monitoring]\nrun_port = {port}\n")
    monitor.start()
    eventually("everything is ready", lambda: asked(port, "/readyz") == (200, {}), log=lambda: monitor.log)
    return port


def test_every_stage_that_stops_answering_is_said_and_replaced_and_the_work_goes_on(
    monitor: Monitor, outlet: FeedHost, desk: tuple[VerifyingReceiver, str]
) -> None:
    port = started(monitor)
    wait_for(0, monitor, desk[0])
    before = monitor.children()
    for stage in STAGES:
        stand_still(before[stage])
    outlet.items["/one"].append(story(1))

    eventually("all of them are said", lambda: set(STAGES) <= set(asked(port, "/readyz")[1]), log=lambda: monitor.log)
    assert asked(port, "/healthz")[0] == 200  # they are being healed: nothing outside needs to help yet
    eventually("all of them are replaced", lambda: are_replaced(before, monitor), log=lambda: monitor.log)
    wait_for(1, monitor, desk[0])
    eventually("everything is ready again", lambda: asked(port, "/readyz") == (200, {}), log=lambda: monitor.log)
    assert {(event["stage"], event["reason"]) for event in events(monitor, "run.stage_stalled")} == {
        (stage, "no_answer") for stage in STAGES
    }
    assert {event["reason"] for event in events(monitor, "run.stage_ended")} == {"stalled"}
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=60) as answer:
        metrics = answer.read().decode()
    for stage in STAGES:
        assert f'newsmon_stage_restarts_total{{reason="stalled",stage="{stage}"}} 1.0' in metrics
    eventually(
        "people are told", lambda: all(stage in monitor.newsmon("notices", "list", "--kind", "stage_stalled").stdout for stage in STAGES)
    )
    assert monitor.children()["kafka"] == before["kafka"]
    assert repeats_have_equal_ids(desk[0].deliveries)
    assert monitor.newsmon("verify").returncode == 0
    assert monitor.stop() == 0


def are_replaced(before: dict[str, int], monitor: Monitor) -> bool:
    now = monitor.children()
    return all(now.get(stage, before[stage]) != before[stage] for stage in STAGES)


def test_a_broker_that_stops_answering_is_said_and_nothing_is_killed_for_it(
    monitor: Monitor, outlet: FeedHost, desk: tuple[VerifyingReceiver, str]
) -> None:
    port = started(monitor)
    before = monitor.children()
    stand_still(before["kafka"])
    eventually("it is said", lambda: "kafka" in asked(port, "/readyz")[1], log=lambda: monitor.log)
    assert asked(port, "/healthz")[0] == 200
    os.kill(before["kafka"], signal.SIGCONT)
    eventually("everything is ready again", lambda: asked(port, "/readyz") == (200, {}), log=lambda: monitor.log)
    outlet.items["/one"].append(story(2))
    wait_for(2, monitor, desk[0])
    assert events(monitor, "run.stage_stalled") == []
    assert monitor.children()["kafka"] == before["kafka"]
    assert monitor.stop() == 0


def test_a_file_that_is_broken_while_it_runs_stops_no_other_stage_and_is_taken_up_once_mended(
    monitor: Monitor, outlet: FeedHost, desk: tuple[VerifyingReceiver, str]
) -> None:
    port = started(monitor)
    before = monitor.children()
    feeds = monitor.directory / "feeds.toml"
    good = feeds.read_text()
    feeds.write_text(good + "[[feed]]\nid = 7\n")
    monitor.kill_child("producer")
    eventually(
        "the refusal is said",
        lambda: "wrong_settings" in {event["reason"] for event in events(monitor, "run.stage_ended")} or has_ended(monitor),
        log=lambda: monitor.log,
    )
    assert not has_ended(monitor), monitor.log[-4000:]
    assert "producer" in asked(port, "/readyz")[1]
    assert {role: pid for role, pid in monitor.children().items() if role != "producer"} == {
        role: pid for role, pid in before.items() if role != "producer"
    }
    feeds.write_text(good)
    outlet.items["/one"].append(story(2))
    wait_for(2, monitor, desk[0])
    eventually("everything is ready again", lambda: asked(port, "/readyz") == (200, {}), log=lambda: monitor.log)
    assert monitor.stop() == 0


def has_ended(monitor: Monitor) -> bool:
    assert monitor.process is not None
    return monitor.process.poll() is not None
