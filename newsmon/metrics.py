"""Every metric newsmon exports: name with unit, help, bounded labels. Declared here, nowhere else.

Label values come from configured ids and closed enums only. `announce_*` creates every known label set at zero, so
that a rate or an alert rule never starts from a missing series.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Info, disable_created_metrics
from prometheus_client.gc_collector import GCCollector
from prometheus_client.platform_collector import PlatformCollector
from prometheus_client.process_collector import ProcessCollector

from newsmon import __version__
from newsmon.quarantine import QuarantineReason, Stage
from newsmon.records import (
    AlertReason,
    AlertState,
    ClassificationOutcome,
    DueReason,
    EntryRejection,
    FetchResult,
    NoticeKind,
    NoticeState,
    PageResult,
    Relation,
    Severity,
)

disable_created_metrics()  # type: ignore[no-untyped-call]

REGISTRY = CollectorRegistry(auto_describe=True)
ProcessCollector(registry=REGISTRY)
PlatformCollector(registry=REGISTRY)
GCCollector(registry=REGISTRY)

LATENCY_BUCKETS_S = (1, 2, 5, 10, 30, 60, 120, 300, 900, 3600)
FETCH_BUCKETS_S = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
AGE_BUCKETS_S = (10, 30, 60, 300, 900, 3600, 6 * 3600, 24 * 3600)
FAST_BUCKETS_S = (0.00005, 0.0001, 0.0002, 0.0005, 0.001, 0.005, 0.02, 0.1, 0.5)


class AttemptCode(StrEnum):
    """Class of one webhook attempt's answer."""

    OK = "2xx"
    REDIRECT = "3xx"
    CLIENT = "4xx"
    THROTTLED = "429"
    SERVER = "5xx"
    TIMEOUT = "timeout"
    CONNECT = "connect"
    BLOCKED = "blocked"


class PushAnswer(StrEnum):
    """What became of a request to the WebSub callback."""

    VERIFIED = "verified"  # a hub asked whether we meant it, and we did
    NOT_WANTED = "not_wanted"  # it asked for something we never wanted
    DENIED = "denied"  # it will not serve us
    ACCEPTED = "accepted"  # content, published before we answered
    BAD_SIGNATURE = "bad_signature"
    UNKNOWN_CALLBACK = "unknown_callback"
    TOO_LARGE = "too_large"
    NO_FEED = "no_feed"  # signed, but nothing a parser can read
    NOT_PUBLISHED = "not_published"  # the hub was asked to try again


