"""Begins a process anew, under the same pid, where a library cannot be started a second time."""

from __future__ import annotations

import os
import sys
from typing import NoReturn

from newsmon.host.stderr import hand_on_stderr
from newsmon.logs import get_logger
from newsmon.net.listening import hand_on

log = get_logger(__name__)


def begin_anew(stage: str, why: str) -> NoReturn:
    """Replace the process by a new run of its own command, which waits for its dependencies. Uncommitted work is done again.

    What the supervisor handed over goes on to it: without its socket, nobody would answer the supervisor, which would kill it as stalled.
    """
    event = f"{stage}.begins_anew"
    log.warning(event, reason=why)
    sys.stderr.flush()
    hand_on_stderr()
    os.environ.update(hand_on())
    os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])  # noqa: S606 - our own command
