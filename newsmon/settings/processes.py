"""What each process serves and logs."""

from __future__ import annotations

from typing import Literal

from newsmon.settings.base import Port, Section


class MonitoringSettings(Section):
    """Where each process serves /metrics, /healthz and /readyz. A port left out: the usual one, or any free one; 0: any free one."""

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
    """Port of the delivery stage (usually 9644)."""


class LogSettings(Section):
    """What is logged, to stderr."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    """Least level."""
    format: Literal["auto", "json", "console"] = "auto"
    """`auto`: JSON lines unless stderr is a terminal."""
