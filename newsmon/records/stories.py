"""Stories, alerts, and the grouping stage's memory."""

from __future__ import annotations

from newsmon.records.articles import Evidence, ThemeScore
from newsmon.records.base import Part, Record, UtcDatetime
from newsmon.records.outcomes import AlertReason, AlertState, Origin, Relation, Severity, SeverityReason


class Likeness(Part, frozen=True, kw_only=True):
    """Why a member is where it is: what it was compared with and what was measured."""

    article_id: str  # the first report of the event that it is most like; of a copy the original
    verdict: str  # of grouping, or of copy detection
    event_score: float  # log-odds of one event; of a copy its similarity, 0 to 1
    story_score: float  # log-odds of one running story
    evidence: dict[str, float]  # by name; none of a copy


class Member(Part, frozen=True, kw_only=True):
    """One article in a story, as alerts and listings show it."""

    article_id: str
    event_id: str
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
    likeness: Likeness | None = None  # None: nothing was like it, a revision, or older than version 2 of a story


class Event(Part, frozen=True, kw_only=True):
    """One development of a story, as it is after one more member; a member belongs to one event, an event to one story."""

    event_id: str
    title: str  # of its first member
    opened_at: UtcDatetime
    updated_at: UtcDatetime
    article_count: int
    copy_count: int
    source_count: int  # independent sources that confirm it: each outlet once; no copies, no aggregators
    outlet_count: int  # all outlets that carried it, copies included
    severity: Severity  # never falls
    severity_reason: SeverityReason


class Story(Record, frozen=True, kw_only=True, tag="story/2"):
    """A theme's whole running story after one more member, not the difference from the revision before."""

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
    severity: Severity  # of its most severe event; never falls
    severity_reason: SeverityReason = SeverityReason.THEME_RULES
    event_count: int
    event: Event | None  # the event of `latest`
    latest: Member | None  # the member this revision is about; None when the story closed or was corrected
    alert_decision: AlertReason
    members: tuple[Member, ...]  # the first and the newest, bounded; all of them are in the database


class Alert(Record, frozen=True, kw_only=True, tag="alert/2"):
    """A running story of a theme deserves attention: one alert, with rising revisions.

    Title, lead, score and evidence are those of the article that caused this revision, which stands first in `articles`.
    """

    alert_id: str
    revision: int
    state: AlertState
    reason: AlertReason
    severity: Severity  # of the event it tells; of the whole story when that closed. It never falls for one event
    severity_reason: SeverityReason = SeverityReason.THEME_RULES
    theme_id: str
    theme_label: str
    story_id: str
    story_title: str  # of the story's first member
    event_count: int  # of the story
    event: Event | None  # the event it tells; None when the story closed, and of a burst
    new_facts: tuple[str, ...] = ()  # words of title and lead that no told text of the story had; for the reason `new_facts`
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


class StoryState(Record, frozen=True, kw_only=True, tag="story-state/3"):
    """The grouping stage's whole decision on one input: it rebuilds its memory and repeats its outputs from these."""

    match_id: str
    theme_id: str
    story_id: str
    event_id: str
    source_offset: int  # of the match on its news.matches partition
    matched_at: UtcDatetime
    article_id: str
    content_hash: str
    source: str
    relation: Relation
    copy_of: str | None
    features: dict[str, list[str]]  # what similarity needs, by kind; opaque outside processors
    digest: str  # copy detection sketch, base64, prefixed with its algorithm version
    idle_s: float | None = None  # how long the theme lets the story run without news; None: as long as the settings say
    story: Story
    alert: Alert | None
    closed: tuple[Story, ...] = ()  # stories this input's event time closed
    closed_alerts: tuple[Alert, ...] = ()
    pulses: tuple[ThemePulse, ...] = ()  # of this theme, and of themes without a live story, whose states are deleted
    burst: Alert | None = None  # a burst of the theme began or ended
