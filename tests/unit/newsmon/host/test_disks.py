"""How much free space is enough, on large and on small disks, and that a level does not come and go."""

from __future__ import annotations

from pathlib import Path

import pytest

from newsmon.host.disks import GIB, MIB, DiskUse, SpaceLevel, directories, in_words, level_of, read_disks
from newsmon.settings import Settings

ENOUGH, LOW, CRITICAL = SpaceLevel


@pytest.mark.parametrize(
    ("free_bytes", "size_bytes", "level"),
    [
        (3 * GIB, 100 * GIB, ENOUGH),
        (2 * GIB - 1, 100 * GIB, LOW),
        (512 * MIB, 100 * GIB, LOW),
        (512 * MIB - 1, 100 * GIB, CRITICAL),
        (0, 100 * GIB, CRITICAL),
        (1 * GIB, 5 * GIB, ENOUGH),  # a small volume is not low for ever
        (700 * MIB, 5 * GIB, LOW),
        (200 * MIB, 5 * GIB, CRITICAL),
        (300 * MIB, 1 * GIB, ENOUGH),
        (200 * MIB, 1 * GIB, LOW),
        (100 * MIB, 1 * GIB, CRITICAL),
    ],
)
def test_levels(free_bytes: int, size_bytes: int, level: SpaceLevel) -> None:
    assert level_of(free_bytes, size_bytes) is level


def test_a_level_ends_only_with_some_space_to_spare() -> None:
    assert level_of(2 * GIB + MIB, 100 * GIB, LOW) is LOW
    assert level_of(2 * GIB + MIB, 100 * GIB, ENOUGH) is ENOUGH
    assert level_of(int(2.3 * GIB), 100 * GIB, LOW) is ENOUGH
    assert level_of(520 * MIB, 100 * GIB, CRITICAL) is CRITICAL
    assert level_of(600 * MIB, 100 * GIB, CRITICAL) is LOW


def test_sizes_are_in_the_unit_people_compare() -> None:
    assert [in_words(size) for size in (0, 63 * MIB, GIB, 1536 * MIB)] == ["0 MiB", "63 MiB", "1.0 GiB", "1.5 GiB"]


def test_a_directory_that_cannot_be_looked_at_is_read_at_its_nearest_parent(tmp_path: Path) -> None:
    unusable = tmp_path / ("x" * 300) / "state"  # an OSError of another kind than "it does not exist", as of a failing disk
    [disk] = read_disks(directories(Settings(state_dir=unusable), None))
    assert (disk.uses, disk.directory) == ((DiskUse.STATE,), tmp_path)
