"""Every metric newsmon exports, with unit, help, bounded labels and the processes that export it. Metrics are declared nowhere else.

A process exports only the metrics of its own work: a zero from a process that does not do something would look like a measurement.
For the same reason a gauge without labels does not exist until it is set, and a timestamp is never announced: 0 would be 1970.
Label values come only from configured ids and closed enums. `announce_*` creates every known label set of a counter at zero, so that
a rate or an alert rule never starts from a missing series.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from functools import cache
from typing import Any, TypeVar

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Info, Metric, disable_created_metrics
from prometheus_client.gc_collector import GCCollector
from prometheus_client.platform_collector import PlatformCollector
from prometheus_client.process_collector import ProcessCollector

from newsmon import __version__
from newsmon.quarantine import QuarantineReason, Stage
from newsmon.records import (
    AlertReason,
    AlertState,
    ClassificationOutcome,
    CorrectionKind,
    CorrectionOutcome,
    DueReason,
    EntryRejection,
    FetchResult,
    NoticeKind,
    NoticeState,
    PageResult,
    Relation,
    Severity,
)

M = TypeVar("M", Counter, Gauge, Histogram, Info)

disable_created_metrics()  # type: ignore[no-untyped-call]

REGISTRY = CollectorRegistry(auto_describe=True)  # every metric there is; a process exports those of `registry_of`
_OF_PYTHON = (ProcessCollector(registry=REGISTRY), PlatformCollector(registry=REGISTRY), GCCollector(registry=REGISTRY))

LATENCY_BUCKETS_S = (1, 2, 5, 10, 30, 60, 120, 300, 900, 3600)
FETCH_BUCKETS_S = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
AGE_BUCKETS_S = (10, 30, 60, 300, 900, 3600, 6 * 3600, 24 * 3600)
FAST_BUCKETS_S = (0.00005, 0.0001, 0.0002, 0.0005, 0.001, 0.005, 0.02, 0.1, 0.5)


class AttemptCode(StrEnum):
    """Class of the response to one webhook attempt."""

    OK = "2xx"
    REDIRECT = "3xx"
    CLIENT = "4xx"
    THROTTLED = "429"
    SERVER = "5xx"
    TIMEOUT = "timeout"
    CONNECT = "connect"
    BLOCKED = "blocked"


class PushAnswer(StrEnum):
    """Result of a request to the WebSub callback."""

    VERIFIED = "verified"  # a hub asked us to confirm a subscription, and we did
    NOT_WANTED = "not_wanted"  # it asked us to confirm something we did not request
    DENIED = "denied"  # the hub refused the subscription
    ACCEPTED = "accepted"  # content, published before our response
    BAD_SIGNATURE = "bad_signature"
    UNKNOWN_CALLBACK = "unknown_callback"
    TOO_LARGE = "too_large"
    NO_FEED = "no_feed"  # signed, but not a readable feed
    NOT_PUBLISHED = "not_published"  # we asked the hub to try again


class HubAnswer(StrEnum):
    """Result of our request to a hub."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    UNREACHABLE = "unreachable"


class AckAnswer(StrEnum):
    """Response to a request for an acknowledgement link."""

    SHOWN = "shown"  # the page with the button; acknowledges nothing by itself
    ACKNOWLEDGED = "acknowledged"
    REPEATED = "repeated"  # acknowledged before
    FORGED = "forged"  # 403: not ours, damaged, or signed with a removed secret
    EXPIRED = "expired"  # 410
    UNKNOWN = "unknown"  # 410: ours, but the database does not know the message
    NO_SUCH_PAGE = "no_such_page"
    TOO_LARGE = "too_large"
    FAILED = "failed"  # the database is unavailable
    BUSY = "busy"


class Process(StrEnum):
    """A process with a /metrics of its own."""

    RUN = "run"
    PRODUCER = "producer"
    PROCESSOR = "processor"
    STORE = "store"
    DELIVER = "deliver"


