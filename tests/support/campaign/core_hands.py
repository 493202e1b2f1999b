"""Faults of processes, the database and the disk. Each is a block: it begins with the fault, and ends with the fault over.

In: the world, the planned fault. Out: the name of what it hit. I/O: signals, sockets, files, the database.
"""

from __future__ import annotations

import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress

from support.campaign.items import theme_files
from support.campaign.kinds import Kind
from support.campaign.plan import Fault
from support.campaign.stores import PostgresStore
from support.campaign.world import STAGES, NotDone, World, listening_port, signalled, stopped, waited_for
from support.signals import stand_still

SETTLED_WITHIN_S = 90.0
FILL_BYTES = 2**20

Hand = Callable[[World, Fault], AbstractContextManager[str]]


def _killed(role: str) -> Hand:
    @contextmanager
    def hand(world: World, _fault: Fault) -> Iterator[str]:
        if not signalled(world.pid_of(role), signal.SIGKILL):
            raise NotDone(f"{role} ended by itself just then")
        yield role

    return hand


def _stopped(role: str) -> Hand:
    @contextmanager
    def hand(world: World, fault: Fault) -> Iterator[str]:
        with stopped(world.pid_of(role)):
            time.sleep(fault.lasts_s)
            yield role

    return hand


@contextmanager
def supervisor_killed(world: World, fault: Fault) -> Iterator[str]:
    world.monitor.kill()
    time.sleep(fault.lasts_s)
    yield "run"
    world.monitor.start()


@contextmanager
def supervisor_terminated(world: World, _fault: Fault) -> Iterator[str]:
    world.end_supervisor()
    yield "run"
    world.monitor.start()


@contextmanager
def orphan_stopped(world: World, fault: Fault) -> Iterator[str]:
    role = STAGES[fault.choice % len(STAGES)]
    pid = world.pid_of(role)
    with suppress(ProcessLookupError):
        stand_still(pid)
    try:
        world.monitor.kill()
        time.sleep(fault.lasts_s)
        yield f"{role} (process {pid})"
    finally:
        world.monitor.start()


@contextmanager
def started_twice(world: World, _fault: Fault) -> Iterator[str]:
    world.end_supervisor()
    yield "run"
    starts: list[subprocess.Popen[bytes]] = []
    for _ in range(2):
        world.monitor.start()
        starts.append(world.supervisor())
    loser = waited_for(lambda: next((one for one in starts if one.poll() is not None), None), SETTLED_WITHIN_S)
    if loser is None:
        world.complaints.append("two starts in the same second both go on")
        return
    world.monitor.process = next(one for one in starts if one is not loser)
    if loser.poll() == 0:
        world.complaints.append("of two starts in the same second the refused one ended with exit code 0")


@contextmanager
def broker_killed_in_start(world: World, _fault: Fault) -> Iterator[str]:
    world.end_supervisor()
    world.monitor.start()
    signalled(world.pid_of("kafka"), signal.SIGKILL)
    yield "kafka"


@contextmanager
def metrics_port_taken(world: World, fault: Fault) -> Iterator[str]:
    role = STAGES[fault.choice % len(STAGES)]
    port = listening_port(world.pid_of(role))
    world.end_supervisor()
    with socket.socket() as taker:
        taker.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        took_it = waited_for(lambda: True if _took(taker, port) else None, 5.0)
        world.monitor.start()
        if took_it is None:
            raise NotDone(f"port {port} of {role} could not be taken")
        waited_for(lambda: True if world.is_up(role) or world.supervisor().poll() is not None else None, SETTLED_WITHIN_S)
        time.sleep(fault.lasts_s)
        yield f"{role}, port {port}"


def _took(taker: socket.socket, port: int) -> bool:
    try:
        taker.bind(("127.0.0.1", port))
        taker.listen()
    except OSError:
        return False
    return True


@contextmanager
def database_locked(world: World, fault: Fault) -> Iterator[str]:
    with world.store.locked():
        time.sleep(fault.lasts_s)
        yield "database"


@contextmanager
def database_cut(world: World, _fault: Fault) -> Iterator[str]:
    yield f"{_postgres(world).cut()} connections"


@contextmanager
def database_down(world: World, fault: Fault) -> Iterator[str]:
    with _postgres(world).down():
        time.sleep(fault.lasts_s)
        yield "database"


def _postgres(world: World) -> PostgresStore:
    assert isinstance(world.store, PostgresStore)
    return world.store


@contextmanager
def disk_full(world: World, fault: Fault) -> Iterator[str]:
    assert world.small_disk is not None
    filler = world.small_disk / "filler"
    over_at_s = time.monotonic() + fault.lasts_s
    try:
        with filler.open("wb", buffering=0) as file:
            while time.monotonic() < over_at_s:  # what others free meanwhile is taken too
                try:
                    while True:
                        file.write(b"\0" * FILL_BYTES)
                except OSError:
                    time.sleep(0.1)
        yield str(world.small_disk)
    finally:
        filler.unlink(missing_ok=True)


@contextmanager
def theme_broken_at_start(world: World, fault: Fault) -> Iterator[str]:
    with broken_theme(world, fault) as name:
        world.end_supervisor()
        world.monitor.start()
        time.sleep(fault.lasts_s)
        yield name


@contextmanager
def broken_theme(world: World, fault: Fault) -> Iterator[str]:
    """One theme file with a typo; mended after the block."""
    files = theme_files()
    name = sorted(files)[fault.choice % len(files)]
    file = world.monitor.directory / "themes" / name
    file.write_text(files[name].replace("threshold = 3", "treshold = 3"), "utf-8")
    try:
        yield name
    finally:
        file.write_text(files[name], "utf-8")


@contextmanager
def feeds_file_broken(world: World, fault: Fault) -> Iterator[str]:
    file = world.monitor.directory / "feeds.toml"
    text = file.read_text("utf-8")
    file.write_text(text.replace("[[feed]]", "[[feed", 1), "utf-8")
    try:
        time.sleep(fault.lasts_s)
        yield file.name
    finally:
        file.write_text(text, "utf-8")


CORE_HANDS: dict[Kind, Hand] = {
    **{Kind(f"{role}_killed"): _killed(role) for role in STAGES},
    **{Kind(f"{role}_stopped"): _stopped(role) for role in STAGES},
    **{Kind(f"{role}_stopped_long"): _stopped(role) for role in STAGES},
    Kind.BROKER_KILLED: _killed("kafka"),
    Kind.BROKER_STOPPED: _stopped("kafka"),
    Kind.BROKER_STOPPED_LONG: _stopped("kafka"),
    Kind.SUPERVISOR_KILLED: supervisor_killed,
    Kind.SUPERVISOR_TERMINATED: supervisor_terminated,
    Kind.ORPHAN_STOPPED: orphan_stopped,
    Kind.STARTED_TWICE: started_twice,
    Kind.BROKER_KILLED_IN_START: broker_killed_in_start,
    Kind.METRICS_PORT_TAKEN: metrics_port_taken,
    Kind.DATABASE_LOCKED: database_locked,
    Kind.DATABASE_CUT: database_cut,
    Kind.DATABASE_DOWN: database_down,
    Kind.DISK_FULL: disk_full,
    Kind.THEME_BROKEN_AT_START: theme_broken_at_start,
    Kind.FEEDS_FILE_BROKEN: feeds_file_broken,
}
