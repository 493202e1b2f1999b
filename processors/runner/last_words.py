"""Ends the process at once, uncommitted, after saying why and where every thread and task stands."""

from __future__ import annotations

import faulthandler
import os
import sys
from typing import NoReturn

from newsmon.logs import get_logger

EXIT_STALLED = 70  # EX_SOFTWARE: the supervisor starts us again

log = get_logger(__name__)


def die(why: str) -> NoReturn:
    """No clean-up on purpose: an orderly stop would commit what was not done."""
    log.critical("processor.ends_hard", reason=why)
    faulthandler.dump_traceback(file=sys.stderr, all_threads=True)
    sys.stderr.flush()
    os._exit(EXIT_STALLED)
