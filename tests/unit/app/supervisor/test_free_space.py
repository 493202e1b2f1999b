"""An almost full disk is refused before anything starts."""

from __future__ import annotations

from collections import namedtuple
from pathlib import Path

import pytest

from newsmon.app.supervisor import service
from newsmon.errors import DependencyError

Usage = namedtuple("Usage", "total used free")


def test_a_full_disk_is_refused_with_directory_key_and_what_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service.shutil, "disk_usage", lambda _path: Usage(10**12, 10**12, 5 * 1024**2))
    with pytest.raises(DependencyError, match=rf"state directory: {tmp_path}: only 5 MiB free; .*state_dir"):
        service.check_free_space(tmp_path)


def test_with_room_or_without_an_answer_nothing_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service.shutil, "disk_usage", lambda _path: Usage(10**12, 0, 10**12))
    service.check_free_space(tmp_path)
    monkeypatch.undo()
    assert service.lack_of_space(tmp_path / "not" / "there") is None
