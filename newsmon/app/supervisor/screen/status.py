"""The status that the live view and the status log line show, computed from scraped samples."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from newsmon.app.supervisor.screen.scrape import Sample

LATE_AFTER_INTERVALS = 3.0
SHOWN = tuple(
    f"newsmon_{name}"
    for name in (
        "alert_deliveries_total", "alerts_raised_total", "alerts_suppressed_total", "articles_classified_total", "articles_ingested_total",
        "config_last_reload_successful", "database_up", "delivery_pending", "disk_free_bytes", "disk_space_level", "entries_rejected_total",
        "feed_fetches_total", "feed_last_success_timestamp_seconds", "feed_poll_interval_seconds", "feeds_configured",
        "kafka_consumer_lag_messages", "kafka_up", "matches_total", "quarantined_records_total", "stories_live", "word_files_refused",
    )
)  # fmt: skip
"""The names of all metrics that a status is made of."""


@dataclass(frozen=True, slots=True)
class StageStatus:
    stage: str
    state: str  # starting, up, restart in N s, or what it waits for
    pid: int | None
    port: int
    restart_count: int


@dataclass(frozen=True, slots=True)
class FeedCounts:
    configured: int = 0
    ok: int = 0
    late: int = 0
    failing: int = 0
    not_polled: int = 0


@dataclass(frozen=True, slots=True)
class Status:
    """Counts since each stage started, and the current state."""

    stages: tuple[StageStatus, ...] = ()
    feeds: FeedCounts = FeedCounts()
    polls: int = 0
    articles: int = 0
    rejected: int = 0
    classified: int = 0
    matched: int = 0
    quarantined: int = 0
    matches: dict[str, int] = field(default_factory=dict)
    stories_live: dict[str, int] = field(default_factory=dict)
    alerts: dict[str, int] = field(default_factory=dict)
    deliveries: dict[str, dict[str, int]] = field(default_factory=dict)
    lag: dict[str, int] = field(default_factory=dict)
    receivers: tuple[str, ...] = ()  # configured; deliver counts nothing for them before it has started
    kafka_lost: bool = False  # Kafka does not answer the supervisor; the samples of a stage may be old
    database_lost: bool = False
    themes_refused: bool = False  # the files of the themes cannot be used: the last good set stays active
    words_refused: bool = False
    disks: dict[str, int] = field(default_factory=dict)  # free bytes of the disks with too little free space


def status_of(
    samples: Iterable[Sample], stages: tuple[StageStatus, ...], *, now_s: float, receivers: tuple[str, ...] = ()
) -> Status:  # fmt: skip
    """The status at `now_s` (Unix seconds) from the samples of all processes and the receivers in the settings."""
    by_name: dict[str, list[Sample]] = {}
    for sample in samples:
        by_name.setdefault(sample.name.removeprefix("newsmon_"), []).append(sample)

    def total(name: str, **labels: str) -> int:
        return int(sum(s.value for s in by_name.get(name, ()) if labels.items() <= s.labels.items()))

    def by(name: str, label: str) -> dict[str, int]:
        sums: dict[str, int] = {}
        for sample in by_name.get(name, ()):
            sums[sample.labels[label]] = sums.get(sample.labels[label], 0) + int(sample.value)
        return sums

    deliveries: dict[str, dict[str, int]] = {}
    for sample in by_name.get("alert_deliveries_total", ()):
        deliveries.setdefault(sample.labels["sink"], {})[sample.labels["outcome"]] = int(sample.value)
    for receiver, pending in by("delivery_pending", "sink").items():
        deliveries.setdefault(receiver, {})["pending"] = pending
    for receiver, suppressed in by("alerts_suppressed_total", "sink").items():
        deliveries.setdefault(receiver, {})["suppressed"] = suppressed
    return Status(
        stages=stages,
        feeds=feed_counts(by_name, now_s=now_s),
        polls=total("feed_fetches_total"),
        articles=total("articles_ingested_total"),
        rejected=total("entries_rejected_total"),
        classified=total("articles_classified_total"),
        matched=total("articles_classified_total", outcome="matched"),
        quarantined=total("quarantined_records_total"),
        matches=by("matches_total", "theme"),
        stories_live=by("stories_live", "theme"),
        alerts=by("alerts_raised_total", "theme"),
        deliveries=deliveries,
        lag=by("kafka_consumer_lag_messages", "group"),
        receivers=receivers,
        kafka_lost=any(s.value == 0 for s in by_name.get("kafka_up", ()) if s.labels.get("stage") == "run"),
        themes_refused=any(s.value == 0 for s in by_name.get("config_last_reload_successful", ())),
        words_refused=any(s.value for s in by_name.get("word_files_refused", ())),
        database_lost=any(s.value == 0 for s in by_name.get("database_up", ())),
        disks={disk: by("disk_free_bytes", "disk").get(disk, 0) for disk, level in by("disk_space_level", "disk").items() if level},
    )


def feed_counts(by_name: dict[str, list[Sample]], *, now_s: float) -> FeedCounts:
    """The number of feeds in each state. Late: no usable response for three of its intervals."""

    def per_feed(name: str) -> dict[str, float]:
        return {s.labels["feed"]: s.value for s in by_name.get(name, ())}

    polls: dict[str, float] = {}
    for sample in by_name.get("feed_fetches_total", ()):
        polls[sample.labels["feed"]] = polls.get(sample.labels["feed"], 0.0) + sample.value
    successes, intervals = per_feed("feed_last_success_timestamp_seconds"), per_feed("feed_poll_interval_seconds")
    ok = late = failing = not_polled = 0
    for feed, polled in polls.items():
        success_s = successes.get(feed, 0.0)
        if not success_s and not polled:
            not_polled += 1
        elif not success_s:
            failing += 1
        elif now_s - success_s > LATE_AFTER_INTERVALS * max(intervals.get(feed, 0.0), 60.0):
            late += 1
        else:
            ok += 1
    configured = int(sum(s.value for s in by_name.get("feeds_configured", ())))
    return FeedCounts(configured or len(polls), ok, late, failing, not_polled)


def summary_fields(status: Status) -> dict[str, object]:
    """The status as the key=value pairs of one log line."""
    return {
        "feeds_ok": status.feeds.ok,
        "feeds_late": status.feeds.late,
        "feeds_failing": status.feeds.failing,
        "feeds_not_polled": status.feeds.not_polled,
        "polls": status.polls,
        "articles": status.articles,
        "matches": sum(status.matches.values()),
        "alerts": sum(status.alerts.values()),
        "delivered": sum(counts.get("delivered", 0) for counts in status.deliveries.values()),
        "pending": sum(counts.get("pending", 0) for counts in status.deliveries.values()),
        "quarantined": status.quarantined,
        "lag": sum(status.lag.values()),
        "kafka": "lost" if status.kafka_lost else "up",
        "stages_up": sum(stage.state == "up" for stage in status.stages),
    }
