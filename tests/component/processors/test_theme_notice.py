"""The notice about refused theme files survives the death of the process that raises it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from newsmon.settings import Settings
from newsmon.words.watch import WordWatch
from processors.rollout.kept_themes import KeptThemes
from processors.rollout.theme_reloader import ThemeReloader


class DiesWhilePublishing:
    """A broker that the process does not live to hear from."""

    async def publish(self, _records: Sequence[Any]) -> None:
        raise asyncio.CancelledError


async def test_a_notice_counts_as_raised_only_once_it_is_published(tmp_path: Path) -> None:
    directory = tmp_path / "themes"
    directory.mkdir()
    (directory / "broken.toml").write_text("[broken")
    settings = Settings.model_validate({"state_dir": tmp_path / "state", "themes": {"directory": directory}})
    reloader = ThemeReloader(settings, DiesWhilePublishing(), lambda _themes: None, WordWatch(None), worker="one@here")  # type: ignore[arg-type]
    with pytest.raises(asyncio.CancelledError):
        await reloader._consider()
    kept = KeptThemes(settings.state_dir, directory).trouble()
    assert kept is not None
    assert not kept.is_told, "the next process raises it"
