"""Who needs the themes' names gets them without their rules."""

from pathlib import Path

from newsmon import paths
from newsmon.settings.theme_ids import theme_ids


def test_the_shipped_themes_are_the_three() -> None:
    assert theme_ids(paths.seeds() / "themes") == ("defence-spending", "ukraine-peacekeeping", "us-trade")


def test_a_broken_file_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "good.toml").write_text('id = "good"')
    (tmp_path / "bad.toml").write_text("id = ")
    assert theme_ids(tmp_path) == ("good",)
    assert theme_ids(tmp_path / "absent") == ()
