"""The records on newsmon's Kafka topics: frozen, typed, versioned; the wire contract of all stages.

Times are aware UTC datetimes. Identities come from `newsmon.ids`. A change of shape raises the version in the
tag (`article/1` -> `article/2`); there is no silent widening: unknown fields are refused by `newsmon.codec`.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated

import msgspec

UtcDatetime = Annotated[datetime, msgspec.Meta(tz=True)]


class Origin(StrEnum):
    """Where a record came from; only `live` may notify anybody."""

    LIVE = "live"
    BACKFILL = "backfill"
    REPLAY = "replay"


class DateQuality(StrEnum):
    """How far `published_at` can be trusted."""

    STATED = "stated"  # with a zone we understand
    ASSUMED_ZONE = "assumed_zone"  # no zone given: the feed's default zone (or UTC) was assumed
    FUTURE = "future"  # stated later than we saw it: clamped to first_seen_at
    UNREADABLE = "unreadable"  # something was there, we could not read it: published_at is None
    MISSING = "missing"  # nothing was there: published_at is None


class FetchResult(StrEnum):
    """How one poll of a feed ended; every poll ends in exactly one of these."""

    OK = "ok"  # 200, parsed
    NOT_MODIFIED = "not_modified"  # 304
    SAME_BODY = "same_body"  # 200, but byte for byte what we had
    HTTP_ERROR = "http_error"
    GONE = "gone"  # 410
    RATE_LIMITED = "rate_limited"  # 429
    UNAVAILABLE = "unavailable"  # 503
    BLOCKED_BY_SITE = "blocked_by_site"  # bot wall
    TIMEOUT = "timeout"
    CONNECT_ERROR = "connect_error"
    REFUSED_ADDRESS = "refused_address"  # our network guard said no
    TOO_LARGE = "too_large"
    TOO_MANY_REDIRECTS = "too_many_redirects"
    BAD_ENCODING = "bad_encoding"  # truncated or undecodable body
    NOT_A_FEED = "not_a_feed"
    EMPTY_BODY = "empty_body"
    PARSE_ERROR = "parse_error"


class EntryRejection(StrEnum):
    """Why an entry of a feed did not become an article."""

    NO_TEXT = "no_text"
    NO_IDENTITY = "no_identity"
    DUPLICATE_ENTRY = "duplicate_entry"  # a second entry with the same article id in one poll
    TOO_MANY_REVISIONS = "too_many_revisions"
    BRIDGE_ERROR = "bridge_error"  # a feed generator's error dressed up as an item
    OVER_ENTRY_LIMIT = "over_entry_limit"


class ClassificationOutcome(StrEnum):
    """What the classifier answered for one article revision."""

    MATCHED = "matched"
    UNMATCHED = "unmatched"


class Relation(StrEnum):
    """How a match relates to its theme's stories."""

    OPENED = "opened"  # first member of a new story
    JOINED = "joined"  # same story, another text
    COPY = "copy"  # the same text elsewhere
    UPDATE = "update"  # a revision of an article that is a member already


class AlertReason(StrEnum):
    """Why the alert stage did, or did not, raise an alert revision for one match."""

    NEW_STORY = "new_story"
    FIRST_FRESH_REPORT = "first_fresh_report"  # the story was there, but nothing in it could notify before
    MORE_SOURCES = "more_sources"
    SEVERITY_RAISED = "severity_raised"
    REVISED_TEXT = "revised_text"
    STORY_CLOSED = "story_closed"
    # no alert, and why
    NO_MATERIAL_CHANGE = "no_material_change"
    COPY_OF_MEMBER = "copy_of_member"
    NOT_LIVE = "not_live"
    STALE = "stale"
    UNDATED_BASELINE = "undated_baseline"
    REIDENTIFIED = "reidentified"


class AlertState(StrEnum):
    OPENED = "opened"
    UPDATED = "updated"
    CLOSED = "closed"


class Severity(StrEnum):
    NOTICE = "notice"
    URGENT = "urgent"
    FLASH = "flash"


class DeliveryOutcome(StrEnum):
    """How one attempt (or the decision not to attempt) ended."""

    DELIVERED = "delivered"
    WILL_RETRY = "will_retry"
    DEAD = "dead"
    SUPPRESSED = "suppressed"


class Record(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="record"):
    """Base of everything that travels on a topic; the tag is `<name>/<version>`."""


class Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of what lives inside a record."""


class Feed(Record, frozen=True, kw_only=True, tag="feed/1"):
    """One configured feed address."""

    feed_id: str
    url: str
    source: str  # the publisher, as people know it; several feeds of one publisher share it
    language: str | None = None
    country: str | None = None
    tier: int = 3  # 1 = agency or first-rate original reporting ... 4 = unknown
    default_zone: str | None = None  # IANA zone for dates that state none
    interval_s: int | None = None  # None: the settings' default


class KnownEntry(Part, frozen=True, kw_only=True):
    """What a feed's state remembers of one article it has shown."""

    article_id: str
    content_hash: str
    revision: int
    last_seen_at: UtcDatetime
    guid_hash: str | None = None
    title_hash: str | None = None


