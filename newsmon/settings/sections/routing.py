"""The part of [[receivers]] that selects alerts, and sends them at once, later, or together."""

from __future__ import annotations

from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import Field, field_validator

from newsmon.settings.sections.base import Seconds, Section, Slug
from newsmon.settings.sections.weekly_times import parse_minute, parse_span

SeverityWord = Literal["notice", "urgent", "flash"]


class RouteSettings(Section):
    """A selection of alerts for a receiver with several `routes`: an alert must meet all given conditions."""

    themes: tuple[Slug, ...] = ()
    """Only alerts of these themes. Empty: all."""
    min_severity: SeverityWord = "notice"
    """Only alerts of this severity or above."""
    languages: tuple[str, ...] = ()
    """Only alerts caused by an article in one of these languages (`en`, `de`). Empty: all."""
    max_tier: Annotated[int, Field(ge=1, le=4)] = 4
    """Only stories with an article from a source of this tier or better (1 is best)."""


class RoutingSettings(RouteSettings):
    """Selects the alerts of one receiver, and when to send them. Does not change what is evaluated or stored."""

    routes: tuple[RouteSettings, ...] = ()
    """Further selections, of which an alert must meet at least one, besides the receiver's own conditions."""
    notify_closed: bool = False
    """Also report when a story that was sent has closed."""
    notices: bool = True
    """Also send notices about newsmon itself: a silent feed, a growing quarantine, a disabled receiver."""
    timezone: str = "UTC"
    """Time zone of the times of day below, for example `Europe/Berlin`."""
    group_wait_s: Annotated[float, Field(ge=0, le=600)] = 2.0
    """Longest wait for alerts of other themes about the same article, to send them as one message."""
    closed_wait_s: Annotated[float, Field(ge=0, le=86_400)] = 600.0
    """Longest wait for related stories to close, to report them as one message."""
    group_interval_s: Annotated[float, Field(ge=0)] | None = None
    """Shortest time between two messages about one story: its updates wait and are sent together, each under its own headline. A higher
    severity is sent at once. Default: 3600 for `apprise`; 0 for `webhook`, because a program does its own sorting and wants news early."""
    quiet_hours: tuple[str, ...] = ()
    """When to hold alerts and send them as one digest afterwards, for example `["22:00-07:00", "sat,sun 00:00-24:00"]`."""
    digest: Literal["none", "daily", "weekly"] = "none"
    """How often to send alerts, as one digest, instead of one by one."""
    digest_at: str = "07:00"
    """Time of day of the digest."""
    digest_day: Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"] = "mon"
    """Day of the weekly digest."""
    flash_passes: bool = True
    """Send flash alerts at once, even in quiet hours, with a digest, or over budget."""
    budget_per_hour: Annotated[int, Field(ge=1)] | None = None
    """Most single alerts per hour. The rest is sent as a digest at the end of the hour."""
    escalate_to: Slug | None = None
    """Id of the receiver that gets an alert if no one acknowledges it (`newsmon alerts ack`)."""
    escalate_after_s: Seconds = 900.0
    """How long to wait for the acknowledgement."""
    escalate_min_severity: SeverityWord = "urgent"
    """Escalate only alerts of this severity or above."""
    heartbeat: Literal["none", "daily"] = "none"
    """How often to send a heartbeat message with the number of alerts, feeds and articles, even if nothing matched."""
    heartbeat_at: str = "08:00"
    """Time of day of the heartbeat message."""

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ValueError, OSError, KeyError) as error:
            raise ValueError(f"{value!r} is not a known time zone") from error
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
