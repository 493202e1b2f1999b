"""Secrets come from files or the environment, and every bad one is a settings problem that does not repeat it."""

from __future__ import annotations

from pathlib import Path

import pytest

from newsmon.errors import SettingsError
from newsmon.settings import ReceiverSettings
from sinks.channels.secrets import load_secrets
from sinks.message.signature import Secret

OLD, NEW = Secret(b"o" * 24), Secret(b"n" * 40)


def receiver(name: str, files: tuple[Path, ...] = (), env: str | None = None) -> ReceiverSettings:
    return ReceiverSettings(id=name, url="https://desk.example/hook", secret_files=files, secret_env=env)


def written(path: Path, text: str) -> Path:
    path.write_text(text, "utf-8")
    return path


def test_secrets_come_newest_first_from_files_and_then_the_environment(tmp_path: Path) -> None:
    files = (written(tmp_path / "new", NEW.text() + "\n"), written(tmp_path / "old", OLD.text()))
    loaded = load_secrets([receiver("desk", files, "EXTRA"), receiver("wire", env="EXTRA")], {"EXTRA": f"{OLD.text()}  {NEW.text()}"})
    assert loaded == {"desk": (NEW, OLD), "wire": (OLD, NEW)}


def test_every_problem_is_listed_by_receiver_and_key_and_no_secret_is_repeated(tmp_path: Path) -> None:
    short = "whsec_c2hvcnQtc2VjcmV0"
    receivers = [
        receiver("desk", (written(tmp_path / "short", short), tmp_path / "missing", tmp_path)),
        receiver("wire", env="NOT_SET"),
        receiver("chat", env="BAD"),
        receiver("blob", ((tmp_path / "blob"),)),
    ]
    (tmp_path / "blob").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(SettingsError) as caught:
        load_secrets(receivers, {"BAD": "hunter2 whsec_???"})
    assert [problem.where for problem in caught.value.problems] == [
        "settings:receivers.desk.secret_files",
        "settings:receivers.desk.secret_files",
        "settings:receivers.desk.secret_files",
        "settings:receivers.wire.secret_env",
        "settings:receivers.chat.secret_env",
        "settings:receivers.chat.secret_env",
        "settings:receivers.blob.secret_files",
    ]
    text = str(caught.value)
    assert "fewer than 24 bytes" in text
    assert "NOT_SET is not set" in text
    for secret in ("c2hvcnQ", "hunter2", "???"):
        assert secret not in text
