"""The live view on a terminal: redraws the screen and keeps log lines out of it."""

from __future__ import annotations

from datetime import UTC, datetime
from types import TracebackType

from rich.console import Console
from rich.live import Live

from newsmon.app.supervisor.screen.layout import screen
from newsmon.app.supervisor.screen.log_file import LogFile
from newsmon.app.supervisor.screen.newest_alerts import NewestAlerts
from newsmon.app.supervisor.screen.status import Status
from newsmon.settings import Settings


class LiveView:
    """Shows a Status on request. Use as a context manager."""

    def __init__(self, settings: Settings, log_file: LogFile, *, metrics_port: int) -> None:
        address = settings.kafka.bootstrap_servers[0]
        self._title = f"newsmon · Kafka {address} · metrics :{metrics_port} · log {log_file.path}"
        self._log_file = log_file
        self._newest_alerts = NewestAlerts(settings)
        self._live = Live(auto_refresh=False, console=Console(markup=False, emoji=False))

    def __enter__(self) -> LiveView:
        self._newest_alerts.start()
        self._live.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None) -> None:
        self._newest_alerts.stop()
        self._live.stop()

    def show(self, status: Status) -> None:
        picture = screen(status, self._newest_alerts.latest, self._log_file.recent, title=self._title, now=datetime.now(UTC))
        self._live.update(picture, refresh=True)
