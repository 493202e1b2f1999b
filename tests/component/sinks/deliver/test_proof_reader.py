"""The reader of proofs beside a stage that works: what it cannot read now makes the stage no less ready."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from kafka.errors import KafkaTimeoutError
from sqlalchemy import Engine
from support.delivering import empty_database

from newsmon.net.monitoring import Health
from newsmon.settings import Settings
from sinks.deliver import proof_reader
from sinks.deliver.proof_reader import ProofReader


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    with empty_database(tmp_path) as engine:
        yield engine


def test_the_stage_waits_for_the_proofs_at_its_start_and_never_again(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    stop, health, seen = threading.Event(), Health("deliver"), list[Any]()
    reader = ProofReader(Settings(state_dir=tmp_path), engine, health, stop, enqueuer="deliver")
    answers = [KafkaTimeoutError("away"), None, KafkaTimeoutError("away"), None]

    def catch_up() -> None:
        seen.append(dict(health.unready_because()))
        answer = answers.pop(0)
        if not answers:
            stop.set()
        if answer is not None:
            raise answer

    monkeypatch.setattr(reader, "_catch_up", catch_up)
    monkeypatch.setattr(proof_reader, "AGAIN_EVERY_S", 0.01)
    monkeypatch.setattr(proof_reader, "BACKOFF_FIRST_S", 0.01)
    assert reader.learn_all()
    assert ["proof" in reasons for reasons in seen] == [True, True]
    assert "away" in seen[1]["proof"]
    reader.keep_up()
    assert ["proof" in reasons for reasons in seen] == [True, True, False, False]
    assert "proof" not in health.unready_because()
