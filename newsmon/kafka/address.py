"""Which broker to talk to: the cluster of the settings, or the one `newsmon run` has started for this state directory."""

from __future__ import annotations

from pathlib import Path

from newsmon.errors import DependencyError
from newsmon.kafka.ports import LOOPBACK, remembered_ports
from newsmon.settings import Settings


def local_broker_dir(settings: Settings) -> Path:
    """Return where the local broker of this state directory keeps everything."""
    return settings.state_dir / "kafka"


def bootstrap_servers(settings: Settings) -> tuple[str, ...]:
    """Return `host:port` addresses, at least one.

    Without `kafka.bootstrap_servers` it is the address the local broker last had; DependencyError when there never was one.
    Whether it answers is not asked here.
    """
    if settings.kafka.bootstrap_servers:
        return settings.kafka.bootstrap_servers
    ports = remembered_ports(local_broker_dir(settings) / "ports.json")
    if ports is None:
        raise DependencyError(
            "Kafka",
            f"no broker: kafka.bootstrap_servers is empty and no local one was started for {settings.state_dir}. "
            "Start `newsmon run` first, or name your cluster in kafka.bootstrap_servers.",
        )
    return (f"{LOOPBACK}:{ports.client}",)
