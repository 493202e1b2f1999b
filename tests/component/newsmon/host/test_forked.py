"""Work in a copy of the process gives what it gives here, and is done here where the copy gives nothing."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from newsmon.errors import Problem
from newsmon.host.forked import Forked


def test_the_result_comes_from_another_process() -> None:
    pid, problems = Forked(lambda: (os.getpid(), [Problem("themes:a.toml", "no such word")])).outcome()
    assert pid != os.getpid()
    assert problems == [Problem("themes:a.toml", "no such word")]


def test_nothing_is_left_of_the_copy() -> None:
    descriptors = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(3):
        pid, answer = Forked(lambda: (os.getpid(), b"x" * 1_000_000)).outcome()
        assert answer == b"x" * 1_000_000
        assert not Path(f"/proc/{pid}").exists()  # a copy that nobody has waited for would stand there as a zombie
    assert len(list(Path("/proc/self/fd").iterdir())) == descriptors


def test_a_copy_that_is_killed_or_fails_leaves_the_work_to_us(tmp_path: Path) -> None:
    ours = os.getpid()

    def killed() -> str:
        if os.getpid() != ours:
            os.kill(os.getpid(), signal.SIGKILL)
        return "here"

    def failing() -> str:
        if os.getpid() != ours:
            raise RuntimeError("only there")
        return "here"

    assert Forked(killed).outcome() == "here"
    assert Forked(failing).outcome() == "here"


def test_an_error_of_the_work_is_raised_here() -> None:
    def broken() -> str:
        raise ValueError("a bug")

    with pytest.raises(ValueError, match="a bug"):
        Forked(broken).outcome()
