"""The producer process: which feeds are due -> fetch -> parse -> compare -> publish, for as long as it runs.

A poll's articles are acknowledged before its outcome is published, and its outcome before its state: a poll cut off
anywhere is repeated under the same number with equal ids. What goes wrong with one feed concerns that feed only.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import time
from collections import Counter
from collections.abc import Coroutine, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from newsmon import metrics
from newsmon.errors import PublishError
from newsmon.kafka.admin import ensure_topics
from newsmon.logs import get_logger
from newsmon.net.monitoring import Health, MonitoringServer
from newsmon.quarantine import Stage
from newsmon.records import Feed, FeedState, FetchResult, Notice
from newsmon.settings import Settings
from newsmon.settings.feeds import load_feeds
from newsmon.words.watch import WordWatch
from producers.answers.moves import is_proposed
from producers.answers.outcome import SUCCESSES
from producers.health.condition import FeedHealth, health_of
from producers.health.outage import Outage
from producers.health.trouble import KINDS, SAID, told
from producers.http.fetch import Fetcher
from producers.http.site_limits import Pacing
from producers.polling.follow_up import Rounds
from producers.polling.poller import Poller, pace_of
from producers.polling.publisher import Publisher
from producers.polling.save import save_state
from producers.polling.state_log import FeedStates, Lease
from producers.rounds.poll import PollReport
from producers.timing.schedule import first_poll_delay_s
from producers.timing.turn import due_at, in_turn
from producers.websub.hubs import load_keys
from producers.workers.parse_pool import Parsing

TURN_S = 0.1
DRAIN_S = 12.0  # with leaving the group and closing the producer it stays below 25 s
LEAVE_GROUP_S = 5.0
PUBLISH_RETRY_S = 5.0
REVIEW_EVERY = timedelta(seconds=60)
PROBES_AT_ONCE = 3  # while nothing can be reached
FIRST_APART_S = 0.2  # feeds never polled before start this far apart ...
FIRST_SPREAD_S = 20.0  # ... and all of them within this

log = get_logger(__name__)


def run(settings: Settings) -> int:
    """Poll until SIGTERM or SIGINT; returns 0 after a drained stop. SettingsError and DependencyError end the start."""
    feeds = load_feeds(settings.producer.feeds_file)
    words = WordWatch(settings.words.directory, keep_in=settings.state_dir)
    words.start()
    if settings.websub.callback_url:
        load_keys(settings.websub)
    ensure_topics(settings)
    metrics.announce_feeds(feed.feed_id for feed in feeds)
    metrics.announce_quarantine([Stage.PRODUCER])
    metrics.announce_notices(SAID)
    metrics.FEEDS_CONFIGURED.set(len(feeds))
    health = Health("producer")
    monitoring = settings.monitoring
    with MonitoringServer(health, bind=monitoring.bind, port=monitoring.producer_port or 0, setting="monitoring.producer_port"):
        return asyncio.run(Producer(settings, feeds, health, words).run())


def waited_s(state: FeedState) -> float:
    """Between its last poll and the next: what makes a feed stale is that nobody came then, whatever decided about the wait."""
    return (state.next_due_at - state.polled_at).total_seconds()


class Producer:
    """One replica; `run()` returns its exit code."""

    def __init__(self, settings: Settings, feeds: tuple[Feed, ...], health: Health, words: WordWatch) -> None:
        self._settings = settings.producer
        self._feeds: Mapping[str, Feed] = {feed.feed_id: feed for feed in feeds}
        self._health = health
        self._pacing = Pacing(timedelta(seconds=self._settings.host_spacing_s), self._settings.domain_concurrency)
        self._worker = f"producer@{socket.gethostname()}:{os.getpid()}"
        self._publisher = Publisher(settings)
        self._states = FeedStates(settings, self._feeds, quarantine=self._publisher.quarantine, worker=self._worker)
        self._parsing = Parsing(timeout_s=self._settings.parse_timeout_s, worker_count=self._settings.parse_workers)
        self._rounds = Rounds(settings, self._feeds, self._states, self, self._publisher, self._parsing, self._worker)
        self._outage = Outage(self._worker)
        self._polls: dict[str, asyncio.Task[None]] = {}
        self._publishing: set[str] = set()
        self._not_before: dict[str, datetime] = {}  # first polls spread out, and polls whose publishing failed
        self._failed_publish_count: dict[str, int] = {}
        self._kafka_down = False
        self._told_states: dict[str, datetime] = {}  # feeds held, and since when
        self._words = words
        self._words_every = timedelta(seconds=settings.themes.reload_check_s)
        self._words_at = self._review_at = datetime.now(UTC)
        self._pacer: asyncio.Task[None] | None = None
        self._stop = asyncio.Event()

    async def run(self) -> int:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stop.set)
        self._health.waiting_for("partitions", "no feeds assigned yet")
        self._spread_first_polls()
        self._states.start()
        try:
            async with Fetcher(self._settings) as fetcher, self._rounds:
                poller = Poller(
                    fetcher, self._parsing, self._settings, self._worker, outage=self._outage, after_fetch=self._rounds.after_fetch
                )
                while not self._stop.is_set():
                    self._turn(poller)
                    with contextlib.suppress(TimeoutError):
                        await asyncio.wait_for(self._stop.wait(), TURN_S)
                await self._drain()
        finally:
            self._states.stop()
            await asyncio.to_thread(self._states.join, LEAVE_GROUP_S)
            self._parsing.close()
            await asyncio.to_thread(self._publisher.close)
        return 0

    def _spread_first_polls(self) -> None:
        now = datetime.now(UTC)
        spread_s = min(FIRST_SPREAD_S, self._settings.interval_s, FIRST_APART_S * len(self._feeds))
        for position, feed_id in enumerate(self._feeds):
            self._not_before[feed_id] = now + timedelta(seconds=first_poll_delay_s(position, len(self._feeds), spread_s=spread_s))

    def _turn(self, poller: Poller) -> None:
        """Start every poll that is due, as far as there is room."""
        self._health.beat()
        if self._states.failed is not None:
            raise self._states.failed
        owned = self._states.owned()
        if owned:
            self._health.has("partitions")
        self._show_states(owned)
        now = datetime.now(UTC)
        if now >= self._words_at:
            self._words_at = now + self._words_every
            self._words.look()
        if now >= self._review_at:
            self._review(owned, poller, now)
        # While Kafka takes nothing one poll at a time finds out whether it does again: no feed is fetched for nothing.
        room = 1 if self._kafka_down else PROBES_AT_ONCE if self._outage.since else self._settings.concurrency
        if not self._kafka_down:
            self._rounds.turn(owned, now)
        if len(self._polls) >= room:
            return  # nobody need be looked at
        waiting = [(self._due_at(feed_id, now), feed_id) for feed_id in owned if feed_id not in self._polls]
        for feed_id in in_turn(waiting, lambda one: self._pacing.is_free(self._feeds[one].url, now=now), now=now):
            lease = self._states.lease(feed_id)
            if lease is not None:
                self._pacing.take(self._feeds[feed_id].url, now=now)
                self.start(feed_id, self._poll(self._feeds[feed_id], lease, poller))
            if len(self._polls) >= room:
                return

    def may_start(self, feed_id: str) -> bool:
        """Whether nothing is under way for the feed, and Kafka takes what comes of it."""
        now = datetime.now(UTC)
        return feed_id not in self._polls and not self._kafka_down and self._not_before.get(feed_id, now) <= now

    def start(self, feed_id: str, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """One piece of work on a feed at a time."""
        task = asyncio.create_task(work, name=feed_id)
        self._polls[feed_id] = task
        task.add_done_callback(lambda done: self._done(feed_id, done))
        return task

    def _review(self, owned: tuple[str, ...], poller: Poller, now: datetime) -> None:
        """Once in a while over all feeds: the pace they share, how they are doing, and who is due and was not polled."""
        self._review_at = now + REVIEW_EVERY
        states = {feed_id: self._states.state_of(feed_id) for feed_id in owned}
        if self._pacer is None or self._pacer.done():
            self._pacer = asyncio.create_task(self._set_pace(poller, states))
            self._pacer.add_done_callback(self._note_failure)
        words: Counter[FeedHealth] = Counter()
        for feed_id, state in states.items():
            health = health_of(state, now=now, watched_since=self._told_states.get(feed_id))
            words[health.word] += 1
            metrics.FEED_WELL.labels(feed_id).set(health.word not in KINDS)
            lease = self._states.lease(feed_id)
            if state is not None and lease is not None and health.word is FeedHealth.LATE and feed_id not in self._polls:
                again_after = timedelta(seconds=self._settings.renotice_s)
                notices, following = told(state, health, now=now, again_after=again_after)
                if notices:
                    self.start(feed_id, self._tell(following, notices, lease))
        for word in FeedHealth:
            metrics.FEEDS_BY_HEALTH.labels(word.value).set(words[word])
        metrics.FEED_MOVES_PROPOSED.set(sum(state is not None and is_proposed(state, now=now) for state in states.values()))
        metrics.NETWORK_AWAY.set(self._outage.since is not None)

    async def _set_pace(self, poller: Poller, states: Mapping[str, FeedState | None]) -> None:
        """Half a second's work for 10,000 feeds: on a thread, so that polls go on meanwhile."""
        poller.pace = await asyncio.to_thread(pace_of, states, self._feeds, self._settings)
        metrics.POLL_PACE.set(poller.pace)

    async def _tell(self, state: FeedState, notices: tuple[Notice, ...], lease: Lease) -> None:
        """Notices that no poll brings, and the state that remembers them."""
        try:
            if self._states.holds(lease):
                await self._publisher.publish_notices(notices)
                await save_state(state, lease, self._states, self._publisher)
                self._noticed(notices)
        except PublishError as error:
            log.warning("notice.not_published", feed_id=state.feed_id, reason=str(error)[:300])

    def _noticed(self, notices: Sequence[Notice]) -> None:
        for notice in notices:
            metrics.NOTICES.labels(notice.kind.value, notice.state.value).inc()
            log.warning("notice.published", state=notice.state.value, kind=notice.kind.value, subject=notice.subject, reason=notice.text)

    def _show_states(self, owned: tuple[str, ...]) -> None:
        """What feeds that arrived had reached elsewhere or before a restart, for the metrics: else every restart looks like silence."""
        arrived = set(owned) - set(self._told_states)
        if arrived:
            self._review_at = datetime.now(UTC)
        for feed_id in arrived:
            state = self._states.state_of(feed_id)
            if state is None:
                continue
            metrics.FEED_POLL_INTERVAL.labels(feed_id).set(waited_s(state))
            if state.last_success_at is not None:
                metrics.FEED_LAST_SUCCESS.labels(feed_id).set(state.last_success_at.timestamp())
            if state.last_new_article_at is not None:
                metrics.FEED_LAST_NEW_ARTICLE.labels(feed_id).set(state.last_new_article_at.timestamp())
        if arrived or len(owned) != len(self._told_states):
            metrics.give_up_feeds(set(self._told_states).difference(owned))
            now = datetime.now(UTC)
            self._told_states = {feed_id: self._told_states.get(feed_id, now) for feed_id in owned}

    def _due_at(self, feed_id: str, now: datetime) -> datetime:
        return due_at(
            self._feeds[feed_id],
            self._states.state_of(feed_id),
            not_before=self._not_before.get(feed_id, now),
            publishing_failed=feed_id in self._failed_publish_count,
        )

    def _done(self, feed_id: str, task: asyncio.Task[None]) -> None:
        self._polls.pop(feed_id, None)
        self._publishing.discard(feed_id)
        self._note_failure(task)

    def _note_failure(self, task: asyncio.Task[None]) -> None:
        """What escaped from a task ends the process: it is a bug, and the supervisor starts anew."""
        if not task.cancelled() and (error := task.exception()) is not None:
            self._states.failed = error if isinstance(error, Exception) else RuntimeError(str(error))

    async def _poll(self, feed: Feed, lease: Lease, poller: Poller) -> None:
        """One poll of one feed, from request to acknowledged state."""
        try:
            found = await poller.poll(feed, self._states.state_of(feed.feed_id))
        finally:
            self._pacing.release(feed.url)
        if await self.is_published(feed, found, lease):
            self._told(feed, found)

    async def is_published(self, feed: Feed, found: PollReport, lease: Lease) -> bool:
        """Whether everything is on Kafka and remembered; else it is repeated, here or where the feed went."""
        self._publishing.add(feed.feed_id)
        try:
            await self._publish_outage()
            if not await self._published(found, lease):
                log.info("poll.given_up", feed_id=feed.feed_id, reason="the feed moved to another replica")
                return False
        except PublishError as error:
            self._publish_failed(feed, error)
            return False
        self._kafka_down = False
        self._failed_publish_count.pop(feed.feed_id, None)
        return True

    async def _publish_outage(self) -> None:
        """What the network has to be told about goes with the first poll that can be published."""
        while self._outage.notices:
            notice = self._outage.notices.pop(0)  # taken first: several polls end at once
            try:
                await self._publisher.publish_notices([notice])
            except PublishError:
                self._outage.notices.insert(0, notice)
                raise
            self._noticed([notice])

    async def _published(self, found: PollReport, lease: Lease) -> bool:
        """Articles, notices, outcome, state, each acknowledged before the next; False when the feed moved away."""
        if not self._states.holds(lease):
            return False
        await self._publisher.publish_articles(found.articles)
        if not self._states.holds(lease):
            return False
        await self._publisher.publish_notices(found.notices)
        await self._publisher.publish_outcome(found.outcome)
        await save_state(found.state, lease, self._states, self._publisher)
        return True

    def _publish_failed(self, feed: Feed, error: PublishError) -> None:
        """The state is untouched: the poll is repeated, the later the more often it failed."""
        self._kafka_down = error.retryable  # else it is this feed's records that Kafka will not have
        count = self._failed_publish_count.get(feed.feed_id, 0) + 1
        self._failed_publish_count[feed.feed_id] = count
        wait_s = min(PUBLISH_RETRY_S * 2.0 ** min(count - 1, 5), 60.0)
        self._not_before[feed.feed_id] = datetime.now(UTC) + timedelta(seconds=wait_s)
        self._health.waiting_for("kafka", str(error)[:200])
        log.error("poll.not_published", feed_id=feed.feed_id, reason=str(error)[:300], retry_in_s=wait_s)

    def _told(self, feed: Feed, found: PollReport) -> None:
        """Metrics, holds and one log line for a poll whose state is on Kafka."""
        outcome, state = found.outcome, found.state
        self._health.has("kafka")
        metrics.FEED_FETCHES.labels(feed.feed_id, outcome.result.value).inc()
        metrics.FEED_POLL_INTERVAL.labels(feed.feed_id).set(waited_s(state))
        metrics.FEED_GAPS.labels(feed.feed_id).inc(outcome.gap_suspected)
        metrics.FEED_LIES.labels(feed.feed_id).inc(outcome.validator_lied)
        if outcome.due_reason is not None:
            metrics.POLLS_PLANNED.labels(outcome.due_reason.value).inc()
        self._noticed(found.notices)
        metrics.ARTICLES_INGESTED.labels(feed.feed_id).inc(len(found.articles))
        for reason, count in outcome.rejected.items():
            metrics.ENTRIES_REJECTED.labels(reason.value).inc(count)
        if outcome.result in SUCCESSES:
            metrics.FEED_LAST_SUCCESS.labels(feed.feed_id).set(time.time())
        if found.articles:
            metrics.FEED_LAST_NEW_ARTICLE.labels(feed.feed_id).set(time.time())
        for article in found.articles:
            if article.published_at is not None and not article.baseline:
                metrics.ARTICLE_PUBLISH_TO_FETCH.observe((article.first_seen_at - article.published_at).total_seconds())
        if outcome.result is FetchResult.RATE_LIMITED:  # 503 concerns the feed alone
            metrics.DOMAIN_HOLDS.inc()
            self._pacing.hold_domain(feed.url, outcome.next_due_at)
        if outcome.gap_suspected:
            log.warning("poll.gap_suspected", feed_id=feed.feed_id, reason="no entry in common with the poll before")
        level = log.info if outcome.result in SUCCESSES else log.warning
        level(
            "poll.done", feed_id=feed.feed_id, reason=outcome.result.value, status=outcome.status, new_count=outcome.new_count,
            revised_count=outcome.revised_count, known_count=outcome.known_count, detail=outcome.detail,
        )  # fmt: skip

    async def _drain(self) -> None:
        """Polls still fetching are dropped (nothing happened yet); those publishing are finished."""
        for feed_id, task in list(self._polls.items()):
            if feed_id not in self._publishing:
                task.cancel()
        self._health.beat()
        left = list(self._polls.values())
        if left:
            await asyncio.wait(left, timeout=DRAIN_S)
        self._publisher.give_up()
