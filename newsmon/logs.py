"""Structured logs to stderr: a constant event name plus shared keys; JSON lines unless stderr is a terminal.

Keys: stage, feed_id, article_id, theme_id, story_id, alert_id, receiver, topic, partition, offset,
reason, status, attempt, duration_s, retry_in_s. Never a secret, never a body, never a full URL of a receiver.
"""

from __future__ import annotations

import logging
import os
import sys
import threading
import traceback
from collections.abc import MutableMapping
from types import TracebackType
from typing import Any, Protocol

import structlog

from newsmon.log_lines import LOST_EVENT
from newsmon.log_noise import ClientLines, RateLimit, Repeats
from newsmon.settings import LogSettings

CLIENT_LIBRARIES = ("kafka", "aiokafka")
NOISY_LOGGERS = (*CLIENT_LIBRARIES, "faust", "mode", "aiohttp.access", "alembic", "asyncio", "jgo", "urllib3")
# Warnings about normal behaviour: a group that first joins before its topics are known (it joins again at once), and tasks that
# wait on a busy machine.
FALSE_ALARMS = ("kafka.coordinator.assignors", "kafka.net.selector")
NOISY_LINES_PER_MINUTE = 60  # per logger: a ten-second outage has printed 1,700 lines

client_lines = ClientLines()


class LineStream(Protocol):
    """A stream to write log lines to."""

    def write(self, text: str, /) -> object: ...
    def flush(self) -> None: ...
    def isatty(self) -> bool: ...


class Descriptor:
    """A LineStream on a file descriptor, for several threads. A line cut off by an error is ended before the next, so that one is whole."""

    def __init__(self, number: int, *, otherwise: int | None = None) -> None:
        """`otherwise` is written to once nobody reads from the first any more."""
        self._number = number
        self._otherwise = otherwise
        self._torn = False
        self._lock = threading.Lock()

    def write(self, text: str, /) -> None:
        with self._lock:
            try:
                self._write(text)
            except BrokenPipeError:
                if self._otherwise is None:
                    raise
                self._number, self._otherwise, self._torn = self._otherwise, None, False
                self._write(text)

    def _write(self, text: str) -> None:
        left = memoryview((b"\n" if self._torn else b"") + text.encode("utf-8", "backslashreplace"))
        while left:
            written = os.write(self._number, left)
            self._torn, left = True, left[written:]
        self._torn = False

    def flush(self) -> None:
        """Do nothing: every line is written at once."""

    def isatty(self) -> bool:
        return os.isatty(self._number)


class _Handler(logging.StreamHandler[Any]):
    """Counts the lines that cannot be written, for example on a full disk, and says how many once it can."""

    def __init__(self, stream: LineStream) -> None:
        super().__init__(stream)
        self._lost = 0

    def emit(self, record: logging.LogRecord) -> None:
        before = self._lost
        super().emit(record)
        if self._lost == before and before:
            self._lost = 0
            get_logger(__name__).warning(LOST_EVENT, count=before)

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's name
        if isinstance(sys.exc_info()[1], OSError):
            self._lost += 1
        else:
            super().handleError(record)


def is_json(settings: LogSettings, stream: LineStream) -> bool:
    """Whether log lines on that stream are JSON."""
    return settings.format == "json" or (settings.format == "auto" and not stream.isatty())


def configure_logs(settings: LogSettings, *, stage: str, stream: LineStream | None = None) -> None:
    """Set up structlog and the standard library's logging for one process. `stream` is stderr unless given."""
    stream = stream or sys.stderr
    as_json = is_json(settings, stream)
    stamps: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _stage_stamp(stage),
    ]
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer() if as_json else structlog.dev.ConsoleRenderer(colors=stream.isatty())
    )
    repeats: list[structlog.typing.Processor] = [] if settings.level == "debug" else [Repeats()]
    structlog.configure(
        processors=[*stamps, *repeats, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    exceptions: list[structlog.typing.Processor] = [structlog.processors.format_exc_info] if as_json else []
    handler = _Handler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=stamps,
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
    if root.level > logging.DEBUG:
        handler.addFilter(_of(CLIENT_LIBRARIES, client_lines))
    handler.addFilter(_of(NOISY_LOGGERS, RateLimit(NOISY_LINES_PER_MINUTE)))


def get_logger(name: str) -> structlog.stdlib.BoundLogger:
    logger: structlog.stdlib.BoundLogger = structlog.get_logger(name)
    return logger


def thread_stacks() -> dict[str, str]:
    """Where every thread stands, by name: for the log line of a process that is about to end itself."""
    names = {thread.ident: thread.name for thread in threading.enumerate()}
    frames = sys._current_frames()  # noqa: SLF001 - documented, and the only way
    return {f"{names.get(ident, 'not ours')} ({ident})": "".join(traceback.format_stack(frame)) for ident, frame in frames.items()}


def catch_the_uncaught() -> None:
    """What nobody caught becomes a log line too, in any thread, and so do Python's warnings. For a process that is ours alone."""
    log = get_logger("newsmon.process")

    def uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            sys.__excepthook__(kind, error, trace)
        else:
            log.critical("process.crashed", reason=f"{kind.__name__}: {error}"[:300], exc_info=(kind, error, trace))

    def uncaught_in_thread(args: threading.ExceptHookArgs) -> None:
        if args.exc_type is SystemExit or args.exc_value is None:
            return
        name = args.thread.name if args.thread else "unknown"
        info = (args.exc_type, args.exc_value, args.exc_traceback)
        log.critical("thread.crashed", thread=name, reason=f"{args.exc_type.__name__}: {args.exc_value}"[:300], exc_info=info)

    def unraisable(args: sys.UnraisableHookArgs) -> None:
        info = (args.exc_type, args.exc_value, args.exc_traceback)
        log.error("process.unraisable", reason=f"{args.err_msg or 'ignored'}: {args.object!r}"[:300], exc_info=info)

    sys.excepthook = uncaught
    threading.excepthook = uncaught_in_thread
    sys.unraisablehook = unraisable
    logging.captureWarnings(capture=True)


def _stage_stamp(stage: str) -> structlog.typing.Processor:
    def stamp(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        event.setdefault("stage", stage)
        return event

    return stamp


def _of(names: tuple[str, ...], inner: logging.Filter) -> logging.Filter:
    """`inner`, for the loggers of these libraries only."""

    class OnlyThese(logging.Filter):
        def filter(self, record: logging.LogRecord) -> bool:
            return bool(inner.filter(record)) if record.name.partition(".")[0] in names or record.name.startswith(names) else True

    return OnlyThese()
