"""Reviews all feeds of the replica once a minute: their shared pace, their health, and notices about feeds that are not polled.

In: the feeds held now. Out: the poller's pace, metrics, notices. I/O: metrics; the pace is computed on a thread.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from newsmon import metrics
from newsmon.records import EntryRejection, FeedState
from producers.answers.redirects import is_move_proposed
from producers.health.feed_health import FeedHealth, health_of
from producers.health.feed_notices import NOTICE_KIND_OF, health_notices
from producers.health.network_outage import NetworkOutage
from producers.health.rejection_notices import is_lasting
from producers.polling.poller import Poller, pace_of_feeds
from producers.polling.replica import Replica
from producers.polling.report_metrics import show_state

REVIEW_EVERY = timedelta(seconds=60)


class FeedReview:
    """Remembers which feeds the replica holds and since when: a feed is not late for the time before."""

    def __init__(self, replica: Replica, outage: NetworkOutage) -> None:
        self._replica = replica
        self._outage = outage
        self._held_since: dict[str, datetime] = {}
        self._next_at = datetime.now(UTC)
        self._pacing: asyncio.Task[None] | None = None
        self._was_down = False

    def run_if_due(self, owned: tuple[str, ...], poller: Poller, now: datetime) -> None:
        """Review the feeds when a minute has passed since the last review, or when feeds have arrived."""
        self.show_owned(owned)
        self._note_kafka(now)
        if now >= self._next_at:
            self._next_at = now + REVIEW_EVERY
            self._review(owned, poller, now)

    def _note_kafka(self, now: datetime) -> None:
        """No feed is late for the time in which Kafka took nothing: that is told as one trouble, not as one of each feed."""
        is_down = self._replica.slots.kafka_down
        if self._was_down and not is_down:
            self._held_since = dict.fromkeys(self._held_since, now)
        self._was_down = is_down

    def clock_stepped(self, now: datetime) -> None:
        """The system clock was set: review at once, and call no feed late for the time that was skipped."""
        self._next_at = now
        self._held_since = dict.fromkeys(self._held_since, now)

    def show_owned(self, owned: tuple[str, ...]) -> None:
        """Set the gauges of feeds that arrived, and clear those of feeds that went to another replica."""
        arrived = set(owned) - set(self._held_since)
        if arrived:
            self._next_at = datetime.now(UTC)
        for feed_id in arrived:
            state = self._replica.states.state_of(feed_id)
            if state is not None:
                show_state(state)
        if arrived or len(owned) != len(self._held_since):
            metrics.give_up_feeds(set(self._held_since).difference(owned))
            now = datetime.now(UTC)
            self._held_since = {feed_id: self._held_since.get(feed_id, now) for feed_id in owned}

    def _review(self, owned: tuple[str, ...], poller: Poller, now: datetime) -> None:
        states = {feed_id: self._replica.states.state_of(feed_id) for feed_id in owned}
        if self._pacing is None or self._pacing.done():
            self._pacing = asyncio.create_task(self._set_pace(poller, states))
            self._replica.slots.watch(self._pacing)
        words: Counter[FeedHealth] = Counter()
        for feed_id, state in states.items():
            health = health_of(state, now=now, watched_since=self._held_since.get(feed_id))
            words[health.word] += 1
            metrics.FEED_WELL.labels(feed_id).set(health.word not in NOTICE_KIND_OF)
            lease = self._replica.states.lease(feed_id)
            is_told = health.word is FeedHealth.LATE and not self._replica.slots.kafka_down
            if state is not None and lease is not None and is_told and not self._replica.slots.is_taken(feed_id):
                again_after = timedelta(seconds=self._replica.settings.producer.renotice_s)
                notices, following = health_notices(state, health, now=now, again_after=again_after)
                if notices:
                    self._replica.slots.start(feed_id, self._replica.reports.write_notices(following, notices, lease))
        for word in FeedHealth:
            metrics.FEEDS_BY_HEALTH.labels(word.value).set(words[word])
        metrics.FEED_MOVES_PROPOSED.set(sum(state is not None and is_move_proposed(state, now=now) for state in states.values()))
        lasting = Counter(one.reason for state in states.values() if state is not None for one in state.rejecting if is_lasting(one))
        for reason in EntryRejection:
            metrics.FEEDS_REJECTING.labels(reason.value).set(lasting[reason])
        metrics.NETWORK_AWAY.set(self._outage.since is not None)

    async def _set_pace(self, poller: Poller, states: Mapping[str, FeedState | None]) -> None:
        """On a thread: 10,000 feeds take half a second, and polls go on meanwhile."""
        poller.pace = await asyncio.to_thread(pace_of_feeds, states, self._replica.feeds, self._replica.settings.producer)
        metrics.POLL_PACE.set(poller.pace)
