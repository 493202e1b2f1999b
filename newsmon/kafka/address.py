"""The broker's address: the cluster in the settings, or the broker that `newsmon run` started for this state directory."""

from __future__ import annotations

from pathlib import Path

from newsmon.errors import DependencyError
from newsmon.kafka.ports import LOOPBACK, remembered_ports
from newsmon.settings import Settings


def local_broker_dir(settings: Settings) -> Path:
    """The directory of this state directory's local broker."""
    return settings.state_dir / "kafka"


def bootstrap_servers(settings: Settings) -> tuple[str, ...]:
    """At least one `host:port` address.

    Without `kafka.bootstrap_servers`, the last address of the local broker; DependencyError if it never ran. Does not connect.
    """
    if settings.kafka.bootstrap_servers:
        return settings.kafka.bootstrap_servers
    ports = remembered_ports(local_broker_dir(settings) / "ports.json")
    if ports is None:
        raise DependencyError(
            "Kafka",
            f"no broker has run in {settings.state_dir}, and kafka.bootstrap_servers is empty. "
            "Start `newsmon run` first, or set kafka.bootstrap_servers to your cluster.",
        )
    return (f"{LOOPBACK}:{ports.client}",)


def uses_local_broker(settings: Settings) -> bool:
    """Whether that is the broker `newsmon run` starts; its stages get its address as they would get any cluster's."""
    if settings.starts_own_kafka:
        return True
    ports = remembered_ports(local_broker_dir(settings) / "ports.json")
    return ports is not None and settings.kafka.bootstrap_servers == (f"{LOOPBACK}:{ports.client}",)
