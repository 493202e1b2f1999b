"""Shows the progress of the one long download: a bar on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol, TextIO


class FetchProgress(Protocol):
    """Shows a download. `received` is called from several threads, with a negative number after a failed attempt."""

    def fetching(self, kafka_version: str, file_count: int, size_bytes: int) -> AbstractContextManager[None]: ...

    def received(self, size_bytes: int) -> None: ...


class LineProgress:
    """One line at the start and one at the end, for logs and pipes."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    @contextmanager
    def fetching(self, kafka_version: str, file_count: int, size_bytes: int) -> Iterator[None]:
        self._say(f"downloading Apache Kafka {kafka_version} (once): {file_count} files, {size_bytes / 1e6:.0f} MB")
        yield
        self._say(f"Apache Kafka {kafka_version} is complete")

    def received(self, size_bytes: int) -> None:
        """Do nothing: a line per file would be noise."""

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
            self._task = self._progress.add_task(f"downloading Apache Kafka {kafka_version} (once)", total=size_bytes)
            yield

    def received(self, size_bytes: int) -> None:
        self._progress.update(self._task, advance=size_bytes)


def progress_for_terminal() -> FetchProgress:
    """A bar if standard error is a terminal, else lines on standard error."""
    return BarProgress() if sys.stderr.isatty() else LineProgress(sys.stderr)
