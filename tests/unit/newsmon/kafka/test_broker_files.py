from __future__ import annotations

import base64
from pathlib import Path

from newsmon.kafka.broker.config import log_properties, server_properties
from newsmon.kafka.broker.files import BrokerFiles, LogMark, ensure_cluster_id, log_tail, mark_log, new_cluster_id
from newsmon.kafka.ports import BrokerPorts


def settings_of(properties: str) -> dict[str, str]:
    return dict(line.split("=", 1) for line in properties.splitlines())


def test_broker_listens_on_loopback_only() -> None:
    settings = settings_of(server_properties(BrokerPorts(21001, 21002)))
    assert settings["listeners"] == "PLAINTEXT://127.0.0.1:21001,CONTROLLER://127.0.0.1:21002"
    assert settings["advertised.listeners"] == "PLAINTEXT://127.0.0.1:21001"


def test_acknowledged_means_on_the_disk_and_no_topic_appears_by_a_typing_error() -> None:
    settings = settings_of(server_properties(BrokerPorts(21001, 21002)))
    assert settings["log.flush.interval.messages"] == "1"
    assert settings["auto.create.topics.enable"] == "false"


def test_log_of_the_broker_cannot_grow_without_bound() -> None:
    settings = dict(line.split(" = ", 1) for line in log_properties().splitlines() if line)
    assert int(settings["appender.file.policies.size"]) * (int(settings["appender.file.strategy.max"]) + 1) <= 20_000_000
    assert settings["rootLogger.appenderRef.file.ref"] == settings["appender.file.name"]


def test_cluster_id_is_made_once_and_is_a_uuid(tmp_path: Path) -> None:
    first = ensure_cluster_id(BrokerFiles(tmp_path))
    assert ensure_cluster_id(BrokerFiles(tmp_path)) == first
    assert len(base64.urlsafe_b64decode(first + "==")) == 16


def test_no_cluster_id_looks_like_an_option() -> None:
    assert not [made for made in (new_cluster_id() for _ in range(2000)) if made.startswith("-") or len(made) != 22]


def test_log_tail_ends_with_the_newest_line_of_the_log(tmp_path: Path) -> None:
    files = BrokerFiles(tmp_path)
    assert log_tail(files, LogMark(0, 0)) == "(it logged nothing)"
    files.log.parent.mkdir()
    files.stdout.write_text("printed\n")
    files.log.write_text("".join(f"line {number}\n" for number in range(200)))
    assert log_tail(files, LogMark(0, 0)).splitlines()[-1] == "line 199"
    assert len(log_tail(files, LogMark(0, 0)).splitlines()) < 50


def test_log_tail_holds_nothing_of_an_earlier_run_however_the_log_was_rolled_since(tmp_path: Path) -> None:
    files = BrokerFiles(tmp_path)
    files.log.parent.mkdir()
    files.log.write_text("an earlier life died of a full disk\n")
    mark = mark_log(files)
    assert log_tail(files, mark) == "(it logged nothing)"
    with files.log.open("a") as log:
        log.write("ERROR this life\n\tat a.stack.frame\n")
    assert log_tail(files, mark) == "ERROR this life"
    files.log.rename(files.log.with_name("broker.log.1"))
    files.log.write_text("the rolled log of this life, longer than the mark is far into the file\n")
    assert log_tail(files, mark).startswith("the rolled log of this life")
