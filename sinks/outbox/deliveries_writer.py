"""Writes stored attempts to news.deliveries: an attempt is stored first, then published, then marked as published.

A crash in between publishes a record again, with the same content. In: unpublished attempt rows. Out: Delivery records.
I/O: the database, Kafka; one thread.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

from sqlalchemy import Connection, Engine, bindparam, select, update

from newsmon.codec import encode
from newsmon.errors import PublishError
from newsmon.kafka.publisher import Keyed, Publisher
from newsmon.logs import get_logger
from newsmon.records import Delivery
from newsmon.settings import Settings
from newsmon.topics import DELIVERIES
from sinks.database.engine import reading, writing_without_fsync
from sinks.database.faults import DATABASE_ERRORS, SinkFault, fault_of
from sinks.database.outbox_tables import attempts
from sinks.outbox.proofs import delivery_of

AT_ONCE = 500
ACK_TIMEOUT_S = 30.0
LAST_ACK_TIMEOUT_S = 3.0  # while stopping: what is not acknowledged by then is published after the next start
GATHER_S = 0.25  # nothing waits for these records, and publishing many at once leaves the disk to the deliveries
LOOK_AGAIN_S = 5.0  # finds rows of commands such as `deliveries replay`, and retries after an error

log = get_logger(__name__)


def unpublished(connection: Connection, limit: int = AT_ONCE) -> list[Delivery]:
    """Attempts not yet marked as published."""
    rows = connection.execute(select(attempts).where(attempts.c.published.is_(False)).limit(limit))
    return [delivery_of(row) for row in rows]


def mark_published(connection: Connection, published: Sequence[Delivery]) -> None:
    """Mark attempts that Kafka has acknowledged."""
    marked = (
        update(attempts)
        .where(attempts.c.delivery_id == bindparam("b_id"), attempts.c.attempt == bindparam("b_attempt"))
        .values(published=True)
    )
    ordered = sorted((one.delivery_id, one.attempt) for one in published)
    connection.execute(marked, [{"b_id": delivery_id, "b_attempt": attempt} for delivery_id, attempt in ordered])


class DeliveriesWriter:
    """A thread that publishes unpublished attempts, as soon as it is woken, until stopped."""

    def __init__(
        self, settings: Settings, engine: Engine, *, client_id: str, on_published: Callable[[Sequence[Delivery]], None]
    ) -> None:  # fmt: skip
        self._engine = engine
        self._publisher = Publisher(settings, client_id=client_id)
        self._on_published = on_published
        self._woken = threading.Event()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="deliveries-writer", daemon=True)

    def start(self) -> None:
        self._woken.set()  # an earlier process may have left some
        self._thread.start()

    def wake(self) -> None:
        """Publish new attempt rows now."""
        self._woken.set()

    def stop(self, timeout_s: float) -> None:
        """Publish what is left, if Kafka takes it soon, and end."""
        self._stop.set()
        self._woken.set()
        self._thread.join(timeout_s)

    def _run(self) -> None:
        while not self._stop.is_set():
            self._woken.wait(LOOK_AGAIN_S)
            self._stop.wait(GATHER_S)
            self._woken.clear()
            if not self._publish_all(ACK_TIMEOUT_S):
                self._stop.wait(1.0)
                self._woken.set()
        self._publish_all(LAST_ACK_TIMEOUT_S)
        self._publisher.close()  # what was not acknowledged is still marked unpublished

    def _publish_all(self, ack_timeout_s: float) -> bool:
        """Publish everything; False when Kafka or the database failed."""
        try:
            while True:
                with reading(self._engine) as connection:
                    batch = unpublished(connection)
                if not batch:
                    return True
                self._publish(batch, ack_timeout_s)
                with writing_without_fsync(self._engine) as connection:
                    mark_published(connection, batch)
                self._on_published(batch)
        except PublishError as error:
            log.warning("deliveries.not_published", reason=SinkFault.KAFKA.value, error=str(error))
        except DATABASE_ERRORS as error:
            log.warning("deliveries.not_published", reason=fault_of(error).value, error=type(error).__name__)
        return False

    def _publish(self, batch: Sequence[Delivery], ack_timeout_s: float) -> None:
        self._publisher.publish(DELIVERIES, [Keyed(one.alert_id.encode(), encode(one)) for one in batch], within_s=ack_timeout_s)
