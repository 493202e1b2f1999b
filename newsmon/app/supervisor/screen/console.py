"""Where the lines of the stages go: straight through on a pipe, into a bounded file (and a few on screen) on a terminal."""

from __future__ import annotations

import json
import logging
from collections import deque
from logging.handlers import RotatingFileHandler
from pathlib import Path

LOG_BYTES = 10_000_000
LOG_FILES = 5
ON_SCREEN = 5
WORTH_SHOWING = {"warning", "error", "critical"}


class _Quiet(RotatingFileHandler):
    """A log that cannot be written (a full disk) must not fill the screen with saying so; the stages' metrics do."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's name
        """Nothing: the next line is tried again."""


class LogFile:
    """All stages' log lines in one rotating file; remembers the last warnings for the screen."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self._handler = _Quiet(path, maxBytes=LOG_BYTES, backupCount=LOG_FILES, encoding="utf-8")
        self._handler.setFormatter(logging.Formatter("%(message)s"))
        self._recent: deque[str] = deque(maxlen=ON_SCREEN)

    @property
    def recent(self) -> tuple[str, ...]:
        return tuple(self._recent)

    def write(self, stage: str, line: str) -> None:
        """Called from the threads that read the stages' stderr; logging's handlers lock for themselves."""
        self._handler.handle(logging.LogRecord(stage, logging.INFO, "", 0, line, None, None))
        short = screen_line(stage, line)
        if short:
            self._recent.append(short)

    def close(self) -> None:
        self._handler.close()


def screen_line(stage: str, line: str) -> str | None:
    """A warning or error as one short line; None for what is not worth the screen."""
    try:
        event = json.loads(line)
    except ValueError:
        return f"{stage}: {line.strip()}" if line.startswith("newsmon: ") else None
    if not isinstance(event, dict) or event.get("level") not in WORTH_SHOWING:
        return None
    hidden = {"event", "level", "timestamp", "stage", "exception"}
    rest = " ".join(f"{key}={value}" for key, value in event.items() if key not in hidden)
    return f"{stage}: {event.get('event')} {rest}".strip()