RUN, PRODUCER, PROCESSOR, STORE, DELIVER = Process
EVERYONE = tuple(Process)
STAGES = (PRODUCER, PROCESSOR, STORE, DELIVER)
SINKS = (STORE, DELIVER)

EXPORTED_BY: dict[Any, tuple[Process, ...]] = {}  # metric -> the processes that export it


class _LazyGauge(Gauge):
    """A gauge without labels that has no sample until it is set, because nothing is known before."""

    _is_set = False

    def set(self, value: float) -> None:
        super().set(value)
        self._is_set = True

    def inc(self, amount: float = 1) -> None:
        super().inc(amount)
        self._is_set = True

    def dec(self, amount: float = 1) -> None:
        super().dec(amount)
        self._is_set = True

    def collect(self) -> Iterable[Metric]:
        return super().collect() if self._is_set else ()


class _LazyInfo(Info):
    """An info that has no sample until it is given."""

    _is_set = False

    def info(self, val: dict[str, str]) -> None:
        super().info(val)
        self._is_set = True

    def collect(self) -> Iterable[Metric]:
        return super().collect() if self._is_set else ()


@cache
def registry_of(process: Process) -> CollectorRegistry:
    """What this process exports: the metrics of its work, and those of every Python process."""
    registry = CollectorRegistry()
    for collector in (*_OF_PYTHON, *(metric for metric, processes in EXPORTED_BY.items() if process in processes)):
        registry.register(collector)
    return registry


class _Declares:
    """Declares metrics that the same processes export."""

    def __init__(self, *processes: Process) -> None:
        self._processes = processes

    def counter(self, name: str, text: str, labels: Iterable[str] = ()) -> Counter:
        return self._declared(Counter(f"newsmon_{name}", text, tuple(labels), registry=REGISTRY))

    def gauge(self, name: str, text: str, labels: Iterable[str] = ()) -> Gauge:
        kind = Gauge if tuple(labels) else _LazyGauge
        return self._declared(kind(f"newsmon_{name}", text, tuple(labels), registry=REGISTRY))

    def histogram(self, name: str, text: str, buckets: tuple[float, ...], labels: Iterable[str] = ()) -> Histogram:
        return self._declared(Histogram(f"newsmon_{name}", text, tuple(labels), buckets=buckets, registry=REGISTRY))

    def info(self, name: str, text: str) -> Info:
        return self._declared(_LazyInfo(f"newsmon_{name}", text, registry=REGISTRY))

    def _declared(self, metric: M) -> M:
        EXPORTED_BY[metric] = self._processes
        return metric


# Each section begins with the processes that export its metrics.
# everyone
_by = _Declares(*EVERYONE)
_counter, _gauge, _histogram, _info = _by.counter, _by.gauge, _by.histogram, _by.info
BUILD = _info("build", "Version of the running code.")
BUILD.info({"version": __version__})
KAFKA_UP = _gauge("kafka_up", "1 while a Kafka broker answers this process, 0 while none does.", ["stage"])
DISK_FREE = _gauge("disk_free_bytes", "Free bytes on the disk of what newsmon keeps there.", ["disk"])
DISK_LEVEL = _gauge("disk_space_level", "0 while that disk has enough free space, 1 when it is low, 2 when it is almost full.", ["disk"])

