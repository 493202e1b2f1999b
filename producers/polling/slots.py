"""One task per feed at a time, so that a feed's poll numbers and states follow one another.

I/O: asyncio tasks.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any


class FeedSlots:
    """A slot per feed. `kafka_away`, `kafka_down` and `not_before` decide whether a feed's slot may be taken now.

    Kafka is down from the first report it did not take until the next that it took. It is away as long as it does not even answer.

    `failure` is the first exception that escaped from a task: a bug, which ends the process.
    """

    def __init__(self) -> None:
        self.kafka_down = False
        self.kafka_away = False
        self.not_before: dict[str, datetime] = {}  # spreads first polls, and delays repeats of polls that Kafka refused
        self.failure: Exception | None = None
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._delayed: set[str] = set()

    def __len__(self) -> int:
        return len(self._tasks)

    def delay(self, feed_id: str, until: datetime) -> None:
        """Do not take the feed's slot before that time, unless `end_delays` comes first."""
        self.not_before[feed_id] = until
        self._delayed.add(feed_id)

    def end_delays(self) -> None:
        """Kafka is back: feeds that waited for it need not wait any longer."""
        for feed_id in self._delayed:
            self.not_before.pop(feed_id, None)
        self._delayed.clear()

    def is_taken(self, feed_id: str) -> bool:
        return feed_id in self._tasks

    def may_start(self, feed_id: str) -> bool:
        """True when the slot is free, the feed need not wait, and Kafka accepts records."""
        now = datetime.now(UTC)
        return feed_id not in self._tasks and not self.kafka_down and self.not_before.get(feed_id, now) <= now

    def start(self, feed_id: str, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Run `work` in the feed's slot; the slot is free again when it ends."""
        task = asyncio.create_task(work, name=feed_id)
        self._tasks[feed_id] = task
        task.add_done_callback(lambda done: self._done(feed_id, done))
        return task

    def clock_stepped(self, by: timedelta) -> None:
        """The system clock was set by `by`: what waits does so for as long as it would have."""
        self.not_before = {feed_id: at + by for feed_id, at in self.not_before.items()}

    def tasks(self) -> dict[str, asyncio.Task[None]]:
        """The tasks running now, by feed."""
        return dict(self._tasks)

    def watch(self, task: asyncio.Task[None]) -> None:
        """Keep the exception of a task that belongs to no feed."""
        task.add_done_callback(self._keep_failure)

    def _done(self, feed_id: str, task: asyncio.Task[None]) -> None:
        self._tasks.pop(feed_id, None)
        self._keep_failure(task)

    def _keep_failure(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()) is not None and self.failure is None:
            self.failure = error if isinstance(error, Exception) else RuntimeError(str(error))
