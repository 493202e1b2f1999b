"""One owner at a time for a state directory, and who it is.

In: a state directory. Out: Holder, or HeldError that says who. I/O: state_dir/owner.lock (flock, and a JSON line for people).

The lock is the kernel's, not the file's content: it ends with the process that holds it, however that ended.
"""

from __future__ import annotations

import fcntl
import json
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from newsmon.errors import DependencyError

LOCK_NAME = "owner.lock"
# Somebody who only asks (`current_holder`) holds the lock for an instant.
LOCK_ATTEMPTS = 3
LOCK_PAUSE_S = 0.1


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds a state directory; `since` is RFC 3339, UTC."""

    pid: int
    host: str
    command: str
    since: str

    def __str__(self) -> str:
        return f"`{self.command}` (process {self.pid} on {self.host}, since {self.since})"


class HeldError(DependencyError):
    """Another process owns the state directory; `holder` is None in the instant before it has said who it is."""

    def __init__(self, state_dir: Path, holder: Holder | None) -> None:
        self.holder = holder
        who = str(holder) if holder else "another newsmon"
        super().__init__("state directory", f"{state_dir} is in use by {who}. Stop that one, or give this one a state_dir of its own.")


@contextmanager
def own(state_dir: Path, *, command: str, now: datetime | None = None) -> Iterator[Holder]:
    """Own the directory for the block. `command` is what a second owner is told.

    HeldError when another process holds it, DependencyError when it cannot be written. What a dead owner left running is ended by
    `end_orphans`, which only an owner may call.
    """
    try:
        state_dir.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(state_dir / LOCK_NAME, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise DependencyError("state directory", f"{state_dir} cannot be used: {error}") from error
    try:
        if not _locked(descriptor):
            raise HeldError(state_dir, _read_holder(descriptor))
        since = (now or datetime.now(UTC)).astimezone(UTC).isoformat(timespec="seconds")
        holder = Holder(os.getpid(), socket.gethostname(), command, since)
        _write_holder(descriptor, holder)
        yield holder
        os.ftruncate(descriptor, 0)
    finally:
        os.close(descriptor)


def current_holder(state_dir: Path) -> Holder | None:
    """Return who owns the directory now, None when nobody does; changes nothing (for `status` and `doctor`)."""
    try:
        descriptor = os.open(state_dir / LOCK_NAME, os.O_RDONLY)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return _read_holder(descriptor)
    finally:
        os.close(descriptor)
    return None


def _locked(descriptor: int) -> bool:
    for attempt in range(LOCK_ATTEMPTS):
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if attempt + 1 < LOCK_ATTEMPTS:
                time.sleep(LOCK_PAUSE_S)
        else:
            return True
    return False


def _write_holder(descriptor: int, holder: Holder) -> None:
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, (json.dumps(asdict(holder)) + "\n").encode(), 0)


def _read_holder(descriptor: int) -> Holder | None:
    try:
        return Holder(**json.loads(os.pread(descriptor, 4096, 0)))
    except (ValueError, TypeError):
        return None