# producers
_by = _Declares(PRODUCER)
_counter, _gauge, _histogram, _info = _by.counter, _by.gauge, _by.histogram, _by.info
FEEDS_CONFIGURED = _gauge("feeds_configured", "Configured feeds.")
FEED_POLL_INTERVAL = _gauge("feed_poll_interval_seconds", "Seconds from the last poll of the feed to the next.", ["feed"])
FEED_LAST_SUCCESS = _gauge("feed_last_success_timestamp_seconds", "Unix time of the feed's last usable response.", ["feed"])
FEED_LAST_NEW_ARTICLE = _gauge("feed_last_new_article_timestamp_seconds", "Unix time of the feed's last new article.", ["feed"])
FEED_FETCHES = _counter("feed_fetches", "Polls, by outcome.", ["feed", "outcome"])
FEED_FETCH_DURATION = _histogram("feed_fetch_duration_seconds", "Seconds for the HTTP exchange of one poll.", FETCH_BUCKETS_S)
FEEDS_BY_HEALTH = _gauge("feeds", "Feeds polled by this process, by health.", ["health"])
FEED_WELL = _gauge("feed_well", "1 while the feed is not failing, silent or late.", ["feed"])
FEED_GAPS = _counter("feed_gaps", "Polls that had no entry in common with the previous poll: articles were probably lost.", ["feed"])
FEED_LIES = _counter("feed_validator_lies", "Answers that contradict the server's own claim that the feed had not changed.", ["feed"])
FEED_MOVES_PROPOSED = _gauge("feeds_moved", "Feeds whose server keeps redirecting to a new address.")
FEEDS_REJECTING = _gauge("feeds_rejecting", "Feeds that show entries poll after poll that are rejected, by reason.", ["reason"])
POLLS_PLANNED = _counter("polls_planned", "Polls, by what decided the time of the next one.", ["reason"])
POLL_PACE = _gauge("poll_pace", "Polls per hour of a feed that publishes one article per hour: the pace all feeds share.")
NETWORK_AWAY = _gauge("network_away", "1 while most hosts are unreachable; failures are not counted then.")
DOMAIN_HOLDS = _counter("domain_holds", "Times polling of a registrable domain was paused because it answered 429.")
NOTICES = _counter("notices", "Notices about feeds and the network, published by the producer.", ["kind", "state"])
ARTICLES_INGESTED = _counter("articles_ingested", "Article revisions that Kafka acknowledged.", ["feed"])
FEEDS_PARSED = _counter("feeds_parsed", "Feeds parsed, by parser, or `failed`; unchanged feeds are not parsed.", ["reader"])
WORKER_FAULTS = _counter("parse_worker_faults", "Jobs for which a worker process gave no result, by reason.", ["reason"])
ENTRIES_REJECTED = _counter("entries_rejected", "Feed entries that did not become articles, by reason.", ["reason"])
ARTICLE_PUBLISH_TO_FETCH = _histogram(
    "article_publish_to_fetch_seconds", "Seconds from an article's publication to our first poll that shows it.", AGE_BUCKETS_S
)
PAGES = _counter("article_pages", "Article pages requested, by result.", ["result"])
PAGES_WAITING = _gauge("article_pages_waiting", "Articles of this replica's feeds that wait for their page.")
PAGE_DURATION = _histogram(
    "article_page_duration_seconds", "Seconds for one attempt at one article page, including extraction.", FETCH_BUCKETS_S
)
WEBSUB_REQUESTS = _counter("websub_requests", "Subscription requests and renewals, by the hub's response.", ["answer"])
WEBSUB_CALLBACKS = _counter("websub_callbacks", "Requests from hubs to our callback, by result.", ["answer"])
WEBSUB_ACTIVE = _gauge("websub_active_subscriptions", "Active subscriptions of this replica's feeds.")
WEBSUB_MISSED = _counter("websub_missed_articles", "New articles that a safety poll found and the hub had not sent.", ["feed"])

