"""Writes a feed's report to Kafka: articles, notices, outcome, state, each acknowledged before the next is sent.

A report cut off anywhere is repeated under the same poll number with equal ids, because the state comes last.
In: reports and leases. Out: whether all of it is on Kafka. I/O: Kafka, through the Kafka writer.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from newsmon import metrics
from newsmon.errors import PublishError
from newsmon.logs import get_logger
from newsmon.net.monitoring import Health
from newsmon.records import FeedState, Notice
from producers.health.network_outage import NetworkOutage
from producers.polling.feed_states import FeedStates, Lease
from producers.polling.kafka_writer import KafkaWriter
from producers.polling.slots import FeedSlots
from producers.reports.poll_report import FeedReport

RETRY_S = 5.0
RETRY_MAX_S = 60.0

log = get_logger(__name__)


class ReportWriter:
    """Writes the reports of all feeds of a replica. A PublishError delays the feed; it is never raised, except by `save_state`."""

    def __init__(self, writer: KafkaWriter, states: FeedStates, slots: FeedSlots, outage: NetworkOutage, health: Health) -> None:
        self._writer = writer
        self._states = states
        self._slots = slots
        self._outage = outage
        self._health = health
        self._writing: set[str] = set()
        self._failure_counts: dict[str, int] = {}
        self.settled_count = 0  # reports that Kafka has taken or refused for good

    def is_writing(self, feed_id: str) -> bool:
        return feed_id in self._writing

    def has_failed(self, feed_id: str) -> bool:
        """True when Kafka refused the feed's last report."""
        return feed_id in self._failure_counts

    async def write(self, report: FeedReport, lease: Lease) -> bool:
        """True when the whole report is on Kafka and its state remembered. Otherwise the poll is repeated, here or by another replica."""
        feed_id = report.state.feed_id
        self._writing.add(feed_id)
        try:
            await self._publish_outage()
            if not await self._write_in_order(report, lease):
                log.info("poll.given_up", feed_id=feed_id, reason="the feed moved to another replica")
                return False
        except PublishError as error:
            self._delay(feed_id, error)
            return False
        finally:
            self._writing.discard(feed_id)
        self.settled_count += 1
        if self._slots.kafka_down:
            self._slots.kafka_down = self._slots.kafka_away = False
            self._slots.end_delays()
        self._failure_counts.pop(feed_id, None)
        count_notices(report.notices)
        return True

    async def write_notices(self, state: FeedState, notices: tuple[Notice, ...], lease: Lease) -> None:
        """Publish notices that no poll raised, and the state that remembers them. A failure is logged; the next review tries again."""
        try:
            if self._states.holds(lease):
                await self._writer.write_notices(notices)
                await self.save_state(state, lease)
                count_notices(notices)
        except PublishError as error:
            log.warning("notice.not_published", feed_id=state.feed_id, reason=str(error)[:300])

    async def save_state(self, state: FeedState, lease: Lease) -> None:
        """Write the state, then remember it. The caller has checked the lease; PublishError leaves the remembered state as it was."""
        write = self._states.state_write_after(state)
        if write.base is not None:
            await self._writer.write_known(write.base)
        await self._writer.write_state(write.record)
        self._states.remember(write, lease)

    async def _publish_outage(self) -> None:
        """Notices about our own network go out with the first report that can be published."""
        while self._outage.notices:
            notice = self._outage.notices.pop(0)  # taken out first, because several polls end at once
            try:
                await self._writer.write_notices([notice])
            except PublishError:
                self._outage.notices.insert(0, notice)
                raise
            count_notices([notice])

    async def _write_in_order(self, report: FeedReport, lease: Lease) -> bool:
        """False when the feed moved to another replica before its articles were written, or right after."""
        if not self._states.holds(lease):
            return False
        await self._writer.write_articles(report.articles)
        if not self._states.holds(lease):
            return False
        await self._writer.write_notices(report.notices)
        await self._writer.write_outcome(report.outcome)
        await self.save_state(report.state, lease)
        return True

    def _delay(self, feed_id: str, error: PublishError) -> None:
        """The state is untouched, so the poll is repeated: when Kafka is back, or after a wait that doubles with every failure."""
        if error.retryable:  # otherwise Kafka refuses this feed's records only
            self._slots.kafka_down = self._slots.kafka_away = True
        else:
            self.settled_count += 1
        count = self._failure_counts.get(feed_id, 0) + 1
        self._failure_counts[feed_id] = count
        wait_s = min(RETRY_S * 2.0 ** min(count - 1, 5), RETRY_MAX_S)
        self._slots.delay(feed_id, datetime.now(UTC) + timedelta(seconds=wait_s))
        self._health.waiting_for("kafka", str(error)[:200])
        log.error("poll.not_published", feed_id=feed_id, reason=str(error)[:300], retry_in_s=wait_s)


def count_notices(notices: Sequence[Notice]) -> None:
    """Count and log notices that Kafka has acknowledged."""
    for notice in notices:
        metrics.NOTICES.labels(notice.kind.value, notice.state.value).inc()
        log.warning("notice.published", state=notice.state.value, kind=notice.kind.value, subject=notice.subject, reason=notice.text)
