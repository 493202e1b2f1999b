"""The free space of every disk that newsmon writes to on this machine, and whether that is enough.

In: directories. Out: `Disk` readings with a level. I/O: statvfs(3).
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from newsmon.settings import Settings

GIB, MIB = 1024**3, 1024**2
# Sized by what is written in lumps: a Kafka segment has 128 MB, and a SQLite database's log may grow by as much before its checkpoint.
# 512 MiB are room for two of each; 2 GiB are four times that, for people who look once a day.
LOW_BYTES, CRITICAL_BYTES = 2 * GIB, 512 * MIB
# Of a small disk these shares are meant: on a volume of 5 GiB, a warning at 2 GiB free would never end.
LOW_SHARE, CRITICAL_SHARE = 0.15, 0.05
LEAST_CRITICAL_BYTES = 128 * MIB  # `newsmon run` refuses to start below half of this
# The broker writes an index of 1 MiB and a segment's first batch before it answers, and stops when one of them fails.
FULL_BELOW_BYTES = 16 * MIB
OVER = 1.1  # a level ends when there is this much more than where it began, so that it does not come and go
FULL_ERRORS = frozenset({errno.ENOSPC, errno.EDQUOT})


class DiskUse(StrEnum):
    """What newsmon keeps on a disk; the metric label."""

    STATE = "state"
    DATABASE = "database"
    KAFKA = "kafka"


class SpaceLevel(StrEnum):
    """Whether there is enough free space."""

    ENOUGH = "enough"
    LOW = "low"
    CRITICAL = "critical"

    @property
    def number(self) -> int:
        """0, 1, 2: the value of the metric."""
        return list(SpaceLevel).index(self)


@dataclass(frozen=True, slots=True)
class Disk:
    """One reading of the disk below a directory."""

    uses: tuple[DiskUse, ...]
    directory: Path
    free_bytes: int
    size_bytes: int
    level: SpaceLevel

    def __str__(self) -> str:
        kept = " and ".join(use.value.capitalize() if use is DiskUse.KAFKA else use.value for use in self.uses)
        return f"{self.directory} ({kept}): {in_words(self.free_bytes)} free of {in_words(self.size_bytes)}"


def directories(settings: Settings, database: Path | None) -> dict[DiskUse, Path]:
    """The directories this machine writes to; `database` is the SQLite file, if that is what newsmon uses."""
    found = {DiskUse.STATE: settings.state_dir}
    if database is not None:
        found[DiskUse.DATABASE] = database.parent
    if _exists(kafka := settings.state_dir / "kafka"):
        found[DiskUse.KAFKA] = kafka
    return found


def read_disks(found: dict[DiskUse, Path], before: Iterable[Disk] = ()) -> tuple[Disk, ...]:
    """One reading per disk, however many uses it has. Directories that do not exist yet are read at their nearest parent."""
    levels = {use: disk.level for disk in before for use in disk.uses}
    by_device: dict[int, list[DiskUse]] = {}
    for use, directory in found.items():
        try:
            by_device.setdefault(_nearest(directory).stat().st_dev, []).append(use)
        except OSError:
            continue  # it went away: what writes there says so
    disks = []
    for uses in by_device.values():
        directory = _nearest(found[uses[0]])
        try:
            free_bytes, size_bytes = free_space(directory)
        except OSError:
            continue
        level = level_of(free_bytes, size_bytes, levels.get(uses[0], SpaceLevel.ENOUGH))
        disks.append(Disk(tuple(uses), directory, free_bytes, size_bytes, level))
    return tuple(disks)


def level_of(free_bytes: int, size_bytes: int, before: SpaceLevel = SpaceLevel.ENOUGH) -> SpaceLevel:
    """Whether that is enough, seen after `before`."""
    critical = max(min(CRITICAL_BYTES, size_bytes * CRITICAL_SHARE), LEAST_CRITICAL_BYTES)
    low = max(min(LOW_BYTES, size_bytes * LOW_SHARE), critical * 2)
    if free_bytes < critical * (OVER if before is SpaceLevel.CRITICAL else 1.0):
        return SpaceLevel.CRITICAL
    if free_bytes < low * (OVER if before is not SpaceLevel.ENOUGH else 1.0):
        return SpaceLevel.LOW
    return SpaceLevel.ENOUGH


def free_space(directory: Path) -> tuple[int, int]:
    """Free bytes for an ordinary user, and the size; OSError if the disk cannot be asked. Too few free inodes are no space either."""
    stats = os.statvfs(directory)
    no_inodes = stats.f_files > 0 and stats.f_favail == 0
    return 0 if no_inodes else stats.f_bavail * stats.f_frsize, stats.f_blocks * stats.f_frsize


def why_full(directory: Path) -> str | None:
    """`the disk of DIR is full (N MiB free)` if so little is left that writing fails; None if there is space."""
    try:
        free_bytes, size_bytes = free_space(_nearest(directory))
    except OSError:
        return None
    if level_of(free_bytes, size_bytes) is not SpaceLevel.CRITICAL or free_bytes >= FULL_BELOW_BYTES:
        return None
    return f"the disk of {directory} is full ({in_words(free_bytes)} free)"


def in_words(size_bytes: int) -> str:
    """The size in the unit people compare: GiB from one GiB up, else MiB."""
    return f"{size_bytes / GIB:.1f} GiB" if size_bytes >= GIB else f"{size_bytes // MIB} MiB"


def _nearest(directory: Path) -> Path:
    """The directory, or its nearest parent that exists."""
    return next((one for one in (directory, *directory.parents) if _exists(one)), directory)


def _exists(path: Path) -> bool:
    """Whether it can be looked at. Path.exists raises where it may not, or where the disk fails."""
    try:
        path.stat()
    except (OSError, ValueError):
        return False
    return True
