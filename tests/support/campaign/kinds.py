"""The kinds of fault, how long each lasts, and what it needs. A closed list; no I/O.

Not here, and why: a clock that is set needs the machine's own; a topic that is deleted is a loss, which `newsmon verify` must not call
balanced; 410 is a receiver's wish to get nothing more. Each of them has tests of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Lane(StrEnum):
    """Faults of one lane follow each other; the two lanes overlap."""

    CORE = "core"  # processes, the database, the disk
    EDGE = "edge"  # feeds, receivers, topics, files


class Need(StrEnum):
    """What a kind needs that not every machine or campaign has."""

    SQLITE = "sqlite"
    POSTGRESQL = "postgresql"
    SMALL_DISK = "a small disk of its own for the state directory: root, to mount a tmpfs"


class Kind(StrEnum):
    """One way in which something goes wrong."""

    PRODUCER_KILLED = "producer_killed"
    PROCESSOR_KILLED = "processor_killed"
    STORE_KILLED = "store_killed"
    DELIVER_KILLED = "deliver_killed"
    PRODUCER_STOPPED = "producer_stopped"
    PROCESSOR_STOPPED = "processor_stopped"
    STORE_STOPPED = "store_stopped"
    DELIVER_STOPPED = "deliver_stopped"
    PRODUCER_STOPPED_LONG = "producer_stopped_long"
    PROCESSOR_STOPPED_LONG = "processor_stopped_long"
    STORE_STOPPED_LONG = "store_stopped_long"
    DELIVER_STOPPED_LONG = "deliver_stopped_long"
    BROKER_KILLED = "broker_killed"
    BROKER_STOPPED = "broker_stopped"
    BROKER_STOPPED_LONG = "broker_stopped_long"
    SUPERVISOR_KILLED = "supervisor_killed"
    SUPERVISOR_TERMINATED = "supervisor_terminated"
    ORPHAN_STOPPED = "orphan_stopped"  # a stage is stopped, the supervisor killed, and started again beside the orphan
    STARTED_TWICE = "started_twice"  # two starts in the same second
    BROKER_KILLED_IN_START = "broker_killed_in_start"
    METRICS_PORT_TAKEN = "metrics_port_taken"
    DATABASE_LOCKED = "database_locked"
    DATABASE_CUT = "database_cut"
    DATABASE_DOWN = "database_down"
    DISK_FULL = "disk_full"
    THEME_BROKEN_AT_START = "theme_broken_at_start"
    FEEDS_FILE_BROKEN = "feeds_file_broken"  # while it runs; mended before anything starts again

    RECEIVER_ERROR = "receiver_error"
    RECEIVER_THROTTLED = "receiver_throttled"
    RECEIVER_HANGS = "receiver_hangs"
    RECEIVER_CLOSES_EARLY = "receiver_closes_early"
    RECEIVER_REFUSED = "receiver_refused"
    FEED_ERROR = "feed_error"
    FEED_HANGS = "feed_hangs"
    FEED_GARBAGE = "feed_garbage"
    FEED_TRUNCATED = "feed_truncated"
    FEED_THROTTLED = "feed_throttled"
    TOPIC_GARBAGE = "topic_garbage"  # bytes of every kind on every topic
    TOPIC_OVERSIZED = "topic_oversized"  # unreadable records as large as the broker takes
    TOPIC_REPEATED = "topic_repeated"  # records that were there before, once more
    THEME_BROKEN = "theme_broken"  # and mended


@dataclass(frozen=True, slots=True)
class Spec:
    """`lasts_s`: between begin and end. `long_s`: the same in a long campaign, where it outlasts every client's own time-outs."""

    lane: Lane
    lasts_s: tuple[float, float]
    long_s: tuple[float, float] | None = None
    needs: tuple[Need, ...] = ()
    is_cheap: bool = False  # recovers within seconds: a short campaign repeats it first


_AT_ONCE = (0.0, 0.0)
_BRIEF = (1.5, 3.0)
_OUT = (8.0, 10.0)  # beyond the session time-out of the campaign's settings
_OUT_LONG = (30.0, 130.0)


def _core(lasts_s: tuple[float, float], long_s: tuple[float, float] | None = None, *needs: Need, cheap: bool = False) -> Spec:
    return Spec(Lane.CORE, lasts_s, long_s, needs, cheap)


