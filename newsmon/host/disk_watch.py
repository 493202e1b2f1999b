"""Watches the free space of the disks this process writes to: metrics, and one line when it gets low, is gone, or is back.

In: directories. Out: newsmon_disk_free_bytes and newsmon_disk_space_level, log lines `disk.*`. I/O: statvfs(3) every few seconds.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

from newsmon.host.disks import Disk, DiskUse, SpaceLevel, in_words, read_disks, why_full
from newsmon.logs import get_logger
from newsmon.metrics import DISK_FREE, DISK_LEVEL

EVERY_S = 5.0

log = get_logger(__name__)


class DiskWatch:
    """A thread that looks until closed; a context manager."""

    def __init__(self, found: Callable[[], dict[DiskUse, Path]], *, every_s: float = EVERY_S) -> None:
        self._found = found
        self._every_s = every_s
        self._disks: tuple[Disk, ...] = ()
        self._full: frozenset[Path] = frozenset()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="disk-watch", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None) -> None:
        self._stopped.set()

    def _run(self) -> None:
        while True:
            self.look()
            if self._stopped.wait(self._every_s):
                return

    def look(self) -> None:
        """Look once: set the metrics, and say what has changed."""
        before = {use: disk.level for disk in self._disks for use in disk.uses}
        self._disks = read_disks(self._found(), self._disks)
        full = {disk.directory: why for disk in self._disks if (why := why_full(disk.directory)) is not None}
        for directory in self._full - full.keys():
            log.warning("disk.no_longer_full", directory=str(directory))
        for disk in self._disks:
            for use in disk.uses:
                DISK_FREE.labels(use.value).set(disk.free_bytes)
                DISK_LEVEL.labels(use.value).set(disk.level.number)
            _say(disk, before.get(disk.uses[0], SpaceLevel.ENOUGH))
        for directory in full.keys() - self._full:
            log.error(
                "disk.full", directory=str(directory), reason=full[directory],
                consequence="nothing can be stored until there is room; then everything continues by itself",
            )  # fmt: skip
        self._full = frozenset(full)


def _say(disk: Disk, was: SpaceLevel) -> None:
    if disk.level is was:
        return
    said = {"directory": str(disk.directory), "free": in_words(disk.free_bytes), "size": in_words(disk.size_bytes)}
    if disk.level is SpaceLevel.ENOUGH:
        log.info("disk.enough", **said)
    elif disk.level is SpaceLevel.CRITICAL:
        log.error("disk.critical", **said)
    elif was is SpaceLevel.ENOUGH:
        log.warning("disk.low", **said)
