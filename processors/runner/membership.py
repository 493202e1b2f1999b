"""A name for this worker in its consumer group: the same after a restart, never that of another live worker.

With such a name (Kafka's static membership) a killed and restarted worker gets its partitions back at once, without a rebalance.
Two live workers of one name would evict each other, so a name is a numbered lock file: the kernel frees it when its holder dies.
I/O: <state_dir>/processor-<n>.lock.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from newsmon.errors import DependencyError

MOST_WORKERS = 256


@contextmanager
def instance_name(state_dir: Path, *, group: str) -> Iterator[str]:
    """Hold the lowest free number of this state directory. Host, directory and number make the name unique."""
    try:
        state_dir.mkdir(parents=True, exist_ok=True)
        number, descriptor = _lowest_free(state_dir)
    except OSError as error:
        raise DependencyError("state directory", f"{state_dir} cannot be used: {error}") from error
    try:
        where = hashlib.blake2b(str(state_dir.resolve()).encode(), digest_size=4).hexdigest()
        yield f"{group}-{socket.gethostname()}-{where}-{number}"
    finally:
        os.close(descriptor)


def _lowest_free(state_dir: Path) -> tuple[int, int]:
    for number in range(MOST_WORKERS):
        descriptor = os.open(state_dir / f"processor-{number}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
        else:
            return number, descriptor
    raise DependencyError("state directory", f"{state_dir}: {MOST_WORKERS} processors already run here")