def _edge(lasts_s: tuple[float, float] = (2.0, 5.0), long_s: tuple[float, float] | None = None) -> Spec:
    return Spec(Lane.EDGE, lasts_s, long_s, (), is_cheap=True)


SPECS: dict[Kind, Spec] = {
    Kind.PRODUCER_KILLED: _core(_AT_ONCE, cheap=True),
    Kind.PROCESSOR_KILLED: _core(_AT_ONCE, cheap=True),
    Kind.STORE_KILLED: _core(_AT_ONCE, cheap=True),
    Kind.DELIVER_KILLED: _core(_AT_ONCE, cheap=True),
    Kind.PRODUCER_STOPPED: _core(_BRIEF, cheap=True),
    Kind.PROCESSOR_STOPPED: _core(_BRIEF, cheap=True),
    Kind.STORE_STOPPED: _core(_BRIEF, cheap=True),
    Kind.DELIVER_STOPPED: _core(_BRIEF, cheap=True),
    Kind.PRODUCER_STOPPED_LONG: _core(_OUT, _OUT_LONG),
    Kind.PROCESSOR_STOPPED_LONG: _core(_OUT, _OUT_LONG),
    Kind.STORE_STOPPED_LONG: _core(_OUT, _OUT_LONG),
    Kind.DELIVER_STOPPED_LONG: _core(_OUT, _OUT_LONG),
    Kind.BROKER_KILLED: _core(_AT_ONCE),
    Kind.BROKER_STOPPED: _core(_BRIEF, (10.0, 60.0), cheap=True),
    Kind.BROKER_STOPPED_LONG: _core((33.0, 36.0), (130.0, 200.0)),
    Kind.SUPERVISOR_KILLED: _core((0.0, 1.0)),
    Kind.SUPERVISOR_TERMINATED: _core(_AT_ONCE),
    Kind.ORPHAN_STOPPED: _core((0.5, 1.0)),
    Kind.STARTED_TWICE: _core(_AT_ONCE),
    Kind.BROKER_KILLED_IN_START: _core(_AT_ONCE),
    Kind.METRICS_PORT_TAKEN: _core((4.0, 6.0)),
    Kind.DATABASE_LOCKED: _core((5.0, 8.0), (5.0, 60.0)),
    Kind.DATABASE_CUT: _core(_AT_ONCE, None, Need.POSTGRESQL, cheap=True),
    Kind.DATABASE_DOWN: _core((4.0, 6.0), (10.0, 150.0), Need.POSTGRESQL),
    Kind.DISK_FULL: _core((6.0, 8.0), (10.0, 140.0), Need.SMALL_DISK),
    Kind.THEME_BROKEN_AT_START: _core((3.0, 5.0)),
    Kind.FEEDS_FILE_BROKEN: _core(_BRIEF, cheap=True),
    Kind.RECEIVER_ERROR: _edge(long_s=(2.0, 40.0)),
    Kind.RECEIVER_THROTTLED: _edge(long_s=(2.0, 40.0)),
    Kind.RECEIVER_HANGS: _edge((3.0, 5.0), (2.0, 40.0)),
    Kind.RECEIVER_CLOSES_EARLY: _edge(long_s=(2.0, 40.0)),
    Kind.RECEIVER_REFUSED: _edge(long_s=(2.0, 40.0)),
    Kind.FEED_ERROR: _edge(long_s=(2.0, 60.0)),
    Kind.FEED_HANGS: _edge((5.0, 7.0), (5.0, 60.0)),
    Kind.FEED_GARBAGE: _edge(long_s=(2.0, 60.0)),
    Kind.FEED_TRUNCATED: _edge(long_s=(2.0, 60.0)),
    Kind.FEED_THROTTLED: _edge(long_s=(2.0, 60.0)),
    Kind.TOPIC_GARBAGE: _edge(_AT_ONCE),
    Kind.TOPIC_OVERSIZED: _edge(_AT_ONCE),
    Kind.TOPIC_REPEATED: _edge(_AT_ONCE),
    Kind.THEME_BROKEN: _edge((3.0, 6.0)),
}


def kinds_with(available: frozenset[Need]) -> dict[Kind, Spec]:
    """The kinds that can be tried where these needs are met."""
    return {kind: spec for kind, spec in SPECS.items() if available.issuperset(spec.needs)}