class HubAnswer(StrEnum):
    """What became of our request to a hub."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    UNREACHABLE = "unreachable"


class AckAnswer(StrEnum):
    """What was said to a request for an acknowledgement link."""

    SHOWN = "shown"  # the page that asks; nothing is acknowledged by it
    ACKNOWLEDGED = "acknowledged"
    REPEATED = "repeated"  # it was acknowledged before
    FORGED = "forged"  # 403: not ours, damaged, or of a secret that is gone
    EXPIRED = "expired"  # 410
    UNKNOWN = "unknown"  # 410: ours, but the database does not know the message
    NO_SUCH_PAGE = "no_such_page"
    TOO_LARGE = "too_large"
    FAILED = "failed"  # the database is away
    BUSY = "busy"


def _counter(name: str, text: str, labels: Iterable[str] = ()) -> Counter:
    return Counter(f"newsmon_{name}", text, tuple(labels), registry=REGISTRY)


def _gauge(name: str, text: str, labels: Iterable[str] = ()) -> Gauge:
    return Gauge(f"newsmon_{name}", text, tuple(labels), registry=REGISTRY)


def _histogram(name: str, text: str, buckets: tuple[float, ...], labels: Iterable[str] = ()) -> Histogram:
    return Histogram(f"newsmon_{name}", text, tuple(labels), buckets=buckets, registry=REGISTRY)


BUILD = Info("newsmon_build", "Version of the running code.", registry=REGISTRY)
BUILD.info({"version": __version__})

# producers
FEEDS_CONFIGURED = _gauge("feeds_configured", "Feeds in the configuration.")
FEED_POLL_INTERVAL = _gauge("feed_poll_interval_seconds", "From the last poll to the next, whatever decided about it.", ["feed"])
FEED_LAST_SUCCESS = _gauge("feed_last_success_timestamp_seconds", "When the feed last answered usefully.", ["feed"])
FEED_LAST_NEW_ARTICLE = _gauge("feed_last_new_article_timestamp_seconds", "When the feed last brought something new.", ["feed"])
FEED_FETCHES = _counter("feed_fetches", "Polls, by how they ended.", ["feed", "outcome"])
FEED_FETCH_DURATION = _histogram("feed_fetch_duration_seconds", "Duration of one poll's HTTP exchange.", FETCH_BUCKETS_S)
FEEDS_BY_HEALTH = _gauge("feeds", "Feeds polled by this process, by how they are doing.", ["health"])
FEED_WELL = _gauge("feed_well", "1 while the feed is neither failing, silent nor late.", ["feed"])
FEED_GAPS = _counter("feed_gaps", "Polls that shared no entry with the one before: articles were probably lost.", ["feed"])
FEED_LIES = _counter("feed_validator_lies", "Full answers that differed from what the feed's validators had claimed.", ["feed"])
FEED_MOVES_PROPOSED = _gauge("feeds_moved", "Feeds whose server names a new address, again and again.")
POLLS_PLANNED = _counter("polls_planned", "Polls, by what decided when the next one is.", ["reason"])
POLL_PACE = _gauge("poll_pace", "Polls an hour of a feed that publishes once an hour: the pace all feeds share.")
NETWORK_AWAY = _gauge("network_away", "1 while most hosts cannot be reached and no failures are counted.")
DOMAIN_HOLDS = _counter("domain_holds", "Times a registrable domain was left alone because it answered 429.")
NOTICES = _counter("notices", "System notices published.", ["kind", "state"])
ARTICLES_INGESTED = _counter("articles_ingested", "Article revisions published to Kafka and acknowledged.", ["feed"])
FEEDS_PARSED = _counter("feeds_parsed", "Bodies parsed, by who read them or why the fast reader left them to feedparser.", ["reader"])
ENTRIES_REJECTED = _counter("entries_rejected", "Feed entries that did not become articles.", ["reason"])
ARTICLE_PUBLISH_TO_FETCH = _histogram("article_publish_to_fetch_seconds", "Age of an article when first seen.", AGE_BUCKETS_S)
PAGES = _counter("article_pages", "Article pages read, or not, by how it ended.", ["result"])
PAGES_WAITING = _gauge("article_pages_waiting", "Articles of this replica's feeds whose page is still to be read.")
PAGE_DURATION = _histogram("article_page_duration_seconds", "One attempt at one page, extraction included.", FETCH_BUCKETS_S)
WEBSUB_REQUESTS = _counter("websub_requests", "Subscriptions and renewals asked for, by the hub's answer.", ["answer"])
WEBSUB_CALLBACKS = _counter("websub_callbacks", "Requests of hubs to our callback, by what became of them.", ["answer"])
WEBSUB_ACTIVE = _gauge("websub_active_subscriptions", "Subscriptions of this replica's feeds whose lease runs.")
WEBSUB_MISSED = _counter("websub_missed_articles", "New articles a safety poll found that the hub had not brought.", ["feed"])

# processors
ARTICLES_CLASSIFIED = _counter("articles_classified", "Articles classified, by outcome.", ["outcome"])
MATCHES = _counter("matches", "Matches, by theme.", ["theme"])
CLASSIFICATION_DURATION = _histogram("classification_duration_seconds", "Pure classification of one article.", FAST_BUCKETS_S)
GROUPED = _counter("matches_grouped", "Matches grouped into stories, by relation.", ["theme", "relation"])
STORIES_LIVE = _gauge("stories_live", "Stories in memory, by theme.", ["theme"])
ALERTS_RAISED = _counter("alerts_raised", "Alert revisions raised.", ["theme", "severity", "state"])
ALERT_DECISIONS = _counter("alert_decisions", "What the alert stage decided for each match.", ["theme", "reason"])
CONFIG_GENERATION = Info("newsmon_theme_generation", "Hash of the active theme configuration.", registry=REGISTRY)
CONFIG_RELOAD_OK = _gauge("config_last_reload_successful", "1 when the theme files were usable at the last look, 0 when they were refused.")
CONFIG_RELOAD_AT = _gauge("config_last_reload_success_timestamp_seconds", "When a theme set was last taken into use.")

# word files, read by producers and processors
WORDS_GENERATION = Info("newsmon_words_generation", "Hash of the word files in use.", registry=REGISTRY)
WORDS_REFUSED = _gauge("word_files_refused", "1 while changed word files are refused and the words before them stay in use.")

# sinks
SINK_ROWS = _counter("sink_rows_written", "Rows written.", ["sink"])
SINK_BATCH_DURATION = _histogram("sink_batch_duration_seconds", "One database transaction.", FETCH_BUCKETS_S, ["sink"])
SINK_ERRORS = _counter("sink_errors", "Failed transactions.", ["sink", "reason"])
SINK_LAST_COMMIT = _gauge("sink_last_commit_timestamp_seconds", "Last committed transaction.", ["sink"])
DELIVERY_ATTEMPTS = _counter("alert_delivery_attempts", "Webhook attempts, by answer.", ["sink", "code"])
DELIVERIES = _counter("alert_deliveries", "Alert revisions that ended, by outcome.", ["sink", "outcome"])
ALERTS_SUPPRESSED = _counter("alerts_suppressed", "Alert revisions not sent to a receiver, by reason.", ["sink", "reason"])
DELIVERY_DURATION = _histogram("delivery_duration_seconds", "One webhook attempt.", FETCH_BUCKETS_S, ["sink"])
DELIVERY_PENDING = _gauge("delivery_pending", "Deliveries waiting or being retried.", ["sink"])
DELIVERY_HELD = _gauge("delivery_held", "Alerts and notices held for a receiver, to be sent later, by reason.", ["sink", "reason"])
DELIVERY_OLDEST_PENDING = _gauge("delivery_oldest_pending_seconds", "Age of the oldest pending delivery.", ["sink"])
DELIVERY_DISABLED = _gauge("delivery_endpoint_disabled", "1 when the receiver has been disabled.", ["sink"])
DELIVERY_CIRCUIT_OPEN = _gauge("delivery_circuit_open", "1 while the receiver is given a rest.", ["sink"])
ACK_REQUESTS = _counter("ack_requests", "Requests for acknowledgement links, by what was said to them.", ["answer"])
ARTICLE_TO_ALERT = _histogram("article_to_alert_seconds", "First seen to first accepted webhook.", LATENCY_BUCKETS_S, ["theme"])

# everywhere
QUARANTINED = _counter("quarantined_records", "Records set aside because they could not be read or handled.", ["stage", "reason"])
KAFKA_LAG = _gauge("kafka_consumer_lag_messages", "End offset minus committed offset, seen from outside.", ["group", "topic", "partition"])
KAFKA_COMMITTED = _counter("kafka_messages_committed", "Records whose offsets were committed.", ["group", "topic"])
KAFKA_REBALANCES = _counter("kafka_rebalances", "Partition assignments received.", ["group"])
KAFKA_ASSIGNED = _gauge("kafka_assigned_partitions", "Partitions assigned to this process.", ["group", "topic"])
STAGE_RESTARTS = _counter("stage_restarts", "Times the supervisor restarted a stage.", ["stage"])
STAGE_UP = _gauge("stage_up", "1 while the stage's process is alive.", ["stage"])


def announce_feeds(feed_ids: Iterable[str]) -> None:
    """Create the per-feed series at zero (producer process)."""
    for feed in feed_ids:
        for result in FetchResult:
            FEED_FETCHES.labels(feed, result.value)
        ARTICLES_INGESTED.labels(feed)
        FEED_POLL_INTERVAL.labels(feed)
        FEED_LAST_SUCCESS.labels(feed)
        FEED_LAST_NEW_ARTICLE.labels(feed)
        FEED_WELL.labels(feed).set(1)
        FEED_GAPS.labels(feed)
        FEED_LIES.labels(feed)
        WEBSUB_MISSED.labels(feed)
    for due in DueReason:
        POLLS_PLANNED.labels(due.value)
    for reason in EntryRejection:
        ENTRIES_REJECTED.labels(reason.value)
    for push in PushAnswer:
        WEBSUB_CALLBACKS.labels(push.value)
    for hub in HubAnswer:
        WEBSUB_REQUESTS.labels(hub.value)
    for page in PageResult:
        PAGES.labels(page.value)


def give_up_feeds(feed_ids: Iterable[str]) -> None:
    """Take back what is no longer this process's to say: these feeds are polled by another replica, which says it."""
    for feed in feed_ids:
        FEED_WELL.labels(feed).set(1)
        FEED_POLL_INTERVAL.labels(feed).set(0)


