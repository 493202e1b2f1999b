"""Structured logs to stderr: a constant event name plus shared keys; JSON lines unless stderr is a terminal.

Keys: stage, feed_id, article_id, theme_id, story_id, alert_id, receiver, topic, partition, offset,
reason, status, attempt, duration_s, retry_in_s. Never a secret, never a body, never a full URL of a receiver.
"""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import MutableMapping
from typing import Any, Protocol

import structlog

from newsmon.settings import LogSettings

NOISY_LOGGERS = ("aiokafka", "kafka", "faust", "mode", "aiohttp.access", "alembic", "asyncio", "jgo", "urllib3")
# Warnings about normal behaviour: a group that first joins before its topics are known (it joins again at once), and tasks that
# wait on a busy machine.
FALSE_ALARMS = ("kafka.coordinator.assignors", "kafka.net.selector")
NOISY_LINES_PER_MINUTE = 60  # per logger: a ten-second outage has printed 1,700 lines


class LineStream(Protocol):
    """A stream to write log lines to."""

    def write(self, text: str, /) -> object: ...
    def flush(self) -> None: ...
    def isatty(self) -> bool: ...


class RateLimit(logging.Filter):
    """Limits the lines per minute of a noisy logger, and counts the rest."""

    def __init__(self, per_minute: int) -> None:
        super().__init__()
        self._per_minute = per_minute
        self._minute = 0
        self._said = 0
        self._held = 0

    def filter(self, record: logging.LogRecord) -> bool:
        minute = int(time.monotonic() // 60)
        if minute != self._minute:
            if self._held:
                record.msg = f"{record.getMessage()} [{self._held} lines dropped in the previous minute]"
                record.args = ()
            self._minute, self._said, self._held = minute, 0, 0
        self._said += 1
        if self._said <= self._per_minute:
            return True
        self._held += 1
        return False


def configure_logs(settings: LogSettings, *, stage: str, stream: LineStream | None = None) -> None:
    """Set up structlog and the standard library's logging for one process. `stream` is stderr unless given."""
    stream = stream or sys.stderr
    as_json = settings.format == "json" or (settings.format == "auto" and not stream.isatty())
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _stage_stamp(stage),
    ]
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer() if as_json else structlog.dev.ConsoleRenderer(colors=stream.isatty())
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    exceptions: list[structlog.typing.Processor] = [structlog.processors.format_exc_info] if as_json else []
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *exceptions, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(settings.level.upper())
    for name in NOISY_LOGGERS:
        logger = logging.getLogger(name)
        logger.setLevel(max(logging.WARNING, root.level))
        logger.propagate = True
    for name in FALSE_ALARMS:
        logging.getLogger(name).setLevel(logging.WARNING if root.level <= logging.DEBUG else logging.ERROR)
    handler.addFilter(_noisy_only(RateLimit(NOISY_LINES_PER_MINUTE)))


def get_logger(name: str) -> structlog.stdlib.BoundLogger:
    logger: structlog.stdlib.BoundLogger = structlog.get_logger(name)
    return logger


def _stage_stamp(stage: str) -> structlog.typing.Processor:
    def stamp(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        event.setdefault("stage", stage)
        return event

    return stamp


def _noisy_only(limit: RateLimit) -> logging.Filter:
    class NoisyOnly(logging.Filter):
        def filter(self, record: logging.LogRecord) -> bool:
            return limit.filter(record) if record.name.startswith(NOISY_LOGGERS) else True

    return NoisyOnly()
