"""Settings of themes, classification and grouping."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import Field

from newsmon import paths
from newsmon.settings.sections.base import Seconds, Section


class ThemeSettings(Section):
    """The themes to watch for."""

    directory: Path = Field(default_factory=lambda: paths.seeds() / "themes")
    """Folder of theme files."""
    reload_check_s: Seconds = 5.0
    """How often to check theme and word files for changes; a change takes effect once two checks in a row see the same files."""


class ProcessorSettings(Section):
    """Classification and grouping of articles."""

    batch_size: Annotated[int, Field(ge=1, le=5_000)] = 200
    """Most records processed together."""
    commit_interval_s: Annotated[float, Field(gt=0, le=60)] = 1.0
    """How often to commit consumed offsets; a crash repeats at most the work since the last commit."""
    record_deadline_s: Seconds = 20.0
    """Most CPU time for one record; a record that takes longer goes to quarantine."""
    stall_exit_s: Seconds = 120.0
    """A stage (any of the four) that has work but makes no progress for this long, although Kafka and the database answer, exits and is
    restarted."""


class StorySettings(Section):
    """Grouping of matches into stories."""

    idle_close_s: Seconds = 72 * 3600.0
    """Close a story after this long without a new report."""
    max_stories_per_theme: Annotated[int, Field(ge=10)] = 5_000
    """Most open stories kept in memory per theme; above that, the stories idle longest are closed."""
    max_members_per_theme: Annotated[int, Field(ge=100)] = 10_000
    """Most articles of open stories kept in memory per theme; above that, the stories idle longest are closed."""
