"""The closed sets of words in records; the same word is the log field, the metric label and the stored value."""

from __future__ import annotations

from enum import StrEnum


class Origin(StrEnum):
    """The origin of a record; only `live` records notify anybody."""

    LIVE = "live"
    BACKFILL = "backfill"
    REPLAY = "replay"


class DateQuality(StrEnum):
    """The reliability of `published_at`."""

    STATED = "stated"  # with a zone we understand
    ASSUMED_ZONE = "assumed_zone"  # no zone given: the feed's default zone (or UTC) was assumed
    FUTURE = "future"  # later than when we saw it: by up to 26 hours clamped to first_seen_at, by more published_at is None
    UNREADABLE = "unreadable"  # there was a date, but not a readable one: published_at is None
    MISSING = "missing"  # there was no date: published_at is None


class FetchResult(StrEnum):
    """The result of one poll of a feed; every poll ends in exactly one of these."""

    OK = "ok"  # 200, parsed
    NOT_MODIFIED = "not_modified"  # 304
    SAME_BODY = "same_body"  # 200, but byte for byte the body we had
    HTTP_ERROR = "http_error"
    GONE = "gone"  # 410
    RATE_LIMITED = "rate_limited"  # 429
    UNAVAILABLE = "unavailable"  # 503
    BLOCKED_BY_SITE = "blocked_by_site"  # bot wall
    TIMEOUT = "timeout"
    CONNECT_ERROR = "connect_error"
    REFUSED_ADDRESS = "refused_address"  # refused by our network guard
    TOO_LARGE = "too_large"
    TOO_MANY_REDIRECTS = "too_many_redirects"
    BAD_ENCODING = "bad_encoding"  # truncated or undecodable body
    NOT_A_FEED = "not_a_feed"
    EMPTY_BODY = "empty_body"
    PARSE_ERROR = "parse_error"


class DueReason(StrEnum):
    """The reason for a feed's next poll time."""

    RHYTHM = "rhythm"
    SERVER_WISH = "server_wish"  # Cache-Control or Expires
    FEED_HINT = "feed_hint"  # ttl or sy:update*
    FAILURE = "failure"
    RETRY_AFTER = "retry_after"
    OUTAGE = "outage"  # no host was reachable: polled again soon, no failure counted


class EntryRejection(StrEnum):
    """The reason an entry of a feed did not become an article."""

    NO_TEXT = "no_text"
    NO_IDENTITY = "no_identity"
    DUPLICATE_ENTRY = "duplicate_entry"  # a second entry with the same article id in one poll
    TOO_MANY_REVISIONS = "too_many_revisions"
    BRIDGE_ERROR = "bridge_error"  # a feed generator's error dressed up as an item
    OVER_ENTRY_LIMIT = "over_entry_limit"
    DAMAGED_ENTRY = "damaged_entry"  # nothing of it could be read
    CUT_OFF = "cut_off"  # the document ends within it: the next poll brings it whole
    BAD_LINE = "bad_line"  # an unreadable line of a backfill file
    PAGE_FAILED = "page_failed"  # an article's page gave no text; the record's `detail` says why


class FetchKind(StrEnum):
    """The subject of one record on news.fetches."""

    POLL = "poll"  # we asked the feed
    PUSH = "push"  # its hub pushed it (WebSub)
    PAGES = "pages"  # we read the pages of some of its articles
    FILE = "file"  # a piece of a backfill file


class TextSource(StrEnum):
    """The source of an article's text."""

    FEED = "feed"
    PAGE = "page"


class PageResult(StrEnum):
    """The result of reading one article's page."""

    EXTRACTED = "extracted"
    NO_GAIN = "no_gain"  # no more text than the feed had
    ROBOTS_DENIED = "robots_denied"
    ROBOTS_UNREACHABLE = "robots_unreachable"  # then nothing may be read (RFC 9309)
    HTTP_ERROR = "http_error"
    GONE = "gone"
    RATE_LIMITED = "rate_limited"
    UNAVAILABLE = "unavailable"
    BLOCKED_BY_SITE = "blocked_by_site"
    TIMEOUT = "timeout"
    CONNECT_ERROR = "connect_error"
    REFUSED_ADDRESS = "refused_address"
    TOO_LARGE = "too_large"
    TOO_MANY_REDIRECTS = "too_many_redirects"
    BAD_ENCODING = "bad_encoding"
    EMPTY_BODY = "empty_body"
    NOT_HTML = "not_html"
    NO_TEXT = "no_text"
    UNRELATED = "unrelated"  # hardly a word of the title: a consent wall or a front page
    EXTRACT_ERROR = "extract_error"
    TOO_MANY_REVISIONS = "too_many_revisions"
    OVER_LIMIT = "over_limit"  # too many of the feed's articles were waiting already: never fetched


class ClassificationOutcome(StrEnum):
    """The classifier's answer for one article revision."""

    MATCHED = "matched"
    UNMATCHED = "unmatched"


class Relation(StrEnum):
    """The relation of a match to its theme's stories and their events."""

    OPENED = "opened"  # first member of a new story, and of its first event
    CONTINUED = "continued"  # first member of a further event of a running story
    JOINED = "joined"  # same event, another text
    COPY = "copy"  # the same text elsewhere
    UPDATE = "update"  # a revision of an article that is already a member


class AlertReason(StrEnum):
    """The reason for which a match did, or did not, raise an alert revision."""

    NEW_STORY = "new_story"
    FIRST_FRESH_REPORT = "first_fresh_report"  # the story existed, but nothing in it could notify anybody before
    NEW_DEVELOPMENT = "new_development"  # a further event of a told story
    NEW_FACTS = "new_facts"  # about a told event: names, figures or places that no told text of the story had
    MORE_SOURCES = "more_sources"
    SEVERITY_RAISED = "severity_raised"
    REVISED_TEXT = "revised_text"
    STORY_CLOSED = "story_closed"
    BURST = "burst"  # the theme has unusually many new events from independent sources
    BURST_OVER = "burst_over"
    CORRECTED = "corrected"  # a person split or merged stories; what was told stays told
    # no alert, and why
    NO_MATERIAL_CHANGE = "no_material_change"
    COPY_OF_MEMBER = "copy_of_member"
    NOT_LIVE = "not_live"
    STALE = "stale"  # by its date it is not news of now: too old, or days ahead
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


RANK = {severity: rank for rank, severity in enumerate(Severity)}  # they are declared from the least grave to the gravest


class SeverityReason(StrEnum):
    """The reason for a story's severity."""

    THEME_RULES = "theme_rules"  # the theme's rules on one of its articles
    CONFIRMED = "confirmed"  # the theme's rules, once enough independent sources reported it
    MANY_SOURCES = "many_sources"  # enough independent sources, whatever the theme's rules say
    TOP_SOURCES = "top_sources"  # several of the first tier
    SOURCES_AT_ONCE = "sources_at_once"  # several within a short time
    BURST = "burst"  # not of a story: the theme has unusually many stories


class DeliveryOutcome(StrEnum):
    """The outcome of one attempt, or of the decision not to attempt."""

    DELIVERED = "delivered"
    WILL_RETRY = "will_retry"
    DEAD = "dead"
    SUPPRESSED = "suppressed"
