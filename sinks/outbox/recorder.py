"""The event loop's access to the database: one thread, one transaction at a time, many attempts settled in one.

Faults that may pass (locked, disk full, connection lost) are retried until they do; no answer of a receiver is lost meanwhile.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from typing import TypeVar

from sqlalchemy import Connection, Engine

from newsmon.errors import DependencyError, RefusedError, StoreError
from newsmon.logs import get_logger
from newsmon.metrics import DATABASE_UP
from newsmon.net.monitoring import Health
from newsmon.records import DeliveryOutcome
from sinks.database.engine import reading, writing, writing_without_fsync
from sinks.database.faults import DATABASE_ERRORS, SinkFault, fault_of
from sinks.outbox.settle import Settled, is_stored, settle
from sinks.outbox.state.receiver_state import ReceiverState, write_state

T = TypeVar("T")
Transaction = Callable[[Engine], AbstractContextManager[Connection]]

BACKOFF_FIRST_S = 0.1
BACKOFF_LONGEST_S = 5.0
SETTLED_AT_ONCE = 500
# Two health reasons: while another writer holds the lock, reading still works.
READING, WRITING = "outbox_read", "outbox"
METRIC = "outbox"

log = get_logger(__name__)


class OutboxDatabase:
    """Runs functions of a connection on its own thread; use it from one event loop."""

    def __init__(self, engine: Engine, health: Health) -> None:
        self._engine = engine
        self._health = health
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="outbox")

    async def read(self, act: Callable[[Connection], T]) -> T:
        """The result of `act` on a snapshot. RefusedError: the tables are not ours."""
        return await self._persist(READING, reading, act)

    async def write(self, act: Callable[[Connection], T]) -> T:
        """The result of `act`, its writes committed. It may be called several times; all calls but the last were rolled back."""
        return await self._persist(WRITING, writing, act)

    async def write_without_fsync(self, act: Callable[[Connection], T]) -> T:
        """As `write`, for what a power failure may undo."""
        return await self._persist(WRITING, writing_without_fsync, act)

    def close(self) -> None:
        self._thread.shutdown(wait=False, cancel_futures=True)

    async def _persist(self, what: str, transaction: Transaction, act: Callable[[Connection], T]) -> T:
        def run() -> T:
            with transaction(self._engine) as connection:
                return act(connection)

        loop = asyncio.get_running_loop()
        backoff_s = BACKOFF_FIRST_S
        while True:
            try:
                answer = await loop.run_in_executor(self._thread, run)
            except DATABASE_ERRORS as error:
                fault, detail = fault_of(error), str(getattr(error, "orig", None) or error).strip()
                if fault is SinkFault.SCHEMA:
                    raise RefusedError("database", f"its tables do not match this version of newsmon: {detail}") from error
                if fault is SinkFault.DATA:
                    raise StoreError(f"the database refused an outbox row: {detail}", retryable=False) from error
                self._health.waiting_for(what, f"{fault}: {detail}")
                DATABASE_UP.labels(METRIC).set(0)
                log.error("outbox.waiting", reason=fault.value, error=detail, retry_in_s=backoff_s)
                await asyncio.sleep(backoff_s)
                backoff_s = min(BACKOFF_LONGEST_S, backoff_s * 2)
            else:
                self._health.has(what)
                DATABASE_UP.labels(METRIC).set(1)
                return answer


class Recorder:
    """Settles attempts in the order they ended, in one transaction all that ended since the last."""

    def __init__(
        self, database: OutboxDatabase, worker: str, *, on_recorded: Callable[[Settled, bool], None], after_commit: Callable[[], None]
    ) -> None:
        self._database = database
        self._worker = worker
        self._on_recorded = on_recorded
        self._after_commit = after_commit
        self._last: tuple[str, int] | None = None
        self._waiting: asyncio.Queue[tuple[Settled, ReceiverState, asyncio.Future[None]]] = asyncio.Queue()

    def record(self, settled: Settled, state: ReceiverState) -> asyncio.Future[None]:
        """Settle an attempt; the future is done once that is committed. `state` is the receiver's state after it."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.put_nowait((settled, state, done))
        return done

    def check_memory(self, connection: Connection) -> None:
        """DependencyError when the database no longer has what this process stored last: only a start learns what was sent since."""
        if self._last is not None and not is_stored(connection, *self._last):
            said = "it was put back to an older state while the deliver stage ran. The next start learns what was sent."
            raise DependencyError("database", said)

    async def run(self) -> None:
        """Settle until cancelled; cancel only when nothing waits."""
        while True:
            batch = [await self._waiting.get()]
            while not self._waiting.empty() and len(batch) < SETTLED_AT_ONCE:
                batch.append(self._waiting.get_nowait())
            first = await self._database.write(lambda connection, batch=tuple(batch): self._settle(connection, batch))  # type: ignore[misc]
            self._last = (batch[-1][0].due.delivery_id, batch[-1][0].due.attempt)
            self._after_commit()
            told: set[tuple[str, int]] = set()
            for settled, _state, done in batch:
                alert = (settled.due.alert_id, settled.due.revision)
                is_first = settled.outcome is DeliveryOutcome.DELIVERED and alert in first and alert not in told
                if is_first:
                    told.add(alert)
                self._on_recorded(settled, is_first)
                if not done.done():
                    done.set_result(None)

    def _settle(
        self, connection: Connection, batch: tuple[tuple[Settled, ReceiverState, asyncio.Future[None]], ...]
    ) -> frozenset[tuple[str, int]]:
        first = settle(connection, self._worker, [settled for settled, _state, _done in batch])
        latest = {settled.due.receiver: state for settled, state, _done in batch}
        for receiver in sorted(latest):
            write_state(connection, receiver, latest[receiver], now=datetime.now(UTC))
        return first
