"""`newsmon doctor` changes nothing on disk, and one bad thing hides no other."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from click.testing import CliRunner
from support.databases import migrated_database

from newsmon.app.cli import cli
from newsmon.app.cli.health import doctor_disks
from newsmon.app.cli.themes.starter import starter
from newsmon.host.disks import GIB, MIB, Disk, DiskUse, SpaceLevel, level_of
from newsmon.settings import load_settings

CONFIG = 'state_dir = "state"\n[themes]\ndirectory = "themes"\n'
RECEIVER = """
[[receivers]]
id = "desk"
url = "https://hooks.example/news"
secret_files = ["missing.secret"]
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    file = tmp_path / "newsmon.toml"
    file.write_text(CONFIG)
    (tmp_path / "themes").mkdir()
    (tmp_path / "themes" / "rail.toml").write_text(starter("rail", "desk"))
    return file


def doctor(config: Path) -> tuple[int, dict[str, str]]:
    """The exit code, and for each row its whole text by what it is about."""
    done = CliRunner().invoke(cli, ["doctor", "--config", str(config)], env={"COLUMNS": "300"})
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    rows: dict[str, str] = {}
    last = ""
    for line in done.output.splitlines():
        if line[:1].strip():
            last = line[5:20].strip()
            rows[last] = " ".join(f"{rows.get(last, '')} {line}".split())
        else:
            rows[last] += f" {line.strip()}"
    return done.exit_code, rows


def row(rows: dict[str, str], what: str) -> str:
    return next(text for name, text in rows.items() if what.startswith(name) or name.startswith(what))


def test_a_machine_without_newsmon_is_left_as_it_was(config: Path, tmp_path: Path) -> None:
    _code, rows = doctor(config)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["newsmon.toml", "themes"]
    assert "does not exist yet; the first start creates it" in row(rows, "state directory")
    assert "no database yet" in row(rows, "database")
    assert "up to date" not in row(rows, "database")


def test_a_database_is_judged_and_not_touched(config: Path) -> None:
    settings = load_settings(config, {})
    settings.state_dir.mkdir()
    with migrated_database(settings):
        pass
    _code, rows = doctor(config)
    assert "schema up to date" in row(rows, "database")
    assert row(rows, "privacy")


def test_a_file_without_tables_is_not_up_to_date(config: Path) -> None:
    settings = load_settings(config, {})
    settings.state_dir.mkdir()
    (settings.state_dir / "newsmon.db").touch()
    _code, rows = doctor(config)
    assert "no tables yet" in row(rows, "database")
    assert (settings.state_dir / "newsmon.db").read_bytes() == b""


def test_a_bad_secret_is_one_row_among_all_others(config: Path) -> None:
    config.write_text(CONFIG + RECEIVER)
    code, rows = doctor(config)
    assert code == 1
    assert "missing.secret" in row(rows, "secrets")
    for what in ("feeds", "words", "themes", "state directory", "disk", "Kafka", "database", "receiver desk"):
        assert row(rows, what)
    assert "fix" not in row(rows, "feeds")


def test_a_feed_whose_credentials_cannot_be_read_is_named(config: Path, tmp_path: Path) -> None:
    feed = '[[feed]]\nid = "desk"\nurl = "https://wire.example/feed"\nsource = "Wire"\ncredentials_file = "wire.toml"\n'
    (tmp_path / "feeds.toml").write_text(feed)
    config.write_text(CONFIG + '[producer]\nfeeds_file = "feeds.toml"\n')
    code, rows = doctor(config)
    assert (code, "wire.toml" in row(rows, "feeds")) == (1, True)
    (tmp_path / "wire.toml").write_text('username = "a"\npassword = "hunter2"')
    _code, rows = doctor(config)
    assert "1 of them with credentials" in row(rows, "feeds")
    assert "hunter2" not in str(rows)


def test_a_bad_theme_is_one_row_among_all_others(config: Path, tmp_path: Path) -> None:
    (tmp_path / "themes" / "broken.toml").write_text("id = 3\n")
    code, rows = doctor(config)
    assert code == 1
    assert row(rows, "themes").startswith("fix")
    assert row(rows, "feeds").startswith("ok")


def test_what_others_may_read_is_named_and_left(config: Path) -> None:
    state = load_settings(config, {}).state_dir
    state.mkdir()
    state.chmod(0o755)
    _code, rows = doctor(config)
    assert "others may read" in row(rows, "privacy")
    assert row(rows, "privacy").startswith("note")
    assert stat.S_IMODE(state.stat().st_mode) == 0o755


@pytest.mark.parametrize(("free_bytes", "mark"), [(10 * GIB, "ok"), (GIB, "note"), (100 * MIB, "fix")])
def test_each_disk_has_a_row(config: Path, monkeypatch: pytest.MonkeyPatch, free_bytes: int, mark: str) -> None:
    level = level_of(free_bytes, 100 * GIB)
    disk = Disk((DiskUse.STATE, DiskUse.DATABASE), Path("/data"), free_bytes, 100 * GIB, level)
    monkeypatch.setattr(doctor_disks, "read_disks", lambda _found: (disk,))
    _code, rows = doctor(config)
    assert row(rows, "disk").startswith(mark)
    assert "/data (state and database)" in row(rows, "disk")
    assert (level is SpaceLevel.CRITICAL) == ("make room now" in row(rows, "disk"))
