"""What stops `newsmon run` before it starts, and what it can start with all the same."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.theme_texts import RAIL_HEAD

from newsmon.app.cli.preflight import preflight
from newsmon.settings import Settings
from newsmon.words.watch import WordWatch

RAIL = (
    RAIL_HEAD
    + """
[[rule]]
id = "rail"
weight = 4
all = [{ en = ["railway*"] }]
"""
)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    for folder in ("themes", "words"):
        (tmp_path / folder).mkdir()
    (tmp_path / "themes" / "rail.toml").write_text(RAIL)
    return Settings.model_validate(
        {"state_dir": tmp_path / "state", "themes": {"directory": tmp_path / "themes"}, "words": {"directory": tmp_path / "words"}}
    )


def test_a_first_start_with_a_broken_theme_file_is_refused(settings: Settings) -> None:
    (settings.themes.directory / "rail.toml").write_text(RAIL.replace("weight = 4", "wait = 4"))
    problems = preflight(settings, starting=True)
    assert problems
    assert all("rail.toml" in one.where for one in problems)


def test_a_typo_after_a_good_start_is_no_reason_to_refuse_the_next(settings: Settings) -> None:
    assert preflight(settings, starting=True) == []
    (settings.themes.directory / "rail.toml").write_text("id = ")
    assert preflight(settings, starting=True) == []
    assert preflight(settings) != []  # the doctor still names it
    (settings.themes.directory / "rail.toml").unlink()
    assert preflight(settings, starting=True) == []


def test_what_is_kept_of_one_directory_does_not_stand_in_for_another(settings: Settings, tmp_path: Path) -> None:
    assert preflight(settings, starting=True) == []
    other = tmp_path / "other"
    other.mkdir()
    moved = settings.model_copy(update={"themes": settings.themes.model_copy(update={"directory": other})})
    assert preflight(moved, starting=True) != []


def test_on_a_cluster_the_processor_looks_for_the_set_of_the_others(settings: Settings) -> None:
    (settings.themes.directory / "rail.toml").write_text("id = ")
    cluster = settings.model_copy(update={"kafka": settings.kafka.model_copy(update={"bootstrap_servers": ("kafka.example:9092",)})})
    assert preflight(cluster, starting=True) == []


def test_word_files_that_were_good_once_stand_in_for_broken_ones(settings: Settings) -> None:
    assert settings.words.directory is not None
    broken = settings.words.directory / "names.toml"
    broken.write_text("= nothing")
    assert preflight(settings, starting=True) != []
    broken.unlink()
    WordWatch(settings.words.directory, keep_in=settings.state_dir).start()
    broken.write_text("= nothing")
    assert preflight(settings, starting=True) == []
    assert preflight(settings) != []
