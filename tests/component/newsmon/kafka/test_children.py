from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.signals import stand_still
from support.waiting import joined, next_line

from newsmon.kafka.broker.children import BROKER_GRACE_S, STAGE_GRACE_S, Children, EndedOrphan, Ending, boot_id, end_orphans, started_ticks

DEAF = "import signal, sys; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); sys.stdin.read()"
PLAIN_ENDS_WITHIN_S = 5.0  # though a machine that runs tests stalls; those that do not end are waited for as long
PLAIN = "import sys; print('up', flush=True); sys.stdin.read()"


class Nursery:
    """Starts processes and ends whatever is left of them."""

    def __init__(self) -> None:
        self.processes: list[subprocess.Popen[str]] = []

    def start(self, program: str = PLAIN) -> subprocess.Popen[str]:
        process = subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.processes.append(process)
        assert process.stdout is not None
        next_line(process.stdout)  # it has set its signal handler
        return process


@pytest.fixture
def nursery() -> Iterator[Nursery]:
    made = Nursery()
    yield made
    for process in made.processes:
        process.kill()
        process.communicate(timeout=60)


def test_orphans_are_ended_and_named(tmp_path: Path, nursery: Nursery) -> None:
    stage, broker = nursery.start(), nursery.start()
    Children(tmp_path).record("kafka", broker.pid)
    Children(tmp_path).record("producer", stage.pid)
    ended = end_orphans(tmp_path)
    assert ended == [EndedOrphan("producer", stage.pid, Ending.TERMINATED), EndedOrphan("kafka", broker.pid, Ending.TERMINATED)]
    assert (stage.wait(60), broker.wait(60)) == (-15, -15)
    assert end_orphans(tmp_path) == []


def test_orphan_that_ignores_sigterm_is_killed(tmp_path: Path, nursery: Nursery) -> None:
    deaf = nursery.start(DEAF)
    Children(tmp_path).record("processor", deaf.pid)
    assert end_orphans(tmp_path, term_grace_s=0.2) == [EndedOrphan("processor", deaf.pid, Ending.KILLED)]
    assert deaf.wait(60) == -9


def test_stopped_and_deaf_orphans_are_ended_at_once_with_the_stages_before_the_broker(tmp_path: Path, nursery: Nursery) -> None:
    broker, stopped, deaf, plain = nursery.start(), nursery.start(), nursery.start(DEAF), nursery.start()
    children = Children(tmp_path)
    for role, process in (("kafka", broker), ("deliver", stopped), ("processor", deaf), ("store", plain)):
        children.record(role, process.pid)
    stand_still(stopped.pid)
    stand_still(broker.pid)
    ended = {orphan.role: orphan.ending for orphan in end_orphans(tmp_path, term_grace_s=PLAIN_ENDS_WITHIN_S, broker_grace_s=0.2)}
    assert ended == {"deliver": Ending.KILLED, "processor": Ending.KILLED, "store": Ending.TERMINATED, "kafka": Ending.KILLED}
    assert list(ended)[-1] == "kafka"
    assert (stopped.wait(60), deaf.wait(60), plain.wait(60), broker.wait(60)) == (-9, -9, -15, -9)


def test_ending_orphans_takes_seconds_whatever_they_do() -> None:
    assert STAGE_GRACE_S + BROKER_GRACE_S <= 10.0


@pytest.mark.parametrize("difference", [{"started_ticks": 1}, {"boot_id": "another boot"}])
def test_process_that_reuses_the_pid_of_an_orphan_is_left_alone(tmp_path: Path, nursery: Nursery, difference: dict[str, object]) -> None:
    innocent = nursery.start()
    Children(tmp_path).record("store", innocent.pid)
    file = tmp_path / "children.json"
    (row,) = json.loads(file.read_text())
    file.write_text(json.dumps([row | difference]))
    assert end_orphans(tmp_path, term_grace_s=0.2) == []
    assert innocent.poll() is None


def test_forgotten_and_ended_processes_are_not_looked_for(tmp_path: Path, nursery: Nursery) -> None:
    kept, gone = nursery.start(), nursery.start()
    children = Children(tmp_path)
    children.record("store", kept.pid)
    children.record("deliver", gone.pid)
    children.forget(kept.pid)
    gone.kill()
    gone.wait(60)
    assert end_orphans(tmp_path) == []
    assert kept.poll() is None


def test_process_that_ended_before_it_was_recorded_is_not_noted(tmp_path: Path, nursery: Nursery) -> None:
    gone = nursery.start()
    gone.kill()
    gone.wait(60)
    Children(tmp_path).record("store", gone.pid)
    assert Children(tmp_path).recorded() == ()


def test_a_zombie_counts_as_ended(nursery: Nursery) -> None:
    process = nursery.start()
    assert started_ticks(process.pid) is not None
    process.kill()
    assert process.stdout is not None
    process.stdout.read()  # its end of the pipe is closed: it is dead, and nobody has waited for it
    deadline = threading.Event()
    for _ in range(1_200):
        if started_ticks(process.pid) is None:
            break
        deadline.wait(0.05)
    assert started_ticks(process.pid) is None
    assert Path(f"/proc/{process.pid}").exists()


@pytest.mark.parametrize("content", ["", "{", "null", "[1]", '[{"role": "store"}]', '{"role": "store"}'])
def test_damaged_list_ends_nothing_and_is_replaced(tmp_path: Path, content: str) -> None:
    (tmp_path / "children.json").write_text(content)
    assert end_orphans(tmp_path) == []
    assert not (tmp_path / "children.json").exists()


def test_list_written_from_many_threads_is_whole(tmp_path: Path, nursery: Nursery) -> None:
    processes = [nursery.start() for _ in range(6)]
    children = Children(tmp_path)
    threads = [threading.Thread(target=children.record, args=(f"stage{i}", p.pid)) for i, p in enumerate(processes)]
    for thread in threads:
        thread.start()
    for thread in threads:
        joined(thread)
    assert {child.pid for child in children.recorded()} == {process.pid for process in processes}
    assert {child.boot_id for child in children.recorded()} == {boot_id()}


def test_a_list_that_cannot_be_written_is_kept_and_written_when_it_can(tmp_path: Path) -> None:
    state_dir = tmp_path / "state"
    state_dir.write_text("a file where the directory should be, as unwritable as a full disk")
    children = Children(state_dir)
    children.record("store", os.getpid())
    assert [child.role for child in children.recorded()] == ["store"]
    assert not children.save()
    state_dir.unlink()
    assert children.save()
    assert [child.role for child in Children(state_dir).recorded()] == ["store"]
