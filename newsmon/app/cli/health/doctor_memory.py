"""The checks of `newsmon doctor` that look into the database: deliveries that wait for a decision, and a clock that was wrong."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

from newsmon.app.cli.health.verdicts import Check, Verdict
from newsmon.clock import is_ahead
from newsmon.errors import DependencyError, SettingsError
from newsmon.records import NoticeKind
from newsmon.settings import Settings


def memory_checks(settings: Settings) -> Iterator[Check]:
    """What the database tells; nothing where there is none yet or it cannot be read, which another check says."""
    from sinks.database.engine import create_engine_for, reading
    from sinks.database.schema import check_schema
    from sinks.outbox.proofs import unproven_counts
    from sinks.outbox.state.clock_rows import newest_stored_at
    from sinks.store.notice_rows import newest_notices

    try:
        engine = create_engine_for(settings, must_exist=True)
        try:
            check_schema(engine)
            with reading(engine) as connection:
                counts, since = unproven_counts(connection)
                newest = newest_stored_at(connection)
                told = newest_notices(connection, kinds=(NoticeKind.CLOCK_STEPPED,), only_open=True, limit=1)
        finally:
            engine.dispose()
    except (DependencyError, SettingsError):
        return
    yield held_check(counts, since)
    yield clock_check(newest, told[0].text if told else None, now=datetime.now(UTC))


def held_check(counts: Mapping[str, int], since: datetime | None) -> Check:
    """Deliveries held as unproven, by receiver; `since` is when the database was found to be new or too old."""
    if not counts:
        return Check("deliveries", Verdict.GOOD, "none is waiting for your decision")
    shares = ", ".join(f"{receiver} {count}" for receiver, count in sorted(counts.items()))
    found = f" (the database was new or too old on {since:%Y-%m-%d %H:%M}Z)" if since is not None else ""
    detail = f"{sum(counts.values())} old deliveries are held, because nothing says whether they were sent{found}: {shares}. "
    return Check("deliveries", Verdict.BAD, detail + "Run `newsmon deliveries release` or `newsmon deliveries discard`.")


def clock_check(newest_stored_at: datetime | None, told: str | None, *, now: datetime) -> Check:
    """Whether the database was written by a clock that was ahead of this one, or the clock was set lately."""
    if newest_stored_at is not None and is_ahead(newest_stored_at, now=now):
        detail = (
            f"it is {now:%Y-%m-%d %H:%M}Z here, but the database was written at {newest_stored_at:%Y-%m-%d %H:%M}Z: the clock was ahead"
        )
        return Check("clock", Verdict.BAD, f"{detail} or is behind now. Check the time service (`timedatectl`), then restart newsmon.")
    if told is not None:
        return Check("clock", Verdict.NOTE, told)
    return Check("clock", Verdict.GOOD, "agrees with the database")
