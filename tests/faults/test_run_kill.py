"""`newsmon run` as a user has it: killed, interrupted, started twice; nothing lost, nothing said twice, nothing left behind."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.monitor import (
    FeedHost,
    Monitor,
    accepted_titles,
    defence_story,
    eventually,
    repeats_have_equal_ids,
    write_settings,
)

from newsmon.app.listener import VerifyingReceiver
from newsmon.kafka.broker.children import started_ticks

NAMES = (
    "Arland",
    "Bostria",
    "Cordia",
    "Dovenia",
    "Estmark",
    "Frelund",
    "Gorvia",
    "Hessmark",
    "Istria Nova",
    "Jorland",
    "Kestria",
    "Lomaria",
)


def story(number: int) -> tuple[str, str]:
    """A story of its own on defence spending: different country, figures and words each time."""
    name = NAMES[number]
    year, share = 2030 + number, 2.1 + number / 10
    return defence_story(name, year, share)


@pytest.fixture
def outlet() -> Iterator[FeedHost]:
    with FeedHost({"/one": [], "/two": []}) as host:
        yield host


@pytest.fixture
def monitor(tmp_path: Path, outlet: FeedHost, desk: tuple[VerifyingReceiver, str]) -> Iterator[Monitor]:
    receiver, secret = desk
    feeds = {"one": outlet.url("/one"), "two": outlet.url("/two")}
    found = write_settings(tmp_path, feeds=feeds, receiver=receiver, secret=secret)
    yield found
    found.end()


def wait_for(titles: set[str], receiver: VerifyingReceiver, monitor: Monitor) -> None:
    eventually(f"alerts for {sorted(titles)}", lambda: titles <= accepted_titles(receiver), log=lambda: monitor.log)


def test_every_process_may_be_killed_and_nothing_is_lost_or_said_twice(
    monitor: Monitor, outlet: FeedHost, desk: tuple[VerifyingReceiver, str]
) -> None:
    receiver, _ = desk
    outlet.items["/one"].append(story(0))
    monitor.start()
    wait_for({story(0)[0]}, receiver, monitor)

    told = {story(0)[0]}
    for number, role in enumerate(("producer", "processor", "store", "deliver", "kafka"), start=1):
        path = "/one" if number % 2 else "/two"
        outlet.items[path].append(story(number))
        before = monitor.children()[role]
        monitor.kill_child(role)
        told.add(story(number)[0])
        wait_for(told, receiver, monitor)
        eventually(
            f"{role} runs again", lambda role=role, before=before: monitor.children().get(role, before) != before, log=lambda: monitor.log
        )

    monitor.kill()  # the supervisor itself: the kernel ends the others with it
    outlet.items["/two"].append(story(6))
    monitor.start()
    told.add(story(6)[0])
    wait_for(told, receiver, monitor)

    assert accepted_titles(receiver) == told
    assert repeats_have_equal_ids(receiver.deliveries)
    verified = monitor.newsmon("verify")
    assert verified.returncode == 0, verified.stdout + verified.stderr
    assert monitor.stop() == 0
    assert monitor.children() == {}


def test_a_second_run_is_refused_with_who_holds_it_and_ctrl_c_leaves_nothing_running(monitor: Monitor) -> None:
    monitor.start()
    eventually("all stages run", lambda: len(monitor.children()) == 5, log=lambda: monitor.log)
    assert monitor.process is not None

    second = monitor.newsmon("run", timeout_s=180)
    assert second.returncode == 3
    assert f"process {monitor.process.pid}" in second.stderr

    pids = set(monitor.children().values())
    assert monitor.stop(signal.SIGINT) == 0
    assert [pid for pid in pids if started_ticks(pid) is not None] == []

    monitor.start()
    eventually("all stages run again", lambda: len(monitor.children()) == 5, log=lambda: monitor.log)
    assert monitor.stop(signal.SIGTERM) == 0


def test_wrong_settings_start_nothing_and_name_every_problem(monitor: Monitor) -> None:
    (monitor.directory / "feeds.toml").write_text(
        '[[feed]]\nid = "one"\nurl = "https://a.example/rss"\nsource = "A"\n[[feed]]\nid = "one"\nurl = "https://b.example/rss"\nsource = "B"\n'
    )
    (monitor.directory / "secret").unlink()
    refused = monitor.newsmon("run", timeout_s=180)
    assert refused.returncode == 2
    assert "feeds.toml" in refused.stderr
    assert "desk" in refused.stderr or "receivers" in refused.stderr
    assert monitor.children() == {}
    assert not (monitor.state_dir / "kafka").exists()
