"""Worker processes for parsing and cleaning, with limits on memory per process, and on CPU and wall time per job.

In: a job. Out: its result, or why there is none. I/O: child processes. A process is started when all others are busy, and replaced
after a time-out, a crash or a number of jobs.
"""

from __future__ import annotations

import asyncio
import ctypes
import math
import multiprocessing
import os
import resource
import signal
import sys
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import TypeVar

from newsmon.records import FetchResult
from newsmon.words import WordFiles, Words, current, use
from producers.articles.parse_job import ParsedBody, ParseJob, drafts_of_body

RECYCLE_AFTER = 5_000  # jobs per process: parsers and language models leak slowly
CPU_GRACE_S = 2.0  # more than the wall time, which normally ends a job first
MEMORY_LIMIT_BYTES = 2 * 1024**3
PR_SET_PDEATHSIG = 1  # prctl(2)

J = TypeVar("J")
A = TypeVar("A")


def _limited(work: Callable[[J], A], job: J, cpu_s: float) -> A:
    """The result of `work`, in the worker. The kernel ends the process at the CPU limit, even if its parent is gone."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    resource.setrlimit(resource.RLIMIT_CPU, (math.ceil(used.ru_utime + used.ru_stime + cpu_s), resource.RLIM_INFINITY))
    return work(job)


def _set_up_worker(parent_pid: int, words: WordFiles) -> None:
    """Limit memory, ignore Ctrl-C, and die with the parent: an idle worker would not notice that its parent was killed."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_LIMIT_BYTES, MEMORY_LIMIT_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent_pid:
        os._exit(1)
    use(Words(words))


class WorkerError(Exception):
    """The worker gave no result: it took too long or too much memory, or it crashed."""


class WorkerPool:
    """A fixed number of worker processes; further jobs wait."""

    def __init__(self, *, timeout_s: float, worker_count: int = 1, recycle_after: int = RECYCLE_AFTER) -> None:
        self.timeout_s = timeout_s
        self._free = [_Worker(recycle_after) for _ in range(worker_count)]  # used last in, first out
        self._workers = tuple(self._free)
        self._free_worker = asyncio.Semaphore(worker_count)

    async def parse(self, job: ParseJob) -> ParsedBody:
        """The parsed body. A time-out, a crash, too much memory or a parser bug ends the worker and gives PARSE_ERROR."""
        try:
            return await self.run(drafts_of_body, job)
        except WorkerError as error:
            return ParsedBody(FetchResult.PARSE_ERROR, detail=str(error))

    async def run(self, work: Callable[[J], A], job: J) -> A:
        """The result of `work`, a module-level function, in a worker; WorkerError when it gives none in time."""
        async with self._free_worker:
            worker = self._free.pop()
            try:
                return await worker.run(work, job, self.timeout_s)
            finally:
                self._free.append(worker)

    def pids(self) -> frozenset[int]:
        """The worker processes running now."""
        return frozenset(pid for worker in self._workers for pid in worker.pids())

    def close(self) -> None:
        for worker in self._workers:
            worker.end()


class _Worker:
    """A process that does one job at a time; started with its first job."""

    def __init__(self, recycle_after: int) -> None:
        self._recycle_after = recycle_after
        self._pool: ProcessPoolExecutor | None = None
        self._words = current()  # what its process was started with
        self._job_count = 0

    async def run(self, work: Callable[[J], A], job: J, timeout_s: float) -> A:
        if self._job_count >= self._recycle_after or self._words is not current():
            self.end()
        self._job_count += 1
        waiting = self._submitted(work, job, timeout_s + CPU_GRACE_S)
        try:
            done, _ = await asyncio.wait((waiting,), timeout=timeout_s)
        except asyncio.CancelledError:
            waiting.cancel()
            self.end()  # otherwise the next job would wait for this one
            raise
        if not done:
            waiting.cancel()
            self.end()
            raise WorkerError(f"not parsed within {timeout_s:.0f} s")
        error = waiting.exception()
        if error is not None:
            self.end()
            raise WorkerError(f"the parser failed: {type(error).__name__}: {error}"[:300])
        return waiting.result()

    def pids(self) -> tuple[int, ...]:
        processes = self._pool._processes if self._pool else None  # noqa: SLF001 - there is no public way
        return tuple(processes or ())

    def end(self) -> None:
        pool, self._pool, self._job_count = self._pool, None, 0
        if pool is None:
            return
        for process in list((pool._processes or {}).values()):  # noqa: SLF001 - kill_workers() comes with Python 3.14
            process.kill()
        pool.shutdown(wait=False, cancel_futures=True)

    def _submitted(self, work: Callable[[J], A], job: J, cpu_s: float) -> asyncio.Future[A]:
        try:
            return asyncio.wrap_future(self._process().submit(_limited, work, job, cpu_s))
        except BrokenProcessPool:  # it died while idle
            self.end()
            return asyncio.wrap_future(self._process().submit(_limited, work, job, cpu_s))

    def _process(self) -> ProcessPoolExecutor:
        if self._pool is None:
            self._words = current()
            self._pool = ProcessPoolExecutor(
                1, mp_context=multiprocessing.get_context("spawn"), initializer=_set_up_worker, initargs=(os.getpid(), self._words.files)
            )
        return self._pool
