"""`newsmon run` whose Kafka directory is deleted between two runs: nothing is lost, nobody is told twice, and it is said once."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.monitor import FeedHost, Monitor, accepted_titles, defence_story, eventually, is_alert, write_settings

from newsmon.app.listener import Received, VerifyingReceiver

COUNTRIES = ("Arland", "Bostria", "Cordia", "Dovenia")
SETTLES_WITHIN_S = 300.0


def story(number: int) -> tuple[str, str]:
    name, year, share = COUNTRIES[number], 2030 + number, 2.1 + number / 10
    return defence_story(name, year, share)


@pytest.fixture
def outlet() -> Iterator[FeedHost]:
    with FeedHost({"/one": [], "/two": []}) as host:
        yield host


@pytest.fixture
def monitor(tmp_path: Path, outlet: FeedHost, desk: tuple[VerifyingReceiver, str], database_url: str) -> Iterator[Monitor]:
    receiver, secret = desk
    found = write_settings(
        tmp_path, feeds={"one": outlet.url("/one"), "two": outlet.url("/two")}, receiver=receiver, secret=secret
    )  # fmt: skip
    more = f'[database]\nurl = "{database_url}"\n'
    found.config.write_text(found.config.read_text() + more)
    yield found
    found.end()


def accepted(receiver: VerifyingReceiver) -> list[Received]:
    return [one for one in receiver.deliveries if one.accepted]


def notices(receiver: VerifyingReceiver) -> Counter[tuple[str, str]]:
    data = [json.loads(one.body)["data"] for one in accepted(receiver) if not is_alert(one)]
    return Counter((one["kind"], one["state"]) for one in data if one.get("kind") in ("log_replaced", "records_lost"))


def test_a_deleted_kafka_directory_loses_nothing_repeats_nothing_and_is_told_once(
    monitor: Monitor, outlet: FeedHost, desk: tuple[VerifyingReceiver, str]
) -> None:
    receiver, _ = desk
    outlet.items["/one"].append(story(0))
    outlet.items["/two"].append(story(1))
    monitor.start()
    told = {story(0)[0], story(1)[0]}
    eventually("both are told", lambda: told <= accepted_titles(receiver), log=lambda: monitor.log)
    assert monitor.stop() == 0
    shutil.rmtree(monitor.state_dir / "kafka")
    outlet.items["/one"].append(story(2))
    monitor.start()
    told.add(story(2)[0])
    eventually("what came meanwhile is told", lambda: told <= accepted_titles(receiver), log=lambda: monitor.log)
    eventually(
        "and that Kafka is another one", lambda: ("log_replaced", "raised") in notices(receiver), timeout_s=SETTLES_WITHIN_S,
        log=lambda: monitor.log,
    )  # fmt: skip
    doctor = monitor.newsmon("doctor")
    assert doctor.returncode == 1
    assert "newsmon losses" in " ".join(doctor.stdout.split())
    verified = monitor.newsmon("verify")
    assert verified.returncode == 1
    assert "log_replaced" in verified.stdout
    acknowledged = monitor.newsmon("losses", "acknowledge", "--by", "someone")
    assert acknowledged.returncode == 0, acknowledged.stderr
    eventually("the notice is resolved", lambda: ("log_replaced", "resolved") in notices(receiver), log=lambda: monitor.log)
    verified = monitor.newsmon("verify")
    assert verified.returncode == 0, verified.stdout + verified.stderr
    listed = [json.loads(line) for line in monitor.newsmon("stories", "list", "--json").stdout.splitlines()]
    assert sum(one["article_count"] for one in listed) == len(told), "no article is in two stories"
    assert monitor.stop() == 0
    ids = Counter(one.webhook_id for one in accepted(receiver) if is_alert(one))
    titles = Counter(json.loads(one.body)["data"]["articles"][0]["title"] for one in accepted(receiver) if is_alert(one))
    assert set(ids.values()) == {1}
    assert titles == Counter(dict.fromkeys(told, 1)), "each was told once"
    assert notices(receiver) == Counter({("log_replaced", "raised"): 1, ("log_replaced", "resolved"): 1})
