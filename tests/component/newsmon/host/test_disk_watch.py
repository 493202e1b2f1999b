"""The log warns of a filling disk before it is full, says once when it is, and says when there is room again."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from newsmon.errors import DependencyError
from newsmon.host.disk_watch import DiskWatch
from newsmon.host.disks import MIB, DiskUse, SpaceLevel, directories, read_disks, why_full
from newsmon.kafka.connect import reaching_kafka
from newsmon.metrics import REGISTRY
from newsmon.settings import KafkaSettings, Settings

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount")


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    directory = tmp_path / "disk"
    directory.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2g", "tmpfs", directory], check=True, timeout=60)
    yield directory
    subprocess.run(["umount", directory], check=True, timeout=60)


def leave(disk: Path, free_bytes: int) -> None:
    """A file that leaves this much; it takes no memory beyond that on a sparse file system, so the disk is kept small by size."""
    subprocess.run(["mount", "-o", f"remount,size={max(free_bytes, 4096) // 1024}k", disk], check=True, timeout=60)


def levels() -> tuple[float | None, float | None]:
    return (
        REGISTRY.get_sample_value("newsmon_disk_space_level", {"disk": "database"}),
        REGISTRY.get_sample_value("newsmon_disk_free_bytes", {"disk": "database"}),
    )


def test_each_level_is_one_line_and_full_is_one_line(disk: Path) -> None:
    watch = DiskWatch(lambda: {DiskUse.DATABASE: disk})
    with capture_logs() as said:
        for free_mib in (2000, 200, 200, 100, 10, 4, 10, 2000, 2000):
            leave(disk, free_mib * MIB)
            watch.look()
    assert [line["event"] for line in said] == ["disk.low", "disk.critical", "disk.full", "disk.no_longer_full", "disk.enough"]
    full = said[2]
    assert full["directory"] == str(disk)
    assert full["log_level"] == "error"
    assert levels() == (0, 2000 * MIB)


def test_the_metric_follows_the_level(disk: Path) -> None:
    watch = DiskWatch(lambda: {DiskUse.DATABASE: disk})
    for free_mib, level in ((2000, 0), (200, 1), (100, 2)):
        leave(disk, free_mib * MIB)
        watch.look()
        assert levels() == (level, free_mib * MIB)


def test_one_disk_with_several_uses_is_read_once_and_two_disks_twice(disk: Path, tmp_path: Path) -> None:
    state = tmp_path / "state"
    (state / "kafka").mkdir(parents=True)
    settings = Settings(state_dir=state)
    [both] = read_disks(directories(settings, None))
    assert both.uses == (DiskUse.STATE, DiskUse.KAFKA)
    found = read_disks(directories(settings, disk / "news.db"))
    assert {one.uses for one in found} == {(DiskUse.STATE, DiskUse.KAFKA), (DiskUse.DATABASE,)}
    (state / "kafka").rmdir()
    (state / "kafka").symlink_to(disk)
    assert {one.uses for one in read_disks(directories(settings, None))} == {(DiskUse.STATE,), (DiskUse.KAFKA,)}


def test_a_disk_without_inodes_is_full(tmp_path: Path) -> None:
    directory = tmp_path / "disk"
    directory.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1g,nr_inodes=10", "tmpfs", directory], check=True, timeout=60)
    try:
        assert read_disks({DiskUse.STATE: directory})[0].level is SpaceLevel.ENOUGH
        for number in range(9):
            (directory / str(number)).touch()
        assert read_disks({DiskUse.STATE: directory})[0].level is SpaceLevel.CRITICAL
        assert why_full(directory) is not None
    finally:
        subprocess.run(["umount", directory], check=True, timeout=60)


def test_an_own_broker_without_an_answer_is_blamed_on_its_full_disk_and_not_on_the_settings(disk: Path) -> None:
    (disk / "kafka").mkdir()
    (disk / "kafka" / "ports.json").write_text('{"client": 9, "controller": 10}')
    settings = Settings(state_dir=disk, kafka=KafkaSettings(bootstrap_servers=("127.0.0.1:9",)))
    leave(disk, MIB)
    with pytest.raises(DependencyError) as told, reaching_kafka(settings):
        raise ConnectionRefusedError(111, "Connection refused")
    assert f"the disk of {disk / 'kafka'} is full" in str(told.value)
    assert "bootstrap_servers" not in str(told.value)
