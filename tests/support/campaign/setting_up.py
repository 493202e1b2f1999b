"""A campaign's world, built for one database and taken away afterwards, and the campaign in it.

Out: Report. I/O: a temporary directory, a small disk where we may mount one, a PostgreSQL server if asked for.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Collection, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

from support.campaign.desks import Desk
from support.campaign.driver import Campaign, Say
from support.campaign.kinds import SPECS, Kind, Need, kinds_with
from support.campaign.newsroom import CAMPAIGN_SETTINGS, named_ports, write_newsroom
from support.campaign.outlet import Outlet
from support.campaign.report import Report
from support.campaign.stores import PostgresStore, SqliteStore, Store
from support.campaign.world import World
from support.postgres import find_binaries, running_postgres

SMALL_DISK_MIB = 1024
FEEDS = ("one", "two", "three")
DESKS = ("north", "east", "south")


@contextmanager
def small_disk(directory: Path) -> Iterator[Path | None]:
    """A disk of its own that can be filled; None where we may not mount one."""
    directory.mkdir()
    mounted = os.geteuid() == 0 and _did(["mount", "-t", "tmpfs", "-o", f"size={SMALL_DISK_MIB}m,mode=0700", "tmpfs", str(directory)])
    try:
        yield directory if mounted else None
    finally:
        if mounted and not _did(["umount", str(directory)]):
            _did(["umount", "-l", str(directory)])


def _did(command: list[str]) -> bool:
    try:
        return subprocess.run(command, capture_output=True, timeout=60, check=False).returncode == 0
    except OSError:
        return False


def run_campaign(
    *, seed: int, minutes: float | None, database: str, without: Collection[Kind] = (), only: Collection[Kind] = (), say: Say = print
) -> Report:
    """One campaign on `sqlite` or `postgresql`; kinds that cannot be tried here are named in the report."""
    with ExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="newsmon-campaign-", ignore_cleanup_errors=True)))
        disk = stack.enter_context(small_disk(directory / "disk"))
        state_dir = (disk or directory) / "state"
        store: Store = SqliteStore(state_dir / "newsmon.db")
        url = None
        if database == "postgresql":
            binaries = find_binaries()
            assert binaries is not None, "PostgreSQL's server binaries are not installed (Debian: apt-get install postgresql)"
            store = postgres = PostgresStore(stack.enter_context(running_postgres(binaries)))
            url = postgres.url
        outlet = stack.enter_context(Outlet(list(FEEDS)))
        desks = [stack.enter_context(Desk(name)) for name in DESKS]
        settings = CAMPAIGN_SETTINGS + (named_ports() if seed % 2 else "")  # both ways of having ports, by seed
        monitor = write_newsroom(
            directory / "newsroom", {name: outlet.url(name) for name in FEEDS}, desks, state_dir=state_dir, database_url=url, settings=settings
        )  # fmt: skip
        world = World(monitor, outlet, desks, store, directory, small_disk=disk)
        stack.callback(world.end_leftovers)
        available = frozenset({Need(database)} | ({Need.SMALL_DISK} if disk else set()))
        kinds = {kind for kind in kinds_with(available) if kind not in without and (not only or kind in only)}
        report = Campaign(world, seed, kinds, minutes, say).run()
        if not report.is_good:
            kept = Path(tempfile.mkdtemp(prefix="newsmon-campaign-log-")) / "run.log"
            kept.write_text(monitor.log, "utf-8")
            say(f"the monitor's log is kept in {kept}")
        not_tried = [f"{kind}: needs {need}" for kind, spec in SPECS.items() for need in spec.needs if need not in available]
        if left_out := [kind for kind in SPECS if kind in without or (only and kind not in only)]:
            not_tried.append(f"{len(left_out)} kinds, left out on request")
        return replace(report, database=database, not_tried=tuple(not_tried))
