"""What `newsmon doctor` says of this machine: the state directory, free space, and who may read what newsmon keeps."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from newsmon.app.cli.health.verdicts import Check, Verdict
from newsmon.errors import SettingsError
from newsmon.host.disks import SpaceLevel, directories, read_disks
from newsmon.host.private_files import denied_bits, too_open
from newsmon.settings import Settings

VERDICTS = {SpaceLevel.ENOUGH: Verdict.GOOD, SpaceLevel.LOW: Verdict.NOTE, SpaceLevel.CRITICAL: Verdict.BAD}
ADVICE = {
    SpaceLevel.ENOUGH: "",
    SpaceLevel.LOW: "; make room before newsmon has to stop",
    SpaceLevel.CRITICAL: "; make room now: when it is full, nothing can be stored, and the broker stops",
}


def state_dir_check(settings: Settings) -> Check:
    """Whether newsmon can use the directory, and who does."""
    from newsmon.kafka.broker.owner import current_holder

    directory = settings.state_dir
    if not directory.exists():
        parent = next(one for one in directory.parents if one.exists())
        if not os.access(parent, os.W_OK | os.X_OK):
            return Check("state directory", Verdict.BAD, f"{directory} does not exist and cannot be created: {parent} is not writable")
        return Check("state directory", Verdict.GOOD, f"{directory} does not exist yet; the first start creates it")
    if not directory.is_dir() or not os.access(directory, os.R_OK | os.W_OK | os.X_OK):
        return Check("state directory", Verdict.BAD, f"{directory} cannot be written by this user")
    holder = current_holder(directory)
    return Check("state directory", Verdict.GOOD, f"{directory}" + (f", in use by {holder}" if holder else ", not in use"))


def disk_checks(settings: Settings) -> Iterator[Check]:
    """One row for each disk newsmon writes to."""
    for disk in read_disks(directories(settings, sqlite_file_of(settings))):
        yield Check("disk", VERDICTS[disk.level], f"{disk}{ADVICE[disk.level]}")


def privacy_check(settings: Settings) -> Iterator[Check]:
    """What others may read, and whether the next start mends that."""
    loose = too_open(settings, sqlite_file_of(settings))
    if not loose:
        if settings.state_dir.exists():
            readers = "this user and the group of the state directory" if denied_bits(settings.state_dir) & 0o040 == 0 else "this user"
            yield Check("privacy", Verdict.GOOD, f"only {readers} may read what newsmon keeps")
        return
    foreign = [path for path in loose if path.lstat().st_uid != os.geteuid()]
    if foreign:
        yield Check(
            "privacy", Verdict.BAD,
            f"others may read {foreign[0]}{_more(foreign)}, which belongs to another user: "
            "always run newsmon as the same user, and chown its files to that user",
        )  # fmt: skip
    else:
        yield Check("privacy", Verdict.NOTE, f"others may read {loose[0]}{_more(loose)}; the next start changes that")


def sqlite_file_of(settings: Settings) -> Path | None:
    """The database file, or None if it is not one; a wrong database.url has a row of its own."""
    from sinks.database.sqlite_file import sqlite_file

    try:
        return sqlite_file(settings)
    except SettingsError:
        return None


def _more(paths: list[Path]) -> str:
    return f" and {len(paths) - 1} more" if len(paths) > 1 else ""