class FeedState(Record, frozen=True, kw_only=True, tag="feed-state/1"):
    """Where the polling of one feed stands; written only after every article of the poll was acknowledged."""

    feed_id: str
    url: str
    poll_seq: int  # of the last finished poll
    polled_at: UtcDatetime
    next_due_at: UtcDatetime
    interval_s: int
    etag: str | None = None
    last_modified: str | None = None
    body_sha256: str | None = None
    failure_count: int = 0  # in a row
    last_result: FetchResult = FetchResult.OK
    last_success_at: UtcDatetime | None = None
    last_new_article_at: UtcDatetime | None = None
    validator_lie_count: int = 0  # forced full answers that differed from what a 304 had claimed
    forced_full_at: UtcDatetime | None = None
    known: tuple[KnownEntry, ...] = ()  # newest last, bounded


class FetchOutcome(Record, frozen=True, kw_only=True, tag="fetch/1"):
    """One poll of one feed. entry_count = new + revised + known + sum of rejected."""

    feed_id: str
    poll_seq: int
    poll_id: str
    started_at: UtcDatetime
    finished_at: UtcDatetime
    result: FetchResult
    status: int | None = None
    detail: str | None = None
    body_bytes: int = 0
    entry_count: int = 0
    new_count: int = 0
    revised_count: int = 0
    known_count: int = 0
    rejected: dict[EntryRejection, int] = {}
    reidentified_count: int = 0  # part of new_count
    gap_suspected: bool = False  # no entry in common with the poll before
    retry_after_s: int | None = None
    next_due_at: UtcDatetime


class Article(Record, frozen=True, kw_only=True, tag="article/1"):
    """One revision of one published item, as one feed showed it; text is plain and free of boilerplate."""

    article_id: str
    revision: int  # 1, 2, ... per feed, for people; revision_id is the identity
    revision_id: str
    content_hash: str
    origin: Origin
    feed_id: str
    source: str
    tier: int
    country: str | None = None
    poll_seq: int
    poll_id: str
    url: str | None
    guid: str | None = None
    title: str
    lead: str
    body: str
    language: str  # ISO 639-1 or "und"
    published_at: UtcDatetime | None
    published_raw: str | None = None
    date_quality: DateQuality
    first_seen_at: UtcDatetime
    baseline: bool = False  # seen in the feed's first poll ever
    reidentified: bool = False  # known under another guid or address: alerts nobody


class ThemeScore(Part, frozen=True, kw_only=True):
    theme_id: str
    score: float
    threshold: float


class Classification(Record, frozen=True, kw_only=True, tag="classification/1"):
    """The classifier's answer for one article record; always one, also when nothing matched."""

    article_id: str
    revision: int
    revision_id: str
    origin: Origin
    feed_id: str
    poll_seq: int
    language: str
    outcome: ClassificationOutcome
    scores: tuple[ThemeScore, ...]  # every theme evaluated with a score above zero, highest first
    matched_theme_ids: tuple[str, ...]
    generation: str  # hash of the whole theme configuration
    classified_at: UtcDatetime


class Evidence(Part, frozen=True, kw_only=True):
    """One clause that counted: where it stands in the stored text, and what it added to the score."""

    clause: str
    field: str  # title, lead or body
    start: int  # code points into that field
    end: int
    text: str  # field[start:end], repeated so that a receiver needs no second look-up
    contribution: float  # the contributions of all evidence sum to the score


class Match(Record, frozen=True, kw_only=True, tag="match/1"):
    """One article belongs to one theme, and why. Carries the article whole: later stages need nothing else."""

    match_id: str
    theme_id: str
    theme_label: str
    theme_version: str
    generation: str
    score: float
    threshold: float
    severity: Severity  # from the theme's rules on this article alone
    evidence: tuple[Evidence, ...]
    also_matched: tuple[ThemeScore, ...] = ()
    matched_at: UtcDatetime
    article: Article


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
    """A theme's story as it stands after one more member (absolute, not a difference)."""

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
    source_count: int  # independent: outlets counted once, copies not at all
    outlet_count: int  # all outlets that carried it, copies included
    languages: tuple[str, ...]
    severity: Severity
    latest: Member | None  # the member this revision is about; None when the story closed
    alert_decision: AlertReason
    members: tuple[Member, ...]  # the first and the newest, bounded; all of them are in the database


class Alert(Record, frozen=True, kw_only=True, tag="alert/1"):
    """Theme x story deserves attention; one alert, with rising revision."""

    alert_id: str
    revision: int
    state: AlertState
    reason: AlertReason
    severity: Severity
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
    articles: tuple[Member, ...]  # the article that caused this revision first; bounded
    lead: str
    opened_at: UtcDatetime
    raised_at: UtcDatetime  # matched_at of the match that caused this revision


class StoryState(Record, frozen=True, kw_only=True, tag="story-state/1"):
    """What the grouping stage decided about one input, whole: memory is rebuilt from these, outputs repeated from them."""

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


class Delivery(Record, frozen=True, kw_only=True, tag="delivery/1"):
    """One attempt to bring one alert revision to one receiver, or the decision not to."""

    delivery_id: str  # the webhook-id, constant over retries
    alert_id: str
    revision: int
    theme_id: str
    receiver: str
    attempt: int
    outcome: DeliveryOutcome
    reason: str  # from sinks' closed enum; also the metric label
    status: int | None = None
    attempted_at: UtcDatetime
    duration_s: float = 0.0
    next_attempt_at: UtcDatetime | None = None


ALL_RECORDS: tuple[type[Record], ...] = (
    Feed, FeedState, FetchOutcome, Article, Classification, Match, Story, StoryState, Alert, Delivery,
)  # fmt: skip
