"""How articles are classified and grouped."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from newsmon import paths
from newsmon.settings.base import Seconds, Section


class ThemeSettings(Section):
    """What to watch for."""

    directory: Path = Field(default_factory=lambda: paths.seeds() / "themes")
    """Folder of theme files."""
    reload_check_s: Seconds = 5.0
    """How often to check theme and word files for changes; a change takes effect once two checks in a row see the same files."""


class ProcessorSettings(Section):
    """How articles are classified and grouped."""

    runner: Literal["faust", "plain"] = "faust"
    """The stream library, or the plain consumer loop that passes the same tests."""
    batch_size: Annotated[int, Field(ge=1, le=5_000)] = 200
    """Most records handled together."""
    batch_wait_s: Annotated[float, Field(gt=0, le=5)] = 0.05
    """Longest wait for a batch to fill: a delay every alert pays."""
    commit_interval_s: Annotated[float, Field(gt=0, le=60)] = 1.0
    """How often consumed offsets are committed; what is redone after a crash."""
    record_deadline_s: Seconds = 20.0
    """Longest time for one record."""
    stall_exit_s: Seconds = 120.0
    """Work waiting but nothing committed for so long: the worker exits hard and is started again."""


class StorySettings(Section):
    """How matches become stories."""

    idle_close_s: Seconds = 72 * 3600.0
    """A story without a new report for so long is closed."""
    max_stories_per_theme: Annotated[int, Field(ge=10)] = 5_000
    """Open stories kept in memory; the oldest are closed first."""
    max_members_per_theme: Annotated[int, Field(ge=100)] = 10_000
    """Articles of open stories kept in memory."""
