"""When a story becomes an alert, how loud it is, and when a theme bursts."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, field_validator, model_validator

from newsmon.settings.base import Seconds, Section

Sources = Annotated[int, Field(ge=0, le=60)]


class UrgentSettings(Section):
    """What makes a story urgent though no rule of its theme does.

    Counted are independent sources with fresh, live reports in their own words; 0 switches a line off.
    """

    sources: Sources = 8
    """So many in all."""
    top_sources: Sources = 3
    """So many of tier 1."""
    sources_at_once: Sources = 5
    """So many soon after one another."""
    within_s: Annotated[float, Field(gt=0, le=86_400)] = 1_800.0
    """How soon that is."""


class FlashSettings(Section):
    """What a theme's rules call flash is urgent until others confirm it. A severity rule with `min_sources` sets its own count instead."""

    sources: Annotated[int, Field(ge=1, le=60)] = 3
    """Independent sources that must report the story; 1 believes each one."""
    top_sources: Sources = 2
    """Or so many of tier 1; 0: tiers confirm nothing."""
    within_s: Seconds = 6 * 3600.0
    """How close together their reports must be."""


class BurstSettings(Section):
    """An alert when a theme has unusually many new stories from independent sources, against its own season."""

    enabled: bool = True
    """Look for bursts."""
    severity: Literal["notice", "urgent"] = "urgent"
    """How loud the alert of a burst is."""
    windows_h: Annotated[tuple[Annotated[int, Field(ge=1, le=24)], ...], Field(min_length=1, max_length=4)] = (1, 2, 6)
    """Stretches of time that are looked at, in hours."""
    min_stories: Annotated[int, Field(ge=2, le=1_000)] = 3
    """Fewer new stories are no burst, however rare they are."""
    min_sources: Annotated[int, Field(ge=1, le=60)] = 3
    """Nor is what comes from fewer independent sources."""
    max_share_of_one: Annotated[float, Field(gt=0, le=1)] = 0.6
    """Nor when one source has more than this part of the newest stories."""
    chance: Annotated[float, Field(gt=0, le=0.05)] = 0.0007
    """So improbable must the count of the longest window be, were all as usual; of shorter ones in proportion; smaller: rarer and later."""
    over_chance: Annotated[float, Field(gt=0, le=0.5)] = 0.05
    """A burst is over when no window is as improbable as this."""
    warm_up_h: Annotated[int, Field(ge=24, le=24 * 60)] = 72
    """A theme watched for less claims no burst."""
    learning_h: Annotated[int, Field(ge=24, le=24 * 90)] = 14 * 24
    """Until then the season is half known, and a hundredth of `chance` is asked for."""
    cool_down_h: Annotated[int, Field(ge=0, le=24 * 7)] = 6
    """After a burst the next one begins no sooner."""
    above_before: Annotated[float, Field(ge=0, le=20)] = 1.5
    """So many times the same window of yesterday and of last week (as far as they were plausible) it must hold; 0: they are not asked."""

    @field_validator("windows_h")
    @classmethod
    def _widens(cls, windows_h: tuple[int, ...]) -> tuple[int, ...]:
        if list(windows_h) != sorted(set(windows_h)):
            raise ValueError("must rise from window to window")
        return windows_h

    @model_validator(mode="after")
    def _learns_after_warming_up(self) -> Self:
        if self.learning_h < self.warm_up_h:
            raise ValueError("learning_h: must not be less than warm_up_h")
        return self


class AlertSettings(Section):
    """When a story becomes an alert."""

    max_age_s: Seconds = 48 * 3600.0
    """An article published longer ago opens no alert."""
    update_at_sources: tuple[Annotated[int, Field(ge=2, le=10_000)], ...] = (3, 5, 10, 20, 40)
    """An alert is updated when its story reaches so many independent sources."""
    urgent: UrgentSettings = UrgentSettings()
    flash: FlashSettings = FlashSettings()
    burst: BurstSettings = BurstSettings()

    @field_validator("update_at_sources")
    @classmethod
    def _rises(cls, steps: tuple[int, ...]) -> tuple[int, ...]:
        if list(steps) != sorted(set(steps)):
            raise ValueError("must rise from step to step")
        return steps
