"""A theme considers only the articles in its scope; an unknown language is never excluded, an unknown tier or country is."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.theme_texts import RAIL_HEAD

from processors.matching.classify import verdicts_on_text
from processors.themes import load_themes

RAIL = (
    RAIL_HEAD
    + """{scope}
[[rule]]
id = "rail"
weight = 4
all = [{{ en = ["railway*"] }}]
"""
)


@pytest.mark.parametrize(
    ("scope", "language", "tier", "country", "reason"),
    [
        ("", "xx", None, None, "matched"),
        ('[scope]\nlanguages = ["en", "de"]', "en", None, None, "matched"),
        ('[scope]\nlanguages = ["en", "de"]', "fr", None, None, "out_of_scope"),
        ('[scope]\nlanguages = ["en", "de"]', "und", None, None, "matched"),
        ("[scope]\ntiers = [1, 2]", "en", 2, None, "matched"),
        ("[scope]\ntiers = [1, 2]", "en", 3, None, "out_of_scope"),
        ("[scope]\ntiers = [1, 2]", "en", None, None, "out_of_scope"),
        ('[scope]\ncountries = ["GB"]', "en", None, "GB", "matched"),
        ('[scope]\ncountries = ["GB"]', "en", None, None, "out_of_scope"),
    ],
)
def test_scope(tmp_path: Path, scope: str, language: str, tier: int | None, country: str | None, reason: str) -> None:
    (tmp_path / "rail.toml").write_text(RAIL.format(scope=scope))
    [verdict] = verdicts_on_text("New railway", "", "", language, load_themes(tmp_path), tier=tier, country=country)
    assert verdict.reason == reason


def test_two_sets_in_one_process_keep_their_own_answers(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "rail.toml").write_text(RAIL.format(scope="").replace('"rail"\nlabel', f'"{name}"\nlabel'))
    for name in ("one", "two", "one"):
        [verdict] = verdicts_on_text("Boats", "", "", "en", load_themes(tmp_path / name))
        assert (verdict.theme_id, verdict.reason) == (name, "nothing_found")
