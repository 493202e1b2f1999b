"""Gives a state directory one owner at a time, and names that owner.

In: a state directory. Out: Holder, or HeldError that names the owner. I/O: state_dir/owner.lock (flock, and a JSON line for people).

The lock is the kernel's, not the file's content: it ends with the process that holds it, however that ends.
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
# `current_holder` takes the lock for an instant.
LOCK_ATTEMPTS = 3
LOCK_PAUSE_S = 0.1


@dataclass(frozen=True, slots=True)
class Holder:
    """The process that owns a state directory; `since` is RFC 3339, UTC."""

    pid: int
    host: str
    command: str
    since: str

    def __str__(self) -> str:
        return f"`{self.command}` (process {self.pid} on {self.host}, since {self.since})"


class HeldError(DependencyError):
    """Another process owns the state directory. `holder` is None until that process has written its name."""

    def __init__(self, state_dir: Path, holder: Holder | None) -> None:
        self.holder = holder
        who = str(holder) if holder else "another newsmon"
        super().__init__("state directory", f"{state_dir} is in use by {who}. Stop that process, or set another state_dir for this one.")


@contextmanager
def own(state_dir: Path, *, command: str, now: datetime | None = None) -> Iterator[Holder]:
    """Own the directory during the block. `command` is shown to a second owner.

    HeldError if another process owns it, DependencyError if it cannot be written. After this the owner may call `end_orphans`.
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
    """The current owner of the directory, or None; changes nothing."""
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
