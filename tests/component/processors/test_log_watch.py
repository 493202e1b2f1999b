"""When the processor ends because its log is another one."""

from __future__ import annotations

import threading
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from newsmon.kafka.positions import committed
from newsmon.kafka.positions.resume import StoredPosition, resume_at
from newsmon.net.monitoring import Health
from newsmon.settings import Settings
from processors.runner import positions as comparing
from processors.runner.assignment import Assignment
from processors.runner.positions import LogWatch, Positions


def test_the_watch_ends_a_process_that_reads_another_log_than_it_believes(tmp_path: Path) -> None:
    """In all the ways in which the group does not notice it: the id, the end, the beginning, a topic that is gone."""
    settings = Settings(state_dir=tmp_path)
    health = Health("processor")
    assignment = Assignment("g", ("a", "m"), health)
    assignment.assign([("a", 0), ("m", 0)])
    parts_less: Any = None
    positions = Positions(settings, parts_less, group="g", topics=("a", "m"))
    positions.log_ids = {"a": "c/1", "m": "c/2"}
    watch = LogWatch(settings, assignment, positions, group="g", topics=("a", "m"))

    def seen(**logs: tuple[StoredPosition | None, int, int, str]) -> list[str]:
        return watch.wrong(
            {(topic, 0): resume_at(at, beginning=begin, end=end, log_id=log) for topic, (at, begin, end, log) in logs.items()}
        )

    well = (StoredPosition(5, "c/2"), 0, 9, "c/2")
    assert seen(a=(StoredPosition(5, "c/1"), 0, 9, "c/1"), m=well) == []
    assert seen(a=(None, 0, 9, "c/1"), m=well) == [], "nothing committed yet"
    assert seen(a=(None, 0, 9, "c/9"), m=well) == ["a is c/9 by now"], "its commits went with the topic"
    assert seen(a=(StoredPosition(5, "c/1"), 0, 90, "c/9"), m=well)[0] == "a-0 log_replaced"
    assert seen(a=(StoredPosition(5, "c/1"), 0, 3, "c/1"), m=well) == ["a-0 log_truncated"]
    assert seen(a=(StoredPosition(5, "c/1"), 7, 9, "c/1"), m=well) == ["a-0 expired"]
    assert seen(a=(StoredPosition(5, "c/1"), 0, 9, "/1"), m=well) == [], "a broker that does not know its cluster's id yet"
    assert seen(m=well) == ["a was deleted"]
    assignment.assign([("m", 0)])
    assert seen(a=(StoredPosition(5, "c/1"), 0, 3, "c/1"), m=well) == [], "another worker's partition"


def test_a_surprise_does_not_end_the_watch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = threading.Semaphore(0)

    def surprises(*_args: object) -> None:
        asked.release()
        raise KeyError("a client library")

    monkeypatch.setattr(comparing, "group_resumes", surprises)
    parts_less: Any = None
    settings = Settings(state_dir=tmp_path)
    positions = Positions(settings, parts_less, group="g", topics=("a",))
    watch = LogWatch(settings, Assignment("g", ("a",), Health("processor")), positions, group="g", topics=("a",), every_s=0.01)
    watch.start()
    assert all(asked.acquire(timeout=60) for _ in range(3))
    watch.stop()


@pytest.mark.parametrize(("metadata", "log_id"), [("c/1", "c/1"), ("", None), ("moved by hand", None), ("2026/11/30", None)])
def test_a_commit_of_another_program_is_one_that_names_no_log(metadata: str, log_id: str | None) -> None:
    position = committed._position(SimpleNamespace(offset=5, metadata=metadata))
    assert position == StoredPosition(5, log_id)
    assert not resume_at(position, beginning=0, end=9, log_id="c/1").is_trouble
