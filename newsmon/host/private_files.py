"""Keeps what newsmon writes on this machine private: articles, addresses of receivers, and keys are in it.

Files are made for their owner only, and older ones that others may read are mended at the start. To let a group read them, give the
state directory to that group and take it from all others: `chgrp GROUP DIR; chmod 750 DIR`. In: directories, files. Out: modes,
what was or is too open. I/O: the file system.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path

from newsmon.settings import Settings

OTHERS, GROUP = 0o007, 0o070
SQLITE_SUFFIXES = ("", "-wal", "-shm", "-journal")
# What newsmon keeps in its state directory. Anything else there belongs to somebody else: a careless state_dir may be a home directory.
KEPT = ("kafka", "logs", "faust", "newsmon.db*", "*.json", "*.lock")


def keep_private(settings: Settings, database: Path | None) -> int:
    """Make this process and its children create private files, and mend those that are ours and too open; returns how many those were.

    `database` is the SQLite file, if that is what newsmon uses. Files of other users are left alone: `newsmon doctor` names them.
    """
    denied = denied_bits(settings.state_dir)
    os.umask(denied)
    mended = 0
    for path, status in _open_to_others(_ours(settings, database), denied):
        if status.st_uid == os.geteuid():
            path.chmod(stat.S_IMODE(status.st_mode) & ~denied)
            mended += 1
    return mended


def too_open(settings: Settings, database: Path | None) -> list[Path]:
    """What others may read or write although it is newsmon's; changes nothing."""
    return [path for path, _status in _open_to_others(_ours(settings, database), denied_bits(settings.state_dir))]


def denied_bits(state_dir: Path) -> int:
    """The mode bits nobody gets. A state directory that is closed to others but open to its group was opened on purpose: files give
    the group what the directory gives it."""
    try:
        mode = stat.S_IMODE(state_dir.stat().st_mode)
    except OSError:
        return OTHERS | GROUP
    return OTHERS | (GROUP & ~mode) if mode & GROUP and not mode & OTHERS else OTHERS | GROUP


def _ours(settings: Settings, database: Path | None) -> Iterator[Path]:
    """The state directory with what newsmon keeps in it, and a database that lies elsewhere."""
    yield settings.state_dir
    for pattern in KEPT:
        for kept in settings.state_dir.glob(pattern):
            yield kept
            if kept.is_symlink():
                continue
            for directory, names, files in os.walk(kept):
                yield from (Path(directory, name) for name in (*names, *files))
    if database is not None and settings.state_dir not in database.parents:
        for suffix in SQLITE_SUFFIXES:
            yield database.with_name(database.name + suffix)


def _open_to_others(paths: Iterable[Path], denied: int) -> Iterator[tuple[Path, os.stat_result]]:
    for path in paths:
        try:
            status = path.lstat()
        except OSError:
            continue  # it does not exist, or is gone already
        if stat.S_IMODE(status.st_mode) & denied and not stat.S_ISLNK(status.st_mode):
            yield path, status
