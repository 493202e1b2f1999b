"""Feeds that readers stumbled over, as public bug reports tell it: each gets the answer that its `expected.txt` says is right."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.odd_feeds.cases import case_folders
from support.odd_feeds.running import verdict_on

ODD = Path(__file__).resolve().parents[2] / "data" / "feeds" / "odd"


@pytest.mark.parametrize("folder", case_folders(ODD), ids=lambda folder: folder.name)
def test_the_answer_is_right(folder: Path) -> None:
    verdict = verdict_on(folder)
    assert verdict.not_understood is None
    assert verdict.wrong == (), verdict.what