# processors
_by = _Declares(PROCESSOR)
_counter, _gauge, _histogram, _info = _by.counter, _by.gauge, _by.histogram, _by.info
ARTICLES_CLASSIFIED = _counter("articles_classified", "Articles classified, by outcome.", ["outcome"])
MATCHES = _counter("matches", "Matches, by theme.", ["theme"])
CLASSIFICATION_DURATION = _histogram("classification_duration_seconds", "Seconds to classify one article.", FAST_BUCKETS_S)
GROUPED = _counter("matches_grouped", "Matches grouped into stories, by relation.", ["theme", "relation"])
CORRECTIONS = _counter("story_corrections", "People's corrections of stories, by outcome.", ["theme", "kind", "outcome"])
STORIES_LIVE = _gauge("stories_live", "Open stories in memory, by theme.", ["theme"])
ALERTS_RAISED = _counter("alerts_raised", "Alert revisions raised.", ["theme", "severity", "state"])
ALERT_DECISIONS = _counter("alert_decisions", "Alert decisions, one per match, by reason.", ["theme", "reason"])
WORD_DAYS = _gauge("word_count_days", "Completed days whose word counts are in use; 0: only the shipped shares are.")
WORD_KEYS = _gauge("word_count_keys", "Words, names, numbers and sentences that these days have a count of.")
WORD_DAYS_END = _gauge("word_count_end_timestamp_seconds", "Unix time at which the last of these days ended.")
WORDS_COUNTED = _counter("articles_word_counted", "Articles whose words were counted: every third live one.")
CONFIG_GENERATION = _info("theme_generation", "Generation (hash) of the active themes.")
CONFIG_RELOAD_OK = _gauge("config_last_reload_successful", "1 if the theme files were valid at the last check, 0 if they were refused.")
CONFIG_RELOAD_AT = _gauge("config_last_reload_success_timestamp_seconds", "Unix time when themes were last loaded.")

# word files, read by producers and processors
_by = _Declares(PRODUCER, PROCESSOR)
_counter, _gauge, _histogram, _info = _by.counter, _by.gauge, _by.histogram, _by.info
WORDS_GENERATION = _info("words_generation", "Hash of the word files in use.")
WORDS_REFUSED = _gauge("word_files_refused", "1 while changed word files are refused and the previous words stay in use.")

# sinks
_by = _Declares(*SINKS)
_counter, _gauge, _histogram, _info = _by.counter, _by.gauge, _by.histogram, _by.info
SINK_ROWS = _counter("sink_rows_written", "Database rows written.", ["sink"])
SINK_BATCH_DURATION = _histogram("sink_batch_duration_seconds", "Seconds for one database transaction.", FETCH_BUCKETS_S, ["sink"])
DATABASE_UP = _gauge("database_up", "1 while the database takes this process's transactions, 0 while they wait.", ["sink"])
SINK_ERRORS = _counter("sink_errors", "Failed database transactions.", ["sink", "reason"])
SINK_LAST_COMMIT = _gauge("sink_last_commit_timestamp_seconds", "Unix time of the last committed transaction.", ["sink"])

# deliver
_by = _Declares(DELIVER)
_counter, _gauge, _histogram, _info = _by.counter, _by.gauge, _by.histogram, _by.info
DELIVERY_ATTEMPTS = _counter("alert_delivery_attempts", "Webhook attempts, by class of response.", ["sink", "code"])
DELIVERIES = _counter("alert_deliveries", "Finished deliveries of alert revisions, by outcome.", ["sink", "outcome"])
ALERTS_SUPPRESSED = _counter("alerts_suppressed", "Alert revisions not sent to a receiver, by reason.", ["sink", "reason"])
DELIVERY_DURATION = _histogram("delivery_duration_seconds", "Seconds for one webhook attempt.", FETCH_BUCKETS_S, ["sink"])
DELIVERY_PENDING = _gauge("delivery_pending", "Deliveries that are waiting or being retried.", ["sink"])
DELIVERY_HELD = _gauge("delivery_held", "Alerts and notices held for a receiver, to be sent later, by reason.", ["sink", "reason"])
DELIVERY_OLDEST_PENDING = _gauge("delivery_oldest_pending_seconds", "Age of the oldest pending delivery in seconds.", ["sink"])
DELIVERY_PROOFS_LEARNED = _counter(
    "delivery_proofs_learned", "Attempts that a lost or restored database did not know and learned from news.deliveries."
)
DELIVERY_DISABLED = _gauge("delivery_endpoint_disabled", "1 while the receiver is disabled.", ["sink"])
DELIVERY_CIRCUIT_OPEN = _gauge("delivery_circuit_open", "1 while attempts at the receiver are paused after repeated failures.", ["sink"])
LOSSES_OPEN = _gauge("losses_unacknowledged", "Partitions with losses that nobody has acknowledged, by who noticed them.", ["consumer"])
ACK_REQUESTS = _counter("ack_requests", "Requests for acknowledgement links, by response.", ["answer"])
ARTICLE_TO_ALERT = _histogram(
    "article_to_alert_seconds",
    "Seconds from the poll that found an article to the first accepted webhook about it.",
    LATENCY_BUCKETS_S,
    ["theme"],
)

