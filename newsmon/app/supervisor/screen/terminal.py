"""The live view on a real terminal: redraws the screen, and keeps everybody's log lines out of it."""

from __future__ import annotations

from datetime import UTC, datetime
from types import TracebackType

from rich.console import Console
from rich.live import Live

from newsmon.app.supervisor.screen.alert_tail import AlertTail
from newsmon.app.supervisor.screen.console import LogFile
from newsmon.app.supervisor.screen.status import Status
from newsmon.app.supervisor.screen.view import screen
from newsmon.settings import Settings


class Screen:
    """Shows a Status whenever told to; use as a context manager."""

    def __init__(self, settings: Settings, log_file: LogFile, *, metrics_port: int) -> None:
        address = settings.kafka.bootstrap_servers[0]
        self._title = f"newsmon · Kafka {address} · metrics :{metrics_port} · log {log_file.path}"
        self._log_file = log_file
        self._tail = AlertTail(settings)
        self._live = Live(auto_refresh=False, console=Console(markup=False, emoji=False))

    def __enter__(self) -> Screen:
        self._tail.start()
        self._live.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None) -> None:
        self._tail.stop()
        self._live.stop()

    def show(self, status: Status) -> None:
        picture = screen(status, self._tail.latest, self._log_file.recent, title=self._title, now=datetime.now(UTC))
        self._live.update(picture, refresh=True)
