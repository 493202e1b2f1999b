"""Parse workers: each job has limits, and a stuck one delays no other."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from pathlib import Path

import pytest
from support.drafts import FEED, NOW
from support.worker_jobs import end_by, killed_the_first_times, sleep

from newsmon.records import FetchResult
from producers.articles.parse_job import ParsedBody, ParseJob
from producers.workers import worker_pool as parsing
from producers.workers.worker_fault import WorkerFault
from producers.workers.worker_pool import WorkerError, WorkerPool

GOOD = b'<rss version="2.0"><channel><item><title>T</title><link>https://a.example/1</link></item></channel></rss>'
STUCK = GOOD.replace(b"</item>", b"<a></a>" * 1_500_000 + b"</item>")  # feedparser takes its time for each element


def job(body: bytes) -> ParseJob:
    return ParseJob(FEED, body, "", FEED.url, 2_000, NOW)


async def test_while_one_feed_keeps_a_worker_busy_the_others_are_parsed() -> None:
    workers = WorkerPool(cpu_limit_s=60.0, worker_count=2)
    try:
        stuck = asyncio.create_task(workers.parse(job(STUCK)))
        await asyncio.sleep(0)
        for _ in range(3):
            assert (await workers.parse(job(GOOD))).result is FetchResult.OK
        assert not stuck.done()
        assert len(workers.pids()) == 2
        stuck.cancel()
        await asyncio.wait([stuck])
        assert (await workers.parse(job(GOOD))).result is FetchResult.OK
    finally:
        workers.close()


async def test_a_second_process_is_started_only_when_the_first_is_busy() -> None:
    workers = WorkerPool(cpu_limit_s=60.0, worker_count=4)
    try:
        for _ in range(3):
            assert (await workers.parse(job(GOOD))).result is FetchResult.OK
        assert len(workers.pids()) == 1
    finally:
        workers.close()


def _burn(_job: ParseJob) -> ParsedBody:
    while True:
        pass


def test_the_kernel_ends_a_job_that_takes_too_much_processor_time_even_if_nobody_watches() -> None:
    child = os.fork()
    if child == 0:  # the worker's own limit, without a parent that looks at the clock
        parsing._limited(_burn, job(GOOD), 1.0)
        os._exit(0)
    deadline_s = time.monotonic() + 120
    while time.monotonic() < deadline_s:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            assert os.WIFSIGNALED(status)
            assert os.WTERMSIG(status) == signal.SIGXCPU
            return
        time.sleep(0.05)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    raise AssertionError("the limit did not end it")


async def test_a_job_that_takes_too_much_memory_costs_itself_only() -> None:
    workers = WorkerPool(cpu_limit_s=60.0)
    try:
        with pytest.raises(WorkerError, match="MemoryError"):
            await workers.run(bytearray, parsing.MEMORY_LIMIT_BYTES)
        assert (await workers.parse(job(GOOD))).result is FetchResult.OK
    finally:
        workers.close()


async def test_elapsed_time_is_no_fault_of_the_job() -> None:
    workers = WorkerPool(cpu_limit_s=1.0)
    try:
        assert await workers.run(sleep, 2.5) == "done"
    finally:
        workers.close()


async def test_a_worker_killed_from_outside_costs_no_poll(tmp_path: Path) -> None:
    workers = WorkerPool(cpu_limit_s=60.0)
    try:
        assert await workers.run(killed_the_first_times, (tmp_path / "count", 2)) == "done at attempt 3"
    finally:
        workers.close()


async def test_a_worker_that_is_always_killed_is_no_fault_of_the_feed(monkeypatch: pytest.MonkeyPatch) -> None:
    workers = WorkerPool(cpu_limit_s=60.0)
    try:
        with pytest.raises(WorkerError) as caught:
            await workers.run(end_by, signal.SIGKILL)
        assert caught.value.fault is WorkerFault.KILLED
        monkeypatch.setattr("producers.workers.worker_pool.drafts_of_body", killed)
        found = await workers.parse(job(GOOD))
        assert (found.result, found.lost_here) == (FetchResult.PARSE_ERROR, True)
    finally:
        workers.close()


def killed(_job: ParseJob) -> None:
    end_by(signal.SIGKILL)


async def test_a_parser_that_takes_its_process_down_is_the_feeds_fault() -> None:
    workers = WorkerPool(cpu_limit_s=60.0)
    try:
        with pytest.raises(WorkerError, match="signal 11") as caught:
            await workers.run(end_by, signal.SIGSEGV)
        assert caught.value.fault is WorkerFault.CRASHED
    finally:
        workers.close()


async def test_a_job_that_hangs_gives_its_worker_free() -> None:
    workers = WorkerPool(cpu_limit_s=1.0, hang_s=1.0)
    try:
        with pytest.raises(WorkerError, match="hung") as caught:
            await workers.run(sleep, 3600.0)
        assert caught.value.fault is WorkerFault.HUNG
        workers.hang_s = 120.0
        assert (await workers.parse(job(GOOD))).result is FetchResult.OK
    finally:
        workers.close()
