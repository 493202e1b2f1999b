"""Parsing and cleaning in one worker process, so that a poison feed costs a time-out and not the loop.

In: bytes. Out: drafts of articles, or why there are none. I/O: a child process, started anew after a time-out or crash.
"""

from __future__ import annotations

import asyncio
import ctypes
import multiprocessing
import os
import resource
import signal
import sys
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from newsmon.records import EntryRejection, Feed, FetchResult
from producers.clean import Draft, draft_of
from producers.entry import DamagedFeedError, NotAFeedError
from producers.parse import parse_feed

RECYCLE_AFTER = 500  # parses per process: parsers and language models leak slowly
MEMORY_LIMIT_BYTES = 2 * 1024**3
PR_SET_PDEATHSIG = 1  # prctl(2)

J = TypeVar("J")
A = TypeVar("A")


@dataclass(frozen=True, slots=True)
class Job:
    """What the worker needs of one fetched body."""

    feed: Feed
    body: bytes
    content_type: str
    url: str
    max_entries: int
    first_seen_at: datetime


@dataclass(frozen=True, slots=True)
class Parsed:
    """`result` OK: the drafts (with rejections in their places) are the feed's entries. Else `detail` says why not."""

    result: FetchResult
    drafts: tuple[Draft | EntryRejection, ...] = ()
    ttl_s: int | None = None
    detail: str | None = None


def parse_job(job: Job) -> Parsed:
    """Parse and clean one body. [pure] Runs in the worker; also called directly by `newsmon parse`."""
    try:
        found = parse_feed(job.body, content_type=job.content_type, url=job.url, max_entries=job.max_entries)
    except NotAFeedError as error:
        return Parsed(FetchResult.NOT_A_FEED, detail=str(error)[:300])
    except DamagedFeedError as error:
        return Parsed(FetchResult.PARSE_ERROR, detail=str(error)[:300])
    drafts: list[Draft | EntryRejection] = [
        draft_of(entry, job.feed, base=found.base, first_seen_at=job.first_seen_at) for entry in found.entries
    ]
    drafts += [EntryRejection.OVER_ENTRY_LIMIT] * found.over_limit
    return Parsed(FetchResult.OK, tuple(drafts), found.ttl_s)


def _set_up_worker(parent_pid: int) -> None:
    """Limit memory, leave Ctrl-C to the parent, and end when it ends: a worker that waits for work does not notice a killed parent."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_LIMIT_BYTES, MEMORY_LIMIT_BYTES))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent_pid:
        os._exit(1)


class WorkerError(Exception):
    """The worker process gave no answer: too late, too much memory, or it died of its input."""


class Parsing:
    """One worker process at a time; jobs wait their turn."""

    def __init__(self, *, timeout_s: float, recycle_after: int = RECYCLE_AFTER) -> None:
        self._timeout_s = timeout_s
        self._recycle_after = recycle_after
        self._turn = asyncio.Lock()
        self._pool: ProcessPoolExecutor | None = None
        self._job_count = 0

    async def parse(self, job: Job) -> Parsed:
        """The parsed body; a time-out, a crash, too much memory or a bug in a parser ends the worker and gives PARSE_ERROR."""
        try:
            return await self.run(parse_job, job)
        except WorkerError as error:
            return Parsed(FetchResult.PARSE_ERROR, detail=str(error))

    async def run(self, work: Callable[[J], A], job: J) -> A:
        """What `work` (a module's own function) answers in the worker; WorkerError when it did not come to an answer in time."""
        async with self._turn:
            if self._job_count >= self._recycle_after:
                self._end_worker()
            self._job_count += 1
            waiting = self._submitted(work, job)
            try:
                done, _ = await asyncio.wait((waiting,), timeout=self._timeout_s)
            except asyncio.CancelledError:
                waiting.cancel()
                self._end_worker()  # else the next job would wait behind one that nobody wants
                raise
            if not done:
                waiting.cancel()
                self._end_worker()
                raise WorkerError(f"not parsed within {self._timeout_s:.0f} s")
            error = waiting.exception()
            if error is not None:
                self._end_worker()
                raise WorkerError(f"the parser failed: {type(error).__name__}: {error}"[:300])
            return waiting.result()

    def close(self) -> None:
        self._end_worker()

    def _submitted(self, work: Callable[[J], A], job: J) -> asyncio.Future[A]:
        try:
            return asyncio.wrap_future(self._worker().submit(work, job))
        except BrokenProcessPool:  # it died while it had nothing to do
            self._end_worker()
            return asyncio.wrap_future(self._worker().submit(work, job))

    def _worker(self) -> ProcessPoolExecutor:
        if self._pool is None:
            self._pool = ProcessPoolExecutor(
                1, mp_context=multiprocessing.get_context("spawn"), initializer=_set_up_worker, initargs=(os.getpid(),)
            )
        return self._pool

    def _end_worker(self) -> None:
        pool, self._pool, self._job_count = self._pool, None, 0
        if pool is None:
            return
        for process in list((pool._processes or {}).values()):  # noqa: SLF001 - kill_workers() comes with Python 3.14
            process.kill()
        pool.shutdown(wait=False, cancel_futures=True)