# stages
_by = _Declares(*STAGES)
_counter, _gauge, _histogram, _info = _by.counter, _by.gauge, _by.histogram, _by.info
QUARANTINED = _counter("quarantined_records", "Records quarantined because they could not be read or handled.", ["stage", "reason"])
KAFKA_REBALANCES = _counter("kafka_rebalances", "Partition assignments received.", ["group"])
KAFKA_ASSIGNED = _gauge("kafka_assigned_partitions", "Partitions assigned to this process.", ["group", "topic"])
LOG_LOSSES = _counter(
    "log_losses", "Partitions whose log was replaced, truncated or expired, or whose stored position was changed from outside.",
    ["consumer", "reason"],
)  # fmt: skip

# stages that commit to Kafka
_by = _Declares(PROCESSOR, *SINKS)
_counter, _gauge, _histogram, _info = _by.counter, _by.gauge, _by.histogram, _by.info
KAFKA_COMMITTED = _counter("kafka_messages_committed", "Records whose offsets were committed.", ["group", "topic"])
RECORDS_LOST = _counter("records_lost", "Records that left the log before they were read, as far as they can be counted.", ["consumer"])

# processes that follow the system clock
_by = _Declares(PRODUCER, DELIVER)
_counter, _gauge, _histogram, _info = _by.counter, _by.gauge, _by.histogram, _by.info
CLOCK_STEPS = _counter("clock_steps", "Times the system clock was found to have been set by more than 30 seconds.")

# the supervisor
_by = _Declares(RUN)
_counter, _gauge, _histogram, _info = _by.counter, _by.gauge, _by.histogram, _by.info
KAFKA_LAG = _gauge(
    "kafka_consumer_lag_messages",
    "Records not yet committed: end offset minus committed offset, measured by the supervisor.",
    ["group", "topic", "partition"],
)
STAGE_RESTARTS = _counter("stage_restarts", "Restarts of a stage by the supervisor, by reason.", ["stage", "reason"])
STAGE_UP = _gauge("stage_up", "1 while the stage's process is alive.", ["stage"])


def announce_feeds(feed_ids: Iterable[str]) -> None:
    """Create the per-feed counters at zero (producer process). Gauges come with the feeds that this replica polls."""
    for feed in feed_ids:
        for result in FetchResult:
            FEED_FETCHES.labels(feed, result.value)
        ARTICLES_INGESTED.labels(feed)
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
    """End the gauges of feeds that another replica now polls and reports."""
    for feed in feed_ids:
        for gauge in (FEED_WELL, FEED_POLL_INTERVAL, FEED_LAST_SUCCESS, FEED_LAST_NEW_ARTICLE):
            gauge.remove(feed)


def announce_themes(theme_ids: Iterable[str]) -> None:
    """Create the per-theme series at zero (processor process)."""
    for outcome in ClassificationOutcome:
        ARTICLES_CLASSIFIED.labels(outcome.value)
    for theme in theme_ids:
        MATCHES.labels(theme)
        STORIES_LIVE.labels(theme)
        for relation in Relation:
            GROUPED.labels(theme, relation.value)
        for kind in CorrectionKind:
            for answer in CorrectionOutcome:
                CORRECTIONS.labels(theme, kind.value, answer.value)
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
    """Create the series of notices that this process may publish, at zero."""
    for kind in kinds:
        for state in NoticeState:
            NOTICES.labels(kind.value, state.value)


def announce_quarantine(stages: Iterable[Stage]) -> None:
    """Create the quarantine series of the stages that this process runs, at zero."""
    for stage in stages:
        for reason in QuarantineReason:
            QUARANTINED.labels(stage.value, reason.value)
