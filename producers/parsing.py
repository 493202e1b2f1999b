"""Parsing and cleaning in one worker process, so that a poison feed costs a time-out and not the loop.

In: bytes. Out: drafts of articles, or why there are none. I/O: a child process, started anew after a time-out or crash.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import resource
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from datetime import datetime

from newsmon.records import EntryRejection, Feed, FetchResult
from producers.clean import Draft, draft_of
from producers.entry import NotAFeedError
from producers.parse import parse_feed

RECYCLE_AFTER = 500  # parses per process: parsers and language models leak slowly
MEMORY_LIMIT_BYTES = 2 * 1024**3


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
    drafts: list[Draft | EntryRejection] = [
        draft_of(entry, job.feed, base=found.base, first_seen_at=job.first_seen_at) for entry in found.entries
    ]
    drafts += [EntryRejection.OVER_ENTRY_LIMIT] * found.over_limit
    return Parsed(FetchResult.OK, tuple(drafts), found.ttl_s)


def _limit_worker() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_LIMIT_BYTES, MEMORY_LIMIT_BYTES))


class Parsing:
    """One worker process at a time; jobs wait their turn."""

    def __init__(self, *, timeout_s: float) -> None:
        self._timeout_s = timeout_s
        self._turn = asyncio.Lock()
        self._pool: ProcessPoolExecutor | None = None

    async def parse(self, job: Job) -> Parsed:
        """The parsed body; a time-out, a crash or too much memory ends the worker and gives PARSE_ERROR."""
        async with self._turn:
            try:
                async with asyncio.timeout(self._timeout_s):
                    return await asyncio.get_running_loop().run_in_executor(self._worker(), parse_job, job)
            except TimeoutError:
                self._end_worker()
                return Parsed(FetchResult.PARSE_ERROR, detail=f"not parsed within {self._timeout_s:.0f} s")
            except (BrokenProcessPool, MemoryError) as error:
                self._end_worker()
                return Parsed(FetchResult.PARSE_ERROR, detail=f"the parser's process ended: {type(error).__name__}")

    def close(self) -> None:
        self._end_worker()

    def _worker(self) -> ProcessPoolExecutor:
        if self._pool is None:
            self._pool = ProcessPoolExecutor(
                1, mp_context=multiprocessing.get_context("spawn"), initializer=_limit_worker, max_tasks_per_child=RECYCLE_AFTER
            )
        return self._pool

    def _end_worker(self) -> None:
        pool, self._pool = self._pool, None
        if pool is None:
            return
        # Before Python 3.14 an executor has no public way to end a worker that will not return.
        for process in list((getattr(pool, "_processes", None) or {}).values()):
            process.kill()
        pool.shutdown(wait=False, cancel_futures=True)
