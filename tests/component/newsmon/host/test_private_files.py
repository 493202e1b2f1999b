"""What newsmon keeps is for its owner only: made so, and mended at the start where it is ours and was open."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from newsmon.host.private_files import keep_private, too_open
from newsmon.settings import Settings


@pytest.fixture(autouse=True)
def _umask() -> Iterator[None]:
    before = os.umask(0o022)
    yield
    os.umask(before)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def an_open_installation(directory: Path) -> Settings:
    """A state directory as earlier versions left it, with somebody else's file beside newsmon's."""
    state = directory / "state"
    (state / "kafka" / "data" / "news.alerts-0").mkdir(parents=True)
    for name in ("kafka/server.properties", "kafka/data/news.alerts-0/0.log", "newsmon.db", "newsmon.db-wal", "children.json", "notes.txt"):
        (state / name).write_text("x")
    return Settings(state_dir=state)


def test_an_open_installation_is_closed_once(tmp_path: Path) -> None:
    settings = an_open_installation(tmp_path)
    database = settings.state_dir / "newsmon.db"
    assert keep_private(settings, database) == len(too_open(settings, database)) + 9
    assert {mode(path) for path in settings.state_dir.rglob("*") if path.is_file() and path.name != "notes.txt"} == {0o600}
    assert {mode(path) for path in (settings.state_dir, *settings.state_dir.rglob("*")) if path.is_dir()} == {0o700}
    assert mode(settings.state_dir / "notes.txt") == 0o644, "not newsmon's"
    assert keep_private(settings, database) == 0


def test_what_is_made_afterwards_is_private(tmp_path: Path) -> None:
    keep_private(Settings(state_dir=tmp_path / "state"), None)
    made = tmp_path / "made"
    made.mkdir()
    (made / "file").write_text("x")
    assert (mode(made), mode(made / "file")) == (0o700, 0o600)


def test_a_database_elsewhere_is_closed_and_its_neighbours_are_not(tmp_path: Path) -> None:
    settings = an_open_installation(tmp_path)
    elsewhere = tmp_path / "data"
    elsewhere.mkdir()
    for name in ("news.db", "news.db-wal", "news.db-shm", "other.db"):
        (elsewhere / name).write_text("x")
    keep_private(settings, elsewhere / "news.db")
    assert [mode(elsewhere / name) for name in ("news.db", "news.db-wal", "news.db-shm", "other.db")] == [0o600, 0o600, 0o600, 0o644]
    assert mode(elsewhere) == 0o755, "the directory is not newsmon's"


def test_a_state_directory_opened_to_its_group_stays_open_to_the_group_only(tmp_path: Path) -> None:
    settings = an_open_installation(tmp_path)
    settings.state_dir.chmod(0o2750)
    keep_private(settings, settings.state_dir / "newsmon.db")
    assert mode(settings.state_dir) == 0o2750
    assert mode(settings.state_dir / "newsmon.db") == 0o640
    (settings.state_dir / "made").write_text("x")
    assert mode(settings.state_dir / "made") == 0o640


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make files of another user")
def test_files_of_another_user_are_left_alone_and_named(tmp_path: Path) -> None:
    settings = an_open_installation(tmp_path)
    database = settings.state_dir / "newsmon.db"
    os.chown(database, 12345, 12345)
    keep_private(settings, database)
    assert mode(database) == 0o644
    assert too_open(settings, database) == [database]


def test_a_link_in_the_state_directory_leads_nowhere(tmp_path: Path) -> None:
    settings = an_open_installation(tmp_path)
    target = tmp_path / "target"
    target.mkdir()
    (target / "file").write_text("x")
    (settings.state_dir / "logs").symlink_to(target)
    keep_private(settings, None)
    assert mode(target / "file") == 0o644
    assert mode(target) == 0o755
