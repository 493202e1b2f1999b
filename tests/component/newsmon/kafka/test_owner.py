from __future__ import annotations

import os
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from support.waiting import next_line

from newsmon.errors import DependencyError
from newsmon.kafka.broker.owner import HeldError, current_holder, own

HOLD = """
import sys, time
from pathlib import Path
from newsmon.kafka.broker.owner import own
with own(Path(sys.argv[1]), command="newsmon run --config a.toml"):
    print("held", flush=True)
    time.sleep(600)
"""


def other_process_that_owns(state_dir: Path) -> subprocess.Popen[str]:
    process = subprocess.Popen([sys.executable, "-c", HOLD, str(state_dir)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert next_line(process.stdout) == "held\n"
    return process


def test_second_owner_is_told_who_holds_the_directory_and_since_when(tmp_path: Path) -> None:
    other = other_process_that_owns(tmp_path)
    try:
        with pytest.raises(HeldError) as refused, own(tmp_path, command="newsmon demo"):
            pytest.fail("two owners")
        assert refused.value.holder is not None
        assert refused.value.holder.pid == other.pid
        assert refused.value.holder.command == "newsmon run --config a.toml"
        since = datetime.fromisoformat(refused.value.holder.since)
        assert abs((datetime.now(UTC) - since).total_seconds()) < 60
        assert f"process {other.pid}" in str(refused.value)
        assert refused.value.holder.since in str(refused.value)
        assert isinstance(refused.value, DependencyError)  # exit code 3
        assert current_holder(tmp_path) == refused.value.holder
    finally:
        other.kill()
        other.communicate(timeout=60)


def test_a_killed_owner_holds_nothing(tmp_path: Path) -> None:
    other = other_process_that_owns(tmp_path)
    other.send_signal(signal.SIGKILL)
    other.communicate(timeout=60)
    assert current_holder(tmp_path) is None
    with own(tmp_path, command="newsmon run") as holder:
        assert holder.pid == os.getpid()
        assert current_holder(tmp_path) == holder


def test_an_owner_that_ends_gives_the_directory_back(tmp_path: Path) -> None:
    for _ in range(2):
        with own(tmp_path / "not" / "yet", command="newsmon run"):
            pass
    assert current_holder(tmp_path / "not" / "yet") is None


def test_a_child_of_the_owner_does_not_keep_the_lock(tmp_path: Path) -> None:
    with own(tmp_path, command="newsmon run"):
        child = subprocess.Popen([sys.executable, "-c", "import sys; sys.stdin.read()"], stdin=subprocess.PIPE, close_fds=False)
    try:
        with own(tmp_path, command="newsmon run"):
            assert child.poll() is None
    finally:
        child.kill()
        child.communicate(timeout=60)


def test_directory_that_cannot_be_made_is_an_error_with_its_name(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(DependencyError, match="file/state cannot be used"), own(tmp_path / "file" / "state", command="newsmon run"):
        pytest.fail("owned a directory below a file")


def test_nobody_owns_a_directory_that_was_never_used(tmp_path: Path) -> None:
    assert current_holder(tmp_path) is None
    assert list(tmp_path.iterdir()) == []
