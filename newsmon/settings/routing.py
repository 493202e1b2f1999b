"""What a receiver wants, and when it wants it at once, later, or together."""

from __future__ import annotations

from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import Field, field_validator

from newsmon.settings.base import Seconds, Section, Slug
from newsmon.settings.weekly_times import parse_minute, parse_span

SeverityWord = Literal["notice", "urgent", "flash"]


class RouteSettings(Section):
    """One kind of alert a receiver wants: all that is given must hold."""

    themes: tuple[Slug, ...] = ()
    """Only these themes; empty means all."""
    min_severity: SeverityWord = "notice"
    """Nothing below this."""
    languages: tuple[str, ...] = ()
    """Only when the article that caused the alert is in one of these languages (`en`, `de`); empty means all."""
    max_tier: Annotated[int, Field(ge=1, le=4)] = 4
    """Only when the story has an article of a source of this tier or better (1 is the best)."""


class RoutingSettings(RouteSettings):
    """What one receiver wants, and when. Nothing here changes what is evaluated or stored."""

    routes: tuple[RouteSettings, ...] = ()
    """Several kinds of alerts: one that fits is enough. The receiver's own themes, severity, languages and tier must hold as well."""
    notify_closed: bool = False
    """Also say when a story has closed that the receiver was told of."""
    notices: bool = True
    """Also tell of newsmon's own troubles: a silent feed, a growing quarantine, a disabled receiver."""
    timezone: str = "UTC"
    """Zone of the times of day below, e.g. `Europe/Berlin`."""
    group_wait_s: Annotated[float, Field(ge=0, le=600)] = 2.0
    """An article of several themes waits so long for the alerts of the others, to come as one message; less when all are there."""
    closed_wait_s: Annotated[float, Field(ge=0, le=86_400)] = 600.0
    """A story that closed waits so long for those it was told together with to close too, to come as one message; less when all have."""
    group_interval_s: Annotated[float, Field(ge=0)] = 0.0
    """Updates of one alert come no faster than this, the newest carrying those before; a higher severity passes."""
    quiet_hours: tuple[str, ...] = ()
    """Held then and sent as one digest at the end, e.g. `["22:00-07:00", "sat,sun 00:00-24:00"]`."""
    digest: Literal["none", "daily", "weekly"] = "none"
    """Collect alerts and send them as one digest."""
    digest_at: str = "07:00"
    """Time of day of the digest."""
    digest_day: Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"] = "mon"
    """Day of the weekly digest."""
    flash_passes: bool = True
    """A flash is sent at once in spite of quiet hours, digest and budget."""
    budget_per_hour: Annotated[int, Field(ge=1)] | None = None
    """Most single alerts within an hour; what is more comes as a digest when the hour is over."""
    escalate_to: Slug | None = None
    """The receiver that is told when nobody acknowledges an alert (`newsmon alerts ack`)."""
    escalate_after_s: Seconds = 900.0
    """How long an acknowledgement may take."""
    escalate_min_severity: SeverityWord = "urgent"
    """What is worth escalating."""
    heartbeat: Literal["none", "daily"] = "none"
    """A sign of life: how many alerts, feeds and articles there were, also when nothing matched."""
    heartbeat_at: str = "08:00"
    """Time of day of the sign of life."""

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ValueError, OSError, KeyError) as error:
            raise ValueError(f"{value!r} is no time zone known here") from error
        return value

    @field_validator("quiet_hours")
    @classmethod
    def _spans(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for text in value:
            parse_span(text)
        return value

    @field_validator("digest_at", "heartbeat_at")
    @classmethod
    def _time_of_day(cls, value: str) -> str:
        parse_minute(value)
        return value
