"""A disk that is all but full is told before anything is started."""

from __future__ import annotations

from collections import namedtuple
from pathlib import Path

import pytest

from newsmon.app.supervisor import room
from newsmon.errors import DependencyError

Usage = namedtuple("Usage", "total used free")


def test_a_full_disk_is_refused_with_directory_key_and_what_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room.shutil, "disk_usage", lambda _path: Usage(10**12, 10**12, 5 * 1024**2))
    with pytest.raises(DependencyError, match=rf"state directory: {tmp_path}: only 5 MiB free; .*state_dir"):
        room.check_room(tmp_path)


def test_with_room_or_without_an_answer_nothing_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room.shutil, "disk_usage", lambda _path: Usage(10**12, 0, 10**12))
    room.check_room(tmp_path)
    monkeypatch.undo()
    assert room.short_of_room(tmp_path / "not" / "there") is None
