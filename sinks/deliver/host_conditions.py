"""What is wrong with this machine or with Kafka, as conditions to tell people of; it needs neither Kafka nor a record on it.

In: the disks, a KafkaWatch. Out: Conditions. I/O: statvfs(3).
"""

from __future__ import annotations

from datetime import datetime

from newsmon.host.disks import Disk, SpaceLevel, directories, read_disks
from newsmon.kafka.watch import KafkaWatch
from newsmon.settings import Settings
from sinks.database.sqlite_file import sqlite_file
from sinks.policy.conditions import Condition, disk_condition, kafka_condition


class HostConditions:
    """Remembers the last reading of the disks, so that a level does not come and go."""

    def __init__(self, settings: Settings, kafka: KafkaWatch | None) -> None:
        self._settings = settings
        self._kafka = kafka
        self._disks: tuple[Disk, ...] = ()
        self._since: dict[str, datetime] = {}  # by subject: a notice that could not be stored yet keeps its id when it is tried again

    def at(self, now: datetime) -> tuple[Condition, ...]:
        """The conditions that hold now."""
        self._disks = read_disks(directories(self._settings, sqlite_file(self._settings)), self._disks)
        scarce = {f"disk:{disk.uses[0].value}": disk for disk in self._disks if disk.level is not SpaceLevel.ENOUGH}
        self._since = {subject: self._since.get(subject, now) for subject in scarce}
        found = [
            disk_condition(subject, str(disk), critical=disk.level is SpaceLevel.CRITICAL, since=self._since[subject])
            for subject, disk in scarce.items()
        ]
        outage = self._kafka.outage if self._kafka is not None else None
        if outage is not None and (away := kafka_condition(outage.since, outage.reason, now=now)) is not None:
            found.append(away)
        return tuple(found)
