"""How the one long fetch of newsmon is shown: a bar on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol, TextIO


class FetchProgress(Protocol):
    """Told about a fetch; `received` is called from several threads, and with a negative number when an attempt failed."""

    def fetching(self, kafka_version: str, file_count: int, size_bytes: int) -> AbstractContextManager[None]: ...

    def received(self, size_bytes: int) -> None: ...


class LineProgress:
    """One line at the start, one at the end: for logs and pipes."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    @contextmanager
    def fetching(self, kafka_version: str, file_count: int, size_bytes: int) -> Iterator[None]:
        self._say(f"fetching Apache Kafka {kafka_version}, once: {file_count} files, {size_bytes / 1e6:.0f} MB")
        yield
        self._say(f"Apache Kafka {kafka_version} is complete")

    def received(self, size_bytes: int) -> None:
        """Nothing: forty lines for forty files help nobody."""

    def _say(self, line: str) -> None:
        print(line, file=self._stream, flush=True)


class BarProgress:
    """A bar with bytes, speed and time left."""

    def __init__(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn

        columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn())
        self._progress = Progress(*columns, console=Console(stderr=True))

    @contextmanager
    def fetching(self, kafka_version: str, file_count: int, size_bytes: int) -> Iterator[None]:
        with self._progress:
            self._task = self._progress.add_task(f"Apache Kafka {kafka_version}, once", total=size_bytes)
            yield

    def received(self, size_bytes: int) -> None:
        self._progress.update(self._task, advance=size_bytes)


def progress_for_terminal() -> FetchProgress:
    """Return the bar if standard error is a terminal, else lines on standard error."""
    return BarProgress() if sys.stderr.isatty() else LineProgress(sys.stderr)
