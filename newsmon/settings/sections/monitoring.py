"""[monitoring] and [log]: the ports each process serves and the log it writes."""

from __future__ import annotations

from typing import Literal

from newsmon.settings.sections.base import Port, Section


class MonitoringSettings(Section):
    """The address where each process serves /metrics, /healthz and /readyz. Set the ports if something scrapes them. A port that is
    not set is the usual one if that is free, else any free port; 0 always means any free port. If one is set but in use,
    newsmon tries it again until it is free."""

    bind: str = "127.0.0.1"
    """Address to listen on."""
    run_port: Port | None = None
    """Port of `newsmon run` (usually 9640)."""
    producer_port: Port | None = None
    """Port of the producer (usually 9641)."""
    processor_port: Port | None = None
    """Port of the processor (usually 9642)."""
    store_port: Port | None = None
    """Port of the store (usually 9643)."""
    deliver_port: Port | None = None
    """Port of deliver (usually 9644)."""


class LogSettings(Section):
    """Logging to standard error."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    """Lowest level to log."""
    format: Literal["auto", "json", "console"] = "auto"
    """Format of log lines. `auto` is `console` on a terminal, else `json`."""
