"""A machine that can start no worker process now costs a poll a moment, never the producer."""

from __future__ import annotations

from typing import Any

import pytest

from producers.workers import worker_pool as pools
from producers.workers.worker_fault import WorkerFault
from producers.workers.worker_pool import WorkerError, WorkerPool


@pytest.mark.parametrize("refusal", [BlockingIOError(11, "Resource temporarily unavailable"), RuntimeError("can't start new thread")])
async def test_a_worker_that_cannot_be_started_is_no_fault_of_the_feed(monkeypatch: pytest.MonkeyPatch, refusal: Exception) -> None:
    def refuses(*_args: Any, **_options: Any) -> Any:
        raise refusal

    monkeypatch.setattr(pools.ProcessPoolExecutor, "submit", refuses)
    monkeypatch.setattr(pools, "REPEAT_AFTER_S", (0.0, 0.0))
    pool = WorkerPool(cpu_limit_s=1)
    with pytest.raises(WorkerError) as failed:
        await pool.run(abs, -1)
    pool.close()
    assert failed.value.fault is WorkerFault.NOT_STARTED
