"""Stories, alerts, and the grouping stage's memory."""

from __future__ import annotations

from newsmon.records.articles import Evidence, ThemeScore
from newsmon.records.base import Part, Record, UtcDatetime
from newsmon.records.outcomes import AlertReason, AlertState, Origin, Relation, Severity, SeverityReason


class Member(Part, frozen=True, kw_only=True):
    """One article in a story, as alerts and listings show it."""

    article_id: str
    revision_id: str
    match_id: str
    relation: Relation
    copy_of: str | None  # article_id of the original
    source: str
    tier: int
    url: str | None
    title: str
    language: str
    published_at: UtcDatetime | None
    first_seen_at: UtcDatetime
    score: float


class Story(Record, frozen=True, kw_only=True, tag="story/1"):
    """A theme's whole story after one more member, not the difference to the one before."""

    story_id: str
    theme_id: str
    revision: int  # rises with every member
    state: AlertState
    title: str  # of the first member
    opened_at: UtcDatetime
    updated_at: UtcDatetime
    closed_at: UtcDatetime | None = None
    article_count: int
    copy_count: int
    source_count: int  # independent: each outlet counts once, copies not at all
    outlet_count: int  # all outlets that carried it, copies included
    languages: tuple[str, ...]
    severity: Severity  # never falls
    severity_reason: SeverityReason = SeverityReason.THEME_RULES
    latest: Member | None  # the member this revision is about; None when the story closed
    alert_decision: AlertReason
    members: tuple[Member, ...]  # the first and the newest, bounded; all of them are in the database


class Alert(Record, frozen=True, kw_only=True, tag="alert/1"):
    """A story of a theme deserves attention; one alert, with rising revision."""

    alert_id: str
    revision: int
    state: AlertState
    reason: AlertReason
    severity: Severity  # never falls
    severity_reason: SeverityReason = SeverityReason.THEME_RULES
    theme_id: str
    theme_label: str
    story_id: str
    origin: Origin
    title: str
    score: float
    threshold: float
    theme_version: str
    generation: str
    evidence: tuple[Evidence, ...]
    also_matched: tuple[ThemeScore, ...] = ()
    article_count: int
    source_count: int
    outlet_count: int
    articles: tuple[Member, ...]  # bounded; the first caused this revision
    lead: str
    opened_at: UtcDatetime
    raised_at: UtcDatetime  # matched_at of the match that caused this revision


class WindowSpread(Part, frozen=True, kw_only=True):
    """The spread of a theme's counts in windows of this length around the expected, as fading sums: spread = excess / base."""

    hours: int
    excess: float  # (seen - expected) squared, less expected
    base: float  # expected squared


class RecentSource(Part, frozen=True, kw_only=True):
    """A source of a theme's newest stories."""

    source: str
    at: int  # second of its newest story
    weight: float  # its stories, fading


class ThemePulse(Part, frozen=True, kw_only=True):
    """A theme's rate of new stories by hour and day, as the grouping stage learns it; an hour is a number since the epoch."""

    theme_id: str
    since_hour: int
    hour: int  # the hour of the last of `counts`
    level: tuple[float, float] = (0.0, 0.0)  # stories seen, and the season-weighted hours watched; both fade
    day: tuple[tuple[float, float], ...] = ((0.0, 0.0),) * 24  # stories seen, and those expected without regard to the hour of the day
    week: tuple[tuple[float, float], ...] = ((0.0, 0.0),) * 7  # the same for the day of the week, Monday first
    spreads: tuple[WindowSpread, ...] = ()
    learnt: tuple[tuple[float, float], ...] = ()  # (seen, expected) of the newest learned hours, at most one window, none in a burst
    counts: tuple[int, ...] = (0,)  # of the last hours, at most a week and one window
    quarters: tuple[tuple[int, int], ...] = ()  # (quarter hour since the epoch, stories in it), of the longest window
    recent: tuple[RecentSource, ...] = ()
    burst_hour: int | None = None  # start of the burst under way
    last_burst: tuple[int, int] | None = None  # first and last hour of the burst before


class StoryState(Record, frozen=True, kw_only=True, tag="story-state/2"):
    """The grouping stage's whole decision on one input: it rebuilds its memory and repeats its outputs from these."""

    match_id: str
    theme_id: str
    story_id: str
    source_offset: int  # of the match on its news.matches partition
    matched_at: UtcDatetime
    article_id: str
    content_hash: str
    source: str
    relation: Relation
    copy_of: str | None
    features: dict[str, list[str]]  # what similarity needs, by kind; opaque outside processors
    digest: str  # copy detection sketch, base64, prefixed with its algorithm version
    story: Story
    alert: Alert | None
    closed: tuple[Story, ...] = ()  # stories this input's event time closed
    closed_alerts: tuple[Alert, ...] = ()
    pulses: tuple[ThemePulse, ...] = ()  # of this theme, and of themes without a live story, whose states are deleted
    burst: Alert | None = None  # a burst of the theme began or ended
