"""Signals of the test session, whoever started it.

A shell without job control starts a background job with SIGINT ignored, so that Ctrl-C reaches the foreground only, and every child
inherits that. newsmon honours it: its commands that end on KeyboardInterrupt then run on. Tests that press Ctrl-C want the terminal's
case, so the session goes back to it once, for itself and for every process that any test starts.
"""

from __future__ import annotations

import signal


def as_started_from_a_terminal() -> None:
    """Obey SIGINT and SIGTERM again if whoever started us had them ignored or blocked."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if signal.getsignal(signal.SIGTERM) is signal.SIG_IGN:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT, signal.SIGTERM})
