"""Counts and logs reports once their state is on Kafka.

I/O: metrics and the log.
"""

from __future__ import annotations

import time

from newsmon import metrics
from newsmon.logs import get_logger
from newsmon.records import FeedState
from producers.answers.outcome import SUCCESSES
from producers.reports.poll_report import FeedReport

log = get_logger(__name__)


def planned_wait_s(state: FeedState) -> float:
    """Seconds from the feed's last poll to its next: a feed is stale when that time passes without a poll."""
    return (state.next_due_at - state.polled_at).total_seconds()


def count_articles(report: FeedReport) -> None:
    """Count what a poll and a push have in common: articles, rejections, and the delay from publication to first sight."""
    feed_id = report.state.feed_id
    metrics.ARTICLES_INGESTED.labels(feed_id).inc(len(report.articles))
    for reason, count in report.outcome.rejected.items():
        metrics.ENTRIES_REJECTED.labels(reason.value).inc(count)
    if report.articles:
        metrics.FEED_LAST_NEW_ARTICLE.labels(feed_id).set(time.time())
    for article in report.articles:
        if article.published_at is not None and not article.baseline:
            metrics.ARTICLE_PUBLISH_TO_FETCH.observe((article.first_seen_at - article.published_at).total_seconds())


def count_poll(report: FeedReport) -> None:
    """Count one poll and write its log line."""
    outcome, state = report.outcome, report.state
    metrics.FEED_FETCHES.labels(state.feed_id, outcome.result.value).inc()
    metrics.FEED_POLL_INTERVAL.labels(state.feed_id).set(planned_wait_s(state))
    metrics.FEED_GAPS.labels(state.feed_id).inc(outcome.gap_suspected)
    metrics.FEED_LIES.labels(state.feed_id).inc(outcome.validator_lied)
    if outcome.due_reason is not None:
        metrics.POLLS_PLANNED.labels(outcome.due_reason.value).inc()
    if outcome.result in SUCCESSES:
        metrics.FEED_LAST_SUCCESS.labels(state.feed_id).set(time.time())
    count_articles(report)
    if outcome.gap_suspected:
        log.warning("poll.gap_suspected", feed_id=state.feed_id, reason="no entry in common with the poll before")
    level = log.info if outcome.result in SUCCESSES else log.warning
    level(
        "poll.done", feed_id=state.feed_id, reason=outcome.result.value, status=outcome.status, new_count=outcome.new_count,
        revised_count=outcome.revised_count, known_count=outcome.known_count, detail=outcome.detail,
    )  # fmt: skip


def show_state(state: FeedState) -> None:
    """Set the feed's gauges from a state that came from Kafka; without this, every restart looks like silence."""
    metrics.FEED_POLL_INTERVAL.labels(state.feed_id).set(planned_wait_s(state))
    if state.last_success_at is not None:
        metrics.FEED_LAST_SUCCESS.labels(state.feed_id).set(state.last_success_at.timestamp())
    if state.last_new_article_at is not None:
        metrics.FEED_LAST_NEW_ARTICLE.labels(state.feed_id).set(state.last_new_article_at.timestamp())
