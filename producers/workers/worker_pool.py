"""Worker processes for parsing and cleaning, with limits on memory per process and on CPU time per job.

In: a job. Out: its result, or why there is none. I/O: child processes. A process is started when all others are busy, replaced after a
failure or a number of jobs, and ended when it has had nothing to do for a while.

CPU time decides whether a job takes too long, because only CPU time depends on the job: on a busy machine even a small feed may take long,
mostly for starting the worker. Elapsed time only guards against a job that hangs without using the processor.
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

from newsmon.logs import get_logger
from newsmon.metrics import WORKER_FAULTS
from newsmon.records import FetchResult
from newsmon.words import WordFiles, Words, current, use
from producers.articles.parse_job import ParsedBody, ParseJob, drafts_of_body
from producers.workers.worker_fault import IN_PLACE, OURS, WorkerFault, fault_of_exit

RECYCLE_AFTER = 5_000  # jobs per process: parsers and language models leak slowly
LEAVE_AFTER_S = 120.0  # one without jobs takes 30 to 45 MiB; starting it again with the next feed that changed costs half a CPU second
HANG_S = 300.0  # elapsed, in addition to the CPU limit; includes starting the worker on the busiest machine
REPEAT_AFTER_S = (0.2, 2.0)  # a worker that was killed or did not start: the job is tried again with the same bytes
EXIT_CODE_WITHIN_S, EXIT_CODE_LOOK_S = 5.0, 0.02
MEMORY_LIMIT_BYTES = 2 * 1024**3
PR_SET_PDEATHSIG = 1  # prctl(2)

J = TypeVar("J")
A = TypeVar("A")

log = get_logger(__name__)


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
    """The worker gave no result; `fault` says whether that was the job's doing or ours."""

    def __init__(self, fault: WorkerFault, detail: str) -> None:
        self.fault = fault
        super().__init__(detail)


class WorkerPool:
    """A fixed number of worker processes; further jobs wait. `cpu_limit_s` is per job."""

    def __init__(
        self, *, cpu_limit_s: float, worker_count: int = 1, recycle_after: int = RECYCLE_AFTER, hang_s: float = HANG_S,
        leave_after_s: float = LEAVE_AFTER_S,
    ) -> None:  # fmt: skip
        """`leave_after_s`: a process that gets no job for so long ends; the next job starts another."""
        self.cpu_limit_s = cpu_limit_s
        self.hang_s = hang_s
        self._leave_after_s = leave_after_s
        self._free = [_Worker(recycle_after) for _ in range(worker_count)]  # used last in, first out
        self._workers = tuple(self._free)
        self._free_worker = asyncio.Semaphore(worker_count)
        for fault in WorkerFault:
            WORKER_FAULTS.labels(fault.value)

    async def parse(self, job: ParseJob) -> ParsedBody:
        """The parsed body, or PARSE_ERROR, with `lost_here` if the feed is not to blame."""
        try:
            return await self.run(drafts_of_body, job)
        except WorkerError as error:
            return ParsedBody(FetchResult.PARSE_ERROR, detail=str(error), lost_here=error.fault in OURS)

    async def run(self, work: Callable[[J], A], job: J) -> A:
        """The result of `work`, a module-level function, in a worker; WorkerError when it gives none.

        If a worker is killed from outside or does not start, the job is not to blame and is tried twice more.
        """
        async with self._free_worker:
            worker = self._free.pop()
            worker.stay()
            try:
                for wait_s in REPEAT_AFTER_S:
                    try:
                        return await worker.run(work, job, self.cpu_limit_s, self.hang_s)
                    except WorkerError as error:
                        WORKER_FAULTS.labels(error.fault.value).inc()
                        if error.fault not in IN_PLACE:
                            raise
                        log.warning("worker.repeats", reason=str(error), retry_in_s=wait_s)
                        await asyncio.sleep(wait_s)
                return await worker.run(work, job, self.cpu_limit_s, self.hang_s)
            finally:
                self._free.append(worker)
                worker.leave_after(self._leave_after_s)

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
        self._leaving: asyncio.TimerHandle | None = None

    def leave_after(self, seconds: float) -> None:
        """End the process then, unless `stay` is called before."""
        self._leaving = asyncio.get_running_loop().call_later(seconds, self.end)

    def stay(self) -> None:
        if self._leaving is not None:
            self._leaving.cancel()
            self._leaving = None

    async def run(self, work: Callable[[J], A], job: J, cpu_limit_s: float, hang_s: float) -> A:
        if self._job_count >= self._recycle_after or self._words is not current():
            self.end()
        self._job_count += 1
        try:
            waiting = self._submitted(work, job, cpu_limit_s)
        except (OSError, RuntimeError) as refused:  # no memory, no process or no thread left
            self.end()
            raise WorkerError(WorkerFault.NOT_STARTED, f"no worker process could be started here: {refused}"[:300]) from refused
        try:
            done, _ = await asyncio.wait((waiting,), timeout=cpu_limit_s + hang_s)
        except asyncio.CancelledError:
            waiting.cancel()
            self.end()  # otherwise the next job would wait for this one
            raise
        if not done:
            waiting.cancel()
            self.end()
            raise WorkerError(WorkerFault.HUNG, f"the worker process hung: no result after {cpu_limit_s + hang_s:.0f} s")
        error = waiting.exception()
        if isinstance(error, BrokenProcessPool):
            code = await self._exit_code()
            self.end()
            raise WorkerError(*fault_of_exit(code, cpu_limit_s=cpu_limit_s))
        if error is not None:
            self.end()
            raise WorkerError(WorkerFault.JOB_FAILED, f"the parser failed: {type(error).__name__}: {error}"[:300])
        return waiting.result()

    async def _exit_code(self) -> int | None:
        """How the process ended. The pool's own thread may be reaping it just now, so this may take a moment."""
        processes = list((self._pool._processes or {}).values()) if self._pool else []  # noqa: SLF001 - there is no public way
        for _ in range(int(EXIT_CODE_WITHIN_S / EXIT_CODE_LOOK_S)):
            code = next((process.exitcode for process in processes if process.exitcode is not None), None)
            if code is not None:
                return code
            await asyncio.sleep(EXIT_CODE_LOOK_S)
        return None

    def pids(self) -> tuple[int, ...]:
        processes = self._pool._processes if self._pool else None  # noqa: SLF001 - there is no public way
        return tuple(processes or ())

    def end(self) -> None:
        self.stay()
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
