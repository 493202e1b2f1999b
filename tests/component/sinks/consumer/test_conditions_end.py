"""A sink that waited for Kafka or the database says so, and says when it is over, also where no record follows."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest

from newsmon.errors import DependencyError
from newsmon.metrics import REGISTRY
from newsmon.net.monitoring import Health
from newsmon.quarantine import Stage
from newsmon.settings import DatabaseSettings, KafkaSettings, Settings
from newsmon.topics import ALERTS
from sinks.consumer.assignment import Assignment
from sinks.consumer.batch import BatchFailed
from sinks.consumer.loop import IDLE_TURNS, ConsumerLoop
from sinks.consumer.process import first_engine
from sinks.database.faults import SinkFault


class QuietClient:
    """A Kafka client to which nothing comes."""

    def poll(self, **_how: Any) -> dict[object, list[object]]:
        return {}


def database_up(sink: str) -> float | None:
    return REGISTRY.get_sample_value("newsmon_database_up", {"sink": sink})


@pytest.mark.parametrize("fault", [SinkFault.KAFKA, SinkFault.CONNECTION, SinkFault.LOCKED])
def test_a_wait_that_is_over_is_not_told_until_the_next_record(tmp_path: Path, fault: SinkFault) -> None:
    settings = Settings(state_dir=tmp_path, kafka=KafkaSettings(bootstrap_servers=("127.0.0.1:9",)))
    health, stop = Health("deliver"), threading.Event()
    stop.set()  # no back-off
    loop = ConsumerLoop(
        settings, name="quiet", stage=Stage.DELIVER, topics=(ALERTS,), engine=first_engine(settings, name="quiet"),
        handler=lambda _connection, _batch: 0, health=health, stop=stop,
    )  # fmt: skip
    loop._consumer = QuietClient()  # type: ignore[assignment]
    loop._assignment = Assignment(loop._consumer, loop._on_assigned)
    health.beat()
    loop._wait_out(BatchFailed(fault, "away"))
    assert health.unready_because()
    for _ in range(IDLE_TURNS - 1):
        loop._turn()
    assert health.unready_because(), "a batch that failed would have come again by now, not at once"
    loop._turn()
    assert health.unready_because() == {}
    assert database_up("quiet") == 1


def test_a_database_that_is_away_from_the_start_is_down(tmp_path: Path) -> None:
    settings = Settings(state_dir=tmp_path, database=DatabaseSettings(url="postgresql+psycopg://nobody@127.0.0.1:9/none"))
    with pytest.raises(DependencyError):
        first_engine(settings, name="from-the-start")
    assert database_up("from-the-start") == 0
