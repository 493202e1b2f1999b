"""Feeds and their polls."""

from __future__ import annotations

from newsmon.records.articles import Article
from newsmon.records.base import Part, Record, UtcDatetime
from newsmon.records.notices import NoticeKind
from newsmon.records.outcomes import DueReason, EntryRejection, FetchKind, FetchResult


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
    full_text: bool = False  # also read the pages of its articles
    websub: bool = True  # subscribe to its hub, where the settings have a callback address


class KnownEntry(Part, frozen=True, kw_only=True):
    """The memory of one article that a feed has shown, in the feed's state."""

    article_id: str
    content_hash: str
    revision: int
    last_seen_at: UtcDatetime | None = None  # only in old records; nothing reads it
    guid_hash: str | None = None
    title_hash: str | None = None
    fingerprint: str | None = None  # of the entry in the feed: while it is the same, the entry is not cleaned again
    date_hash: str | None = None  # of its date; None: no date, or from an older version
    link_hash: str | None = None  # of its link as the feed gave it, but for spelling and tracking


class LinkHabits(Part, frozen=True, kw_only=True):
    """What a feed has shown about its links and guids. Never unlearned, but for the counts."""

    shared: tuple[str, ...] = ()  # hashes of addresses that several entries have at once: there the guid or fragment counts; bounded
    shared_example: str | None = None  # the last one, for people
    tracking: tuple[str, ...] = ()  # parameters (`name`, `name=value`) that were seen not to tell its entries apart; bounded
    hosts: tuple[tuple[str, str], ...] = ()  # (host, host of the same pages' canonical links); bounded
    link_churn_count: int = 0  # polls that gave most known entries another link, less those that gave none; never below 0
    guid_churn_count: int = 0  # the same for guids


class WaitingPage(Part, frozen=True, kw_only=True):
    """A published article whose page has not been read yet."""

    article: Article
    attempt_count: int = 0
    not_before: UtcDatetime


class Subscription(Part, frozen=True, kw_only=True):
    """A feed's WebSub subscription; `lease_until` is None until the hub has verified it."""

    hub: str
    topic: str
    callback: str
    lease_until: UtcDatetime | None = None
    ask_at: UtcDatetime  # when to ask the hub (again)
    attempt_count: int = 0  # since it last answered
    denied: str | None = None  # the hub's reason, when it said no
    pushed_at: UtcDatetime | None = None  # of the last content it pushed; None again after it failed to push something


class Rhythm(Part, frozen=True, kw_only=True):
    """A feed's publishing times, learned from its history: counts and hours watched, both fading with time.

    The rate at an hour of the week is the level times what is usual for the hour of the day and for the day of the week (UTC).
    """

    at: UtcDatetime  # watched until then
    hour_counts: tuple[float, ...]  # 24
    hour_watched_h: tuple[float, ...]
    day_counts: tuple[float, ...]  # 7, Monday first
    day_watched_h: tuple[float, ...]
    recent_count: float = 0.0  # fading within hours: the arrivals ...
    recent_expected: float = 0.0  # ... and the arrivals the rates above predicted
    last_arrival_at: UtcDatetime | None = None
    mean_gap_s: float | None = None  # between arrivals; recent ones weigh more
    longest_gap_s: float | None = None  # slowly forgotten


class Trouble(Part, frozen=True, kw_only=True):
    """The open notice about a feed."""

    kind: NoticeKind
    notice_id: str
    opened_at: UtcDatetime
    revision: int  # the last one sent
    said_at: UtcDatetime


class RejectedEntries(Part, frozen=True, kw_only=True):
    """The entries of a feed that are rejected for one reason, poll after poll, and the notice about them once it is open."""

    reason: EntryRejection
    since: UtcDatetime
    poll_count: int  # successful polls that showed such entries
    entry_count: int  # of them in the last one
    example: str  # the title of one
    clean_count: int = 0  # polls in a row without them
    notice_id: str | None = None  # None: not told yet
    revision: int = 0  # the last one sent
    said_at: UtcDatetime | None = None


class FeedState(Record, frozen=True, kw_only=True, tag="feed-state/3"):
    """The polling state of one feed; written only after Kafka acknowledged every article of the poll."""

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
    validator_lie_count: int = 0  # answers that contradicted the server's own validators
    validators_lied_at: UtcDatetime | None = None  # the last time
    validator_trust: int = 0  # times the server told of a change by itself, since it last lied
    outdated_etag: str | None = None  # sent once instead of the present ones: an honest server does not answer 304 to them
    outdated_last_modified: str | None = None
    conditional_failure_count: int = 0  # times that conditional polls failed and a full one then succeeded, without a conditional success
    unheeded_count: int = 0  # conditional polls in a row that got the full feed although nothing had changed
    forced_full_at: UtcDatetime | None = None
    conditional_count: int = 0  # conditional polls since the last full answer
    quiet_poll_count: int = 0  # successful polls in a row without a new or revised article
    usual_quiet_polls: float | None = None  # such polls between two changes, recent ones weigh more; None: not seen two yet
    due_reason: DueReason | None = None
    hint_s: int | None = None  # the feed's own wish: ttl, sy:update*
    result_counts: dict[FetchResult, int] = {}  # noqa: RUF012  # over all its polls
    gap_count: int = 0
    last_gap_at: UtcDatetime | None = None
    gap_said_at: UtcDatetime | None = None
    moved_to: str | None = None  # the target of 301/308 answers in a row ...
    moved_count: int = 0  # ... how many of them ...
    moved_since: UtcDatetime | None = None  # ... and since when
    moved_same: bool = False  # the target was seen to be this feed
    address: str | None = None  # polled instead of `url` (producer.follow_moves)
    trouble: Trouble | None = None
    recovered_at: UtcDatetime | None = None
    rhythm: Rhythm | None = None  # None: nothing learned yet
    guids_repeat: bool = False  # entries without an address have shared a guid: from then on guids identify nothing in this feed
    links: LinkHabits | None = None  # None: nothing learned yet
    known: bytes | tuple[KnownEntry, ...] = b""  # newest last, bounded; packed by producers.articles.known_entries, a list in old records
    known_form: int = 2  # of the packed entries in `known`, `known_parts` and the base
    known_base: str | None = None  # on Kafka most of `known` may be left out: it is then built from this base (feed-known) ...
    known_parts: tuple[bytes | tuple[int, int], ...] = ()  # ... and these: packed entries, or (first, count) of the base's
    pages: tuple[WaitingPage, ...] = ()  # bounded
    subscription: Subscription | None = None
    rejecting: tuple[RejectedEntries, ...] = ()  # one of each reason at most
    charset: str | None = None  # the encoding its bodies were found to have, without a declaration or against it


class FeedKnown(Record, frozen=True, kw_only=True, tag="feed-known/2"):
    """Packed entries that a feed's states refer to by `base_id`, so that they need not hold them all.

    Written only while the feed's last state on Kafka holds the same entries itself: losing it loses nothing.
    """

    feed_id: str
    base_id: str  # hash of `known`
    known: bytes
    known_form: int = 2  # of the packed entries


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
    rejected: dict[EntryRejection, int] = {}  # noqa: RUF012  (msgspec copies an empty default)
    reidentified_count: int = 0  # part of new_count
    gap_suspected: bool = False  # no entry in common with the poll before
    retry_after_s: int | None = None
    validator_lied: bool = False  # a full answer contradicted the validators
    due_reason: DueReason | None = None
    next_due_at: UtcDatetime
    kind: FetchKind = FetchKind.POLL