def announce_themes(theme_ids: Iterable[str]) -> None:
    """Create the per-theme series at zero (processor process)."""
    for outcome in ClassificationOutcome:
        ARTICLES_CLASSIFIED.labels(outcome.value)
    for theme in theme_ids:
        MATCHES.labels(theme)
        STORIES_LIVE.labels(theme)
        for relation in Relation:
            GROUPED.labels(theme, relation.value)
        for reason in AlertReason:
            ALERT_DECISIONS.labels(theme, reason.value)
        for severity in Severity:
            for state in AlertState:
                ALERTS_RAISED.labels(theme, severity.value, state.value)


def announce_receivers(receiver_ids: Iterable[str], theme_ids: Iterable[str] = ()) -> None:
    """Create the per-receiver series at zero (deliver process)."""
    for receiver in receiver_ids:
        for code in AttemptCode:
            DELIVERY_ATTEMPTS.labels(receiver, code.value)
        for outcome in ("delivered", "dead"):
            DELIVERIES.labels(receiver, outcome)
        for gauge in (DELIVERY_PENDING, DELIVERY_OLDEST_PENDING, DELIVERY_DISABLED, DELIVERY_CIRCUIT_OPEN):
            gauge.labels(receiver)
        DELIVERY_DURATION.labels(receiver)
    for theme in theme_ids:
        ARTICLE_TO_ALERT.labels(theme)


def announce_notices(kinds: Iterable[NoticeKind]) -> None:
    """Create the series of the notices this process may publish at zero."""
    for kind in kinds:
        for state in NoticeState:
            NOTICES.labels(kind.value, state.value)


def announce_quarantine(stages: Iterable[Stage]) -> None:
    """Create the quarantine series of the stages this process runs at zero."""
    for stage in stages:
        for reason in QuarantineReason:
            QUARANTINED.labels(stage.value, reason.value)
