"""The log file that holds all log lines while the live view is on screen; the last few warnings are shown there too."""

from __future__ import annotations

import json
import logging
from collections import deque
from logging.handlers import RotatingFileHandler
from pathlib import Path

from newsmon.log_lines import EVENT as STDERR

LOG_BYTES = 10_000_000
LOG_FILES = 5
ON_SCREEN = 5
WORTH_SHOWING = {"warning", "error", "critical"}


class _Quiet(RotatingFileHandler):
    """Stays silent when the file cannot be written, for example on a full disk: errors would fill the live view."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's name
        """Do nothing: the next line tries again."""


class LogFile:
    """All log lines in one rotating file. Remembers the last warnings for the screen."""

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
        """Append a stage's line. Called from the threads that read the stages' stderr; logging's handlers do their own locking."""
        self._handler.handle(logging.LogRecord(stage, logging.INFO, "", 0, line, None, None))
        short = screen_line(stage, line)
        if short:
            self._recent.append(short)

    def close(self) -> None:
        self._handler.close()


class LogFileStream:
    """A stream for the supervisor's own log lines, into the same file."""

    def __init__(self, log_file: LogFile) -> None:
        self._log_file = log_file

    def write(self, text: str) -> int:
        for line in text.splitlines():
            if line.strip():
                self._log_file.write("run", line)
        return len(text)

    def flush(self) -> None:
        """Do nothing: every line is written at once."""

    def isatty(self) -> bool:
        return False


def screen_line(stage: str, line: str) -> str | None:
    """A warning or error as one short line; None for anything less."""
    try:
        event = json.loads(line)
    except ValueError:
        return None
    if not isinstance(event, dict) or str(event.get("level")) not in WORTH_SHOWING:
        return None
    if event.get("event") == STDERR:  # what is not a log line of ours: its last line says what it was about
        text = str(event.get("text", "")).rstrip().rpartition("\n")[2]
        return f"{stage}: {text}" if event["level"] == "error" else None
    hidden = {"event", "level", "timestamp", "stage", "exception", "stacks"}
    rest = " ".join(f"{key}={value}" for key, value in event.items() if key not in hidden)
    return f"{stage}: {event.get('event')} {rest}".strip()
