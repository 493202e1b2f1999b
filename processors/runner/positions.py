"""Where the processor resumes: at its group's commits, as long as they belong to the log that is there.

Every commit names its log. After each assignment the commits are compared with the logs; where they disagree (replaced, truncated,
expired) reading starts at the beginning, the group commits that, and a notice says what was lost. The outputs have equal ids, so a
repeat changes nothing. A log that changes under our hands ends the process: the next one starts with the comparison.

In: partitions just assigned. Out: offsets, notices. I/O: Kafka.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime

from newsmon import ids
from newsmon.codec import encode
from newsmon.errors import DependencyError
from newsmon.kafka.positions.committed import Place, group_resumes
from newsmon.kafka.positions.identity import same_log
from newsmon.kafka.positions.loss_details import loss_detail
from newsmon.kafka.positions.resume import TROUBLE, Resume
from newsmon.logs import get_logger
from newsmon.metrics import LOG_LOSSES, RECORDS_LOST
from newsmon.records import Notice, NoticeKind, NoticeState, Severity
from newsmon.records.resume_reasons import ResumeReason
from newsmon.settings import Settings
from newsmon.topics import NOTICES
from processors.handling.kafka_access import KafkaAccess
from processors.handling.messages import Outgoing
from processors.runner.assignment import Assignment
from processors.runner.watchdog import exit_uncommitted

CONSUMER = "processor"
RETRY_S = 1.0
LOOK_EVERY_S = 10.0
LOOKS_BEFORE_EXIT = 2  # a partition that was assigned just now may not have been compared yet

log = get_logger(__name__)


class Positions:
    """The comparison after an assignment; `log_ids` are the logs that are read, for the metadata of commits."""

    def __init__(self, settings: Settings, kafka: KafkaAccess, *, group: str, topics: Iterable[str]) -> None:
        self._settings = settings
        self._kafka = kafka
        self._group = group
        self._topics = tuple(topics)
        self.log_ids: dict[str, str] = {}
        RECORDS_LOST.labels(CONSUMER)
        for reason in TROUBLE:
            LOG_LOSSES.labels(CONSUMER, reason.value)

    async def corrections(self, places: Iterable[Place]) -> dict[Place, int]:
        """The offsets at which to resume those partitions whose commit does not fit the log; what that loses has been told."""
        resumes = await self._resumes()
        self.log_ids = {topic: resume.log_id for (topic, _partition), resume in resumes.items() if resume.log_id is not None}
        wrong = {place: resumes[place] for place in places if place in resumes and resumes[place].is_trouble}
        for (topic, partition), resume in sorted(wrong.items()):
            LOG_LOSSES.labels(CONSUMER, resume.reason.value).inc()
            RECORDS_LOST.labels(CONSUMER).inc(resume.lost_count or 0)
            log.error(
                "offsets.records_lost", topic=topic, partition=partition, offset=resume.offset, reason=resume.reason.value,
                stored_offset=resume.stored, lost_count=resume.lost_count, log_before=resume.log_before, log_now=resume.log_id,
            )  # fmt: skip
        # The store reads the same topics and tells of a replaced log for all; only the processor knows what it has not read.
        expired = {place: resume for place, resume in wrong.items() if resume.reason is ResumeReason.EXPIRED}
        if expired:
            notice = lost_notice(expired, now=datetime.now(UTC))
            await self._kafka.publish([Outgoing(NOTICES, notice.subject.encode(), encode(notice))])
        return {place: resume.offset for place, resume in wrong.items()}

    async def _resumes(self) -> dict[Place, Resume]:
        while True:
            try:
                return await asyncio.to_thread(group_resumes, self._settings, self._group, self._topics)
            except DependencyError as error:
                log.warning("positions.waiting", error=str(error)[:200], retry_in_s=RETRY_S)
                await asyncio.sleep(RETRY_S)


def lost_notice(expired: Mapping[Place, Resume], *, now: datetime) -> Notice:
    """The notice of records that left the log before the processor read them. The same loss gets the same id again."""
    details = dict(loss_detail(topic, partition, resume) for (topic, partition), resume in sorted(expired.items()))
    count = sum(resume.lost_count or 0 for resume in expired.values())
    topics = ", ".join(sorted({topic for topic, _partition in expired}))
    return Notice(
        notice_id=ids.notice_id(NoticeKind.RECORDS_LOST.value, CONSUMER, "\n".join(map(str, details.items()))), revision=1,
        kind=NoticeKind.RECORDS_LOST, state=NoticeState.RAISED, subject=CONSUMER, severity=Severity.URGENT, opened_at=now, at=now,
        text=f"{count:,} records of {topics} left Kafka before the processor had read them: they were never classified or grouped. "
        "See `newsmon losses list`; `newsmon losses acknowledge` ends this notice.",
        stage=CONSUMER, details=details,
    )  # fmt: skip


class LogWatch(threading.Thread):
    """Ends the process when an assigned partition's log is no longer the one that is read, or a topic is gone."""

    def __init__(
        self, settings: Settings, assignment: Assignment, positions: Positions, *, group: str, topics: Iterable[str],
        end_process: Callable[[str], None] = exit_uncommitted, every_s: float = LOOK_EVERY_S,
    ) -> None:  # fmt: skip
        super().__init__(name="log-watch", daemon=True)
        self._settings = settings
        self._assignment = assignment
        self._positions = positions
        self._group = group
        self._topics = tuple(topics)
        self._end_process = end_process
        self._every_s = every_s
        self._wrong_count = 0
        self._stopped = threading.Event()

    def run(self) -> None:
        while not self._stopped.wait(self._every_s):
            try:
                resumes = group_resumes(self._settings, self._group, self._topics)
            except DependencyError:
                continue  # the watchdog says it
            except Exception as error:  # noqa: BLE001 - a surprise in a client library must not end the watch
                log.warning("watch.failed", watch=self.name, error=f"{type(error).__name__}: {error}"[:300])
                continue
            wrong = self.wrong(resumes)
            self._wrong_count = self._wrong_count + 1 if wrong else 0
            if self._wrong_count >= LOOKS_BEFORE_EXIT:
                self._end_process(f"the log is not the one that was read: {', '.join(wrong)}")
                return

    def stop(self) -> None:
        self._stopped.set()

    def wrong(self, resumes: Mapping[Place, Resume]) -> list[str]:
        """Each way in which the logs are not those that this process believes to read."""
        found = [
            f"{topic}-{partition} {resume.reason.value}"
            for (topic, partition) in sorted(self._assignment.partitions)
            if (resume := resumes.get((topic, partition))) is not None and resume.is_trouble
        ]
        now = {topic: resume.log_id for (topic, _partition), resume in resumes.items()}
        found += [
            f"{topic} is {log_id} by now"
            for topic, log_id in sorted(now.items())
            if not same_log(self._positions.log_ids.get(topic), log_id)
        ]
        gone = set(self._topics) - set(now)
        return found + [f"{topic} was deleted" for topic in sorted(gone)]
