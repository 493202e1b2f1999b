"""Settings of alerts: when a story becomes one, how severe it is, and when a theme bursts."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, field_validator

from newsmon.settings.sections.base import Seconds, Section

Sources = Annotated[int, Field(ge=0, le=60)]


class UrgentSettings(Section):
    """When many sources make a story urgent although no rule of its theme does.

    Only independent sources with fresh, live reports in their own words count. 0 turns a condition off.
    """

    sources: Sources = 8
    """Independent sources in total."""
    top_sources: Sources = 3
    """Independent sources of tier 1."""
    sources_at_once: Sources = 5
    """Independent sources within `within_s` of each other."""
    within_s: Annotated[float, Field(gt=0, le=86_400)] = 1_800.0
    """Longest time between the first and the last report for `sources_at_once`."""


class FlashSettings(Section):
    """Sources that must confirm a flash story; until then it is urgent. A severity rule with `min_sources` sets its own count."""

    sources: Annotated[int, Field(ge=1, le=60)] = 3
    """Independent sources that must report the story; 1 trusts every source."""
    top_sources: Sources = 2
    """Number of sources of tier 1 that is enough on its own; 0 turns this off."""
    within_s: Seconds = 6 * 3600.0
    """Longest time between their reports."""


class BurstSettings(Section):
    """An alert when a theme has unusually many new events from independent sources for the hour and the day of the week."""

    enabled: bool = True
    """Detect bursts."""
    severity: Literal["notice", "urgent"] = "urgent"
    """Severity of a burst alert."""
    min_stories: Annotated[int, Field(ge=2, le=1_000)] = 3
    """Fewest new events that make a burst, however quiet the theme usually is."""
    min_sources: Annotated[int, Field(ge=1, le=60)] = 3
    """Fewest independent sources that make a burst."""


class AlertSettings(Section):
    """Conditions for a story to become an alert."""

    max_age_s: Seconds = 48 * 3600.0
    """An article older than this opens no alert."""
    update_at_sources: tuple[Annotated[int, Field(ge=2, le=10_000)], ...] = (5, 20)
    """Update the alert each time an event of its story reaches one of these numbers of independent sources."""
    urgent: UrgentSettings = UrgentSettings()
    flash: FlashSettings = FlashSettings()
    burst: BurstSettings = BurstSettings()

    @field_validator("update_at_sources")
    @classmethod
    def _rises(cls, steps: tuple[int, ...]) -> tuple[int, ...]:
        if list(steps) != sorted(set(steps)):
            raise ValueError("must be in rising order, without repeats")
        return steps
