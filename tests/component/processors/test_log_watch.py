"""When the processor ends because its log is another one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from newsmon.kafka.positions.resume import StoredPosition, resume_at
from newsmon.net.monitoring import Health
from newsmon.settings import Settings
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
    assert seen(m=well) == ["a was deleted"]
    assignment.assign([("m", 0)])
    assert seen(a=(StoredPosition(5, "c/1"), 0, 3, "c/1"), m=well) == [], "another worker's partition"
