"""The producer process: polls feeds that are due and publishes what they bring, until it is stopped.

A failure of one feed affects that feed only. I/O: Kafka, HTTP, worker processes, signals.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import threading
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import partial

from newsmon import metrics
from newsmon.clock import ClockStep, ClockWatch
from newsmon.kafka.admin import ensure_topics
from newsmon.liveness.dependencies import SeldomSaid, Stopped, wait_for
from newsmon.liveness.progress_watch import ProgressWatch
from newsmon.liveness.signals import stop_on_signals
from newsmon.logs import get_logger
from newsmon.net.monitoring import Health, MonitoringServer
from newsmon.quarantine import Stage
from newsmon.records import Feed, FetchResult
from newsmon.settings import Settings
from newsmon.settings.feed_credentials import FeedCredentials, load_credentials
from newsmon.settings.feeds import load_feeds
from newsmon.words.watch import WordWatch
from producers.answers.outcome import Fetched
from producers.articles.publishers import publishers_of
from producers.health.feed_notices import PRODUCER_NOTICE_KINDS
from producers.health.network_outage import NetworkOutage
from producers.http.fetch import Fetcher
from producers.http.site_limits import SiteLimits
from producers.polling.feed_review import FeedReview
from producers.polling.feed_states import FeedStates, Lease
from producers.polling.hub_updates import HubUpdates
from producers.polling.kafka_writer import KafkaWriter
from producers.polling.page_updates import PageUpdates
from producers.polling.poller import Poller
from producers.polling.progress import PollWork
from producers.polling.replica import Replica
from producers.polling.report_metrics import count_poll
from producers.polling.report_writer import ReportWriter
from producers.polling.slots import FeedSlots
from producers.reports.poll_report import FeedReport
from producers.timing.poll_order import due_at, poll_order
from producers.timing.schedule import first_poll_delay_s
from producers.websub.hubs import load_keys
from producers.workers.worker_pool import WorkerPool

LOOP_S = 0.1
QUIET_LOOP_S = 0.5  # while no poll is under way; none starts later than this
DRAIN_S = 12.0  # with leaving the group and closing the Kafka producer, a stop takes less than 25 s
LEAVE_GROUP_S = 5.0
PROBES_AT_ONCE = 3  # polls at once while our network is down, or until Kafka has taken a report again
REACH_AGAIN_S = 1.0
DUE_FOR = timedelta(seconds=30)
FIRST_APART_S = 0.2  # feeds never polled before start this far apart ...
FIRST_SPREAD_S = 20.0  # ... and all of them within this

log = get_logger(__name__)


def run(settings: Settings) -> int:
    """Poll until SIGTERM or SIGINT; returns 0 after a clean stop. Waits for Kafka; SettingsError and RefusedError prevent the start."""
    feeds = load_feeds(settings.producer.feeds_file)
    credentials = load_credentials(settings.producer.feeds_file)
    words = WordWatch(settings.words.directory, keep_in=settings.state_dir)
    words.start()
    if settings.websub.callback_url:
        load_keys(settings.websub)
    metrics.announce_feeds(feed.feed_id for feed in feeds)
    metrics.announce_quarantine([Stage.PRODUCER])
    metrics.announce_notices(PRODUCER_NOTICE_KINDS)
    metrics.FEEDS_CONFIGURED.set(len(feeds))
    health = Health("producer")
    monitoring = settings.monitoring
    server = MonitoringServer(health, bind=monitoring.bind, port=monitoring.producer_port, setting="monitoring.producer_port")
    with server, stop_on_signals() as stop:
        try:
            wait_for("kafka", partial(ensure_topics, settings), health, stop)
        except Stopped:
            return 0
        return asyncio.run(Producer(settings, feeds, health, words, credentials).run(stop))


class Producer:
    """One replica; `run()` returns its exit code."""

    def __init__(
        self, settings: Settings, feeds: tuple[Feed, ...], health: Health, words: WordWatch, credentials: Mapping[str, FeedCredentials]
    ) -> None:
        self._settings = settings.producer
        self._feeds: Mapping[str, Feed] = {feed.feed_id: feed for feed in feeds}
        self._health = health
        self._site_limits = SiteLimits(timedelta(seconds=self._settings.host_spacing_s), self._settings.domain_concurrency)
        self._worker = f"producer@{socket.gethostname()}:{os.getpid()}"
        self._writer = KafkaWriter(settings)
        self._states = FeedStates(settings, self._feeds, quarantine=self._writer.quarantine, worker=self._worker)
        self._workers = WorkerPool(cpu_limit_s=self._settings.parse_timeout_s, worker_count=self._settings.parse_workers)
        self._outage = NetworkOutage(self._worker)
        self._slots = FeedSlots()
        self._reports = ReportWriter(self._writer, self._states, self._slots, self._outage, health)
        replica = self._replica = Replica(
            settings, self._feeds, self._states, self._slots, self._reports, self._worker, publishers=publishers_of(feeds)
        )  # fmt: skip
        self._review = FeedReview(replica, self._outage)
        self._pages = PageUpdates(replica)
        self._hubs = HubUpdates(replica, self._workers, self._pages.with_waiting_pages, health) if settings.websub.callback_url else None
        self._credentials = credentials
        self._words = words
        self._words_every = timedelta(seconds=settings.themes.reload_check_s)
        self._words_at = datetime.now(UTC)
        self._clock = ClockWatch()
        self._stop = asyncio.Event()
        self._reaching: asyncio.Task[None] | None = None
        self._started_at = datetime.now(UTC)
        work = PollWork(settings, self._due_count, self._states.owned, lambda: self._reports.settled_count)
        self._watch = ProgressWatch(settings, health, work)

    async def run(self, stopped: threading.Event) -> int:
        """Poll until a signal comes; `stopped` is set if one came before."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stop.set)
        if stopped.is_set():
            self._stop.set()
        self._health.waiting_for("partitions", "no feeds assigned yet")
        self._spread_first_polls()
        self._states.start()
        self._watch.start()
        try:
            async with Fetcher(self._settings) as fetcher, self._pages, self._hubs or contextlib.nullcontext():
                poller = Poller(
                    fetcher, self._workers, self._settings, self._worker, outage=self._outage, after_fetch=self._after_fetch,
                    credentials=self._credentials, across=self._replica.across, publishers=self._replica.publishers,
                )  # fmt: skip
                while not self._stop.is_set():
                    self._start_due(poller)
                    is_quiet = not len(self._slots) and bool(self._states.owned())
                    with contextlib.suppress(TimeoutError):
                        await asyncio.wait_for(self._stop.wait(), QUIET_LOOP_S if is_quiet else LOOP_S)
                await self._drain()
        finally:
            self._watch.stop()
            self._states.stop()
            await asyncio.to_thread(self._states.join, LEAVE_GROUP_S)
            self._workers.close()
            await asyncio.to_thread(self._writer.close)
        return 0

    def _spread_first_polls(self) -> None:
        now = datetime.now(UTC)
        spread_s = min(FIRST_SPREAD_S, self._settings.interval_s, FIRST_APART_S * len(self._feeds))
        for position, feed_id in enumerate(self._feeds):
            delay_s = first_poll_delay_s(position, len(self._feeds), spread_s=spread_s)
            self._slots.not_before[feed_id] = now + timedelta(seconds=delay_s)

    def _start_due(self, poller: Poller) -> None:
        """Start everything that is due, within the limits on concurrency."""
        self._health.beat()
        for failure in (self._states.failed, self._slots.failure):
            if failure is not None:
                raise failure
        step = self._clock.look()
        if step is not None:
            self._clock_stepped(step)
        owned = self._states.owned()
        self._show_ownership(owned)
        self._replica.look_at_new_feeds(owned)
        now = datetime.now(UTC)
        if now >= self._words_at:
            self._words_at = now + self._words_every
            self._words.look()
        self._review.run_if_due(owned, poller, now)
        room = self._room()
        if room and not self._slots.kafka_down:
            if self._hubs is not None:
                self._hubs.start_due(owned, now)
            self._pages.start_due(owned, now)
        if len(self._slots) >= room:
            return  # saves looking over all feeds
        waiting = [(self._due_at(feed_id, now), feed_id) for feed_id in owned if not self._slots.is_taken(feed_id)]
        for feed_id in poll_order(waiting, lambda one: self._site_limits.is_free(self._feeds[one].url, now=now), now=now):
            lease = self._states.lease(feed_id)
            if lease is not None:
                self._site_limits.take(self._feeds[feed_id].url, now=now)
                self._slots.start(feed_id, self._poll(self._feeds[feed_id], lease, poller))
            if len(self._slots) >= room:
                return

    def _show_ownership(self, owned: tuple[str, ...]) -> None:
        """Ready only while there are feeds to poll, and all that were assigned are."""
        if owned:
            self._health.has("partitions")
        else:
            self._health.waiting_for("partitions", "no feeds assigned")
        unread_count = self._states.unread_count()
        if unread_count:
            self._health.waiting_for("states", f"the feeds' states are still to be read on {unread_count} partitions")
        else:
            self._health.has("states")

    def _room(self) -> int:
        """The most tasks at once. While Kafka does not answer, none: no feed is fetched in vain."""
        if not self._slots.kafka_away:
            return PROBES_AT_ONCE if self._slots.kafka_down or self._outage.since else self._settings.concurrency
        if self._reaching is None or self._reaching.done():
            self._reaching = asyncio.create_task(self._reach_kafka())
            self._slots.watch(self._reaching)
        return 0

    def _clock_stepped(self, step: ClockStep) -> None:
        """The system clock was set: no feed waits, and none is polled early, by more than that moment."""
        log.error("clock.stepped", step_s=round(step.seconds, 1), now=step.at.isoformat())
        metrics.CLOCK_STEPS.inc()
        self._states.clock_stepped(step)
        self._slots.clock_stepped(step.span)
        self._site_limits.clock_stepped(step.span)
        self._outage.clock_stepped(step.span)
        self._review.clock_stepped(step.at)
        self._words_at = step.at

    def _due_at(self, feed_id: str, now: datetime) -> datetime:
        return due_at(
            self._feeds[feed_id],
            self._states.state_of(feed_id),
            not_before=self._slots.not_before.get(feed_id, now),
            publishing_failed=self._reports.has_failed(feed_id),
        )

    def _due_count(self) -> int:
        """The number of feeds that could have been polled by now, whatever the last attempt came to; called by the watch's thread."""
        now = datetime.now(UTC)
        due_before = now - DUE_FOR
        return sum(
            self._due_since(feed_id) < due_before and self._site_limits.is_free(self._feeds[feed_id].url, now=now)
            for feed_id in self._states.owned()
        )

    def _due_since(self, feed_id: str) -> datetime:
        state = self._states.state_of(feed_id)
        return self._slots.not_before.get(feed_id, self._started_at) if state is None else state.next_due_at

    async def _reach_kafka(self) -> None:
        """Return when Kafka answers; the next polls find out whether it also takes records."""
        seldom = SeldomSaid()
        while (reason := await self._writer.reach()) is not None:
            self._health.waiting_for("kafka", reason)
            if seldom.is_due():
                log.warning("kafka.waiting", reason=reason)
            await asyncio.sleep(REACH_AGAIN_S)
        self._slots.kafka_away = False
        self._slots.end_delays()
        log.info("kafka.answers")

    async def _poll(self, feed: Feed, lease: Lease, poller: Poller) -> None:
        """One poll of one feed, from the request to the acknowledged state."""
        try:
            report = await poller.poll(feed, self._states.state_of(feed.feed_id))
        finally:
            self._site_limits.answered(feed.url)
        if await self._reports.write(report, lease):
            self._health.has("kafka")
            if report.outcome.result is FetchResult.RATE_LIMITED:  # a 429 holds the whole site, a 503 only its feed
                metrics.DOMAIN_HOLDS.inc()
                self._site_limits.hold_domain(feed.url, report.outcome.next_due_at)
            count_poll(report)

    def _after_fetch(self, feed: Feed, report: FeedReport, fetched: Fetched) -> FeedReport:
        """The poll's report with the feed's hub and the pages to be read."""
        now = datetime.now(UTC)
        if self._hubs is not None:
            report = self._hubs.after_poll(feed, report, fetched, now)
        return self._pages.with_waiting_pages(feed, report, now)

    async def _drain(self) -> None:
        """Cancel polls that are still fetching, which have had no effect yet, and finish those that are publishing."""
        for feed_id, task in self._slots.tasks().items():
            if not self._reports.is_writing(feed_id):
                task.cancel()
        self._health.beat()
        left = list(self._slots.tasks().values())
        if left:
            await asyncio.wait(left, timeout=DRAIN_S)
        self._writer.give_up()
