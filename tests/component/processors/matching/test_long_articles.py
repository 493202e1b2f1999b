"""Whatever a long article is made of, it classifies in bounded time and memory."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from support.odd_articles import ODD, OPEN, assert_evidence_fits, open_themes_in

from processors.handling.deadline import cpu_deadline
from processors.matching.classify import verdicts_on_text
from processors.search.automaton import PIECE
from processors.themes import ThemeSet

TEN_MB = 10_000_000


@pytest.fixture(scope="module")
def open_themes(tmp_path_factory: pytest.TempPathFactory) -> ThemeSet:
    return open_themes_in(tmp_path_factory.mktemp("themes"))


@pytest.mark.parametrize("piece", ODD.values(), ids=ODD)
def test_a_long_article_of_one_piece_costs_bounded_time(open_themes: ThemeSet, piece: str) -> None:
    """A megabyte and a half: three pieces of search. The deadline is the one the product gives a record, many times what is needed."""
    body = piece * (3 * PIECE // len(piece))
    with cpu_deadline(20):
        assert_evidence_fits(
            {"title": piece[:200], "lead": body[:500], "body": body}, verdicts_on_text(piece[:200], body[:500], body, "en", open_themes)
        )


MEASURED = """
import resource, sys
from pathlib import Path
from processors.matching.classify import verdicts_on_text
from processors.themes import load_themes
themes = load_themes(Path(sys.argv[1]))
body = sys.argv[2] * (int(sys.argv[3]) // len(sys.argv[2]))
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
(verdict,) = verdicts_on_text("Tariff", "", body, "en", themes)
assert all({"title": "Tariff", "body": body}[part.field][part.start : part.end] == part.text for part in verdict.evidence)
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024)
"""


@pytest.mark.parametrize("piece", ["tariff ", "e\u0301 "])
def test_ten_megabytes_take_a_bounded_multiple_of_their_size(tmp_path: Path, piece: str) -> None:
    (tmp_path / "open.toml").write_text(OPEN, "utf-8")
    command = [sys.executable, "-c", MEASURED, str(tmp_path), piece, str(TEN_MB)]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    assert int(ended.stdout) < 50 * TEN_MB
