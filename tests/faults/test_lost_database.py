"""The database is lost or put back to an older state: `newsmon deliver` knows from news.deliveries what was sent, and repeats nothing.

A real broker, both databases, the deliver process and HTTP receivers that verify.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from click.testing import CliRunner
from sqlalchemy import Engine, delete, insert, select
from support.alerts import SAMPLE, alert
from support.deliver_stage import Stage
from support.delivering import attempt_rows, outbox_rows, soon
from support.producing import raw_records
from support.receivers import SECRET, receiver_settings, secret_file
from support.samples import every_record
from support.storing import publish

from newsmon.app.cli import cli
from newsmon.app.listener import Answer, VerifyingReceiver
from newsmon.codec import decode
from newsmon.records import Alert, AlertReason, AlertState, Delivery, DeliveryOutcome, Notice
from newsmon.settings import Settings
from newsmon.topics import ALERTS, DELIVERIES, NOTICES
from sinks.database.engine import reading, writing
from sinks.database.tables import metadata

COUNT = 72
HOUR_S = 3_600.0
NOTICE: Notice = next(one for one in every_record() if isinstance(one, Notice))

Rows = dict[str, list[dict[str, Any]]]


def fresh(number: int, **changes: Any) -> Alert:
    return alert(number, raised_at=datetime.now(UTC), **changes)


def aged(number: int, age: timedelta, **changes: Any) -> Alert:
    return alert(number, raised_at=datetime.now(UTC) - age, **changes)


def closed(one: Alert) -> Alert:
    return msgspec.structs.replace(one, revision=2, state=AlertState.CLOSED, reason=AlertReason.STORY_CLOSED, raised_at=datetime.now(UTC))


def backup(engine: Engine) -> Rows:
    """Every row of every table."""
    with reading(engine) as connection:
        return {table.name: [dict(row) for row in connection.execute(select(table)).mappings()] for table in metadata.sorted_tables}


def restore(engine: Engine, rows: Rows) -> None:
    """Put the database back; without rows it is a new one with every table."""
    with writing(engine) as connection:
        for table in reversed(metadata.sorted_tables):
            connection.execute(delete(table))
        for table in metadata.sorted_tables:
            if rows.get(table.name):
                connection.execute(insert(table), rows[table.name])


def states_of(engine: Engine, receiver: str = "desk") -> Counter[tuple[str, str | None]]:
    return Counter((row.state, row.reason) for row in outbox_rows(engine) if row.receiver == receiver and row.kind == "alert")


def titles(receiver: VerifyingReceiver) -> Counter[str]:
    """How often each alert was accepted, by its title."""
    return Counter(
        one.payload["data"]["title"] for one in receiver.deliveries if one.accepted and one.payload and "title" in one.payload["data"]
    )  # fmt: skip


def published(settings: Settings) -> list[Delivery]:
    return [decode(raw.value, Delivery) for raw in raw_records(settings, DELIVERIES)]


def deliveries(stage: Stage, *arguments: str) -> str:
    """What `newsmon deliveries` prints with these arguments."""
    done = CliRunner().invoke(cli, ["deliveries", arguments[0], "--config", str(stage.file), *arguments[1:]])
    assert done.exit_code == 0, done.output
    return done.output


async def ended(stage: Stage, engine: Engine, expected: dict[tuple[str, str | None], int]) -> None:
    await soon(lambda: states_of(engine) == expected, f"{expected}, not {states_of(engine)}:\n{stage.log.read_text()[-2000:]}")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return secret_file(tmp_path)


async def test_a_lost_database_sends_nothing_again_that_was_told(
    kafka_settings: Settings, database_url: str, engine: Engine, tmp_path: Path, file: Path
) -> None:
    async with VerifyingReceiver(SECRET.text()) as receiver, VerifyingReceiver(SECRET.text(), answers=[Answer(status=400)] * 64) as dead:
        receivers = [
            receiver_settings("desk", receiver.url, file, notices=True),
            receiver_settings("dead", dead.url, file, themes=(SAMPLE.theme_id,), notices=False),
        ]  # fmt: skip
        stage = Stage(kafka_settings, database_url, tmp_path, receivers)
        alerts = [fresh(number) for number in range(COUNT)]
        ends = [closed(one) for one in alerts[:5]]
        publish(stage.settings, {ALERTS: [*alerts, *ends], NOTICES: [NOTICE]})
        async with stage.running():
            await soon(lambda: len(receiver.deliveries) == COUNT + 1, "all told")
            await soon(lambda: sum(states_of(engine, "dead").values()) == COUNT + 5, "the other one has its rows")
            await soon(lambda: len(published(stage.settings)) >= len(attempt_rows(engine)) > 0, "proofs are published")
        before = states_of(engine)
        restore(engine, {})
        async with stage.running():
            await ended(stage, engine, dict(before))
            await asyncio.to_thread(publish, stage.settings, {ALERTS: [fresh(1_000)]})
            await soon(lambda: "alert 1000" in titles(receiver), "the next alert is sent")
        accepted_twice = [one for one in receiver.deliveries if one.repeat]
    assert not accepted_twice
    assert len(receiver.deliveries) == COUNT + 2
    assert len({(one.delivery_id, one.attempt) for one in published(stage.settings)}) == len(published(stage.settings))


async def test_retries_and_dead_letters_go_on_where_the_lost_database_was(
    kafka_settings: Settings, database_url: str, engine: Engine, tmp_path: Path, file: Path
) -> None:
    async with VerifyingReceiver(SECRET.text(), answers=[Answer(status=500)] * 8) as receiver:
        stage = Stage(kafka_settings, database_url, tmp_path, [receiver_settings("desk", receiver.url, file)])
        publish(stage.settings, {ALERTS: [fresh(1)]})
        process = stage.start()
        try:
            await soon(lambda: len(published(stage.settings)) >= 2, "two attempts are proven")
        finally:
            process.kill()
            process.wait(60)
        proven = {one.attempt for one in published(stage.settings)}
        restore(engine, {})
        async with stage.running():
            await ended(stage, engine, {("delivered", None): 1})
    [row] = outbox_rows(engine)
    assert row.attempt_count > max(proven) >= 2  # it did not begin again
    assert titles(receiver) == {"alert 1": 1}
    assert [one.outcome for one in published(stage.settings)].count(DeliveryOutcome.DELIVERED) == 1


async def test_a_database_from_a_backup_sends_nothing_of_the_time_since_again(
    kafka_settings: Settings, database_url: str, engine: Engine, tmp_path: Path, file: Path
) -> None:
    async with VerifyingReceiver(SECRET.text(), answers=[Answer(status=500)]) as receiver:
        stage = Stage(kafka_settings, database_url, tmp_path, [receiver_settings("desk", receiver.url, file)])
        publish(stage.settings, {ALERTS: [fresh(1)]})
        process = stage.start()
        try:
            await soon(lambda: len(attempt_rows(engine)) >= 1, "the first is being retried")
        finally:
            process.kill()
            process.wait(60)
        saved = backup(engine)
        publish(stage.settings, {ALERTS: [fresh(number) for number in range(2, 22)]})
        async with stage.running():
            await ended(stage, engine, {("delivered", None): 21})
            await soon(lambda: len(published(stage.settings)) == 22, "proven")
        restore(engine, saved)
        assert states_of(engine)["delivered", None] < 21
        async with stage.running():
            await ended(stage, engine, {("delivered", None): 21})
            await asyncio.to_thread(publish, stage.settings, {ALERTS: [fresh(100)]})
            await ended(stage, engine, {("delivered", None): 22})
    assert set(titles(receiver).values()) == {1}


async def test_what_is_old_and_unproven_is_held_and_said_until_a_person_decides(
    kafka_settings: Settings, database_url: str, engine: Engine, tmp_path: Path, file: Path
) -> None:
    async with VerifyingReceiver(SECRET.text()) as receiver, VerifyingReceiver(SECRET.text()) as added:
        desk, late = (receiver_settings(name, one.url, file, notices=True) for name, one in (("desk", receiver), ("late", added)))
        stage = Stage(kafka_settings, database_url, tmp_path, [desk], hold_older_than_s=4 * HOUR_S)
        old = aged(1, timedelta(hours=5))
        async with stage.running():
            await soon(lambda: "deliver.started" in stage.log.read_text(), "started")
            await soon(lambda: "offsets.resumed" in stage.log.read_text(), "reading")
            await asyncio.to_thread(publish, stage.settings, {ALERTS: [old]})
            await ended(stage, engine, {("delivered", None): 1})  # old, but nobody else can have sent it
            await soon(lambda: len(published(stage.settings)) == 1, "proven")
        # An attempt for which there is no proof: the record expired, or was never published.
        publish(stage.settings, {ALERTS: [aged(number, timedelta(days=29)) for number in (2, 3, 4)] + [aged(5, timedelta(hours=1))]})
        restore(engine, {})
        both = Stage(kafka_settings, database_url, tmp_path, [desk, late], hold_older_than_s=4 * HOUR_S)
        async with both.running():
            await ended(both, engine, {("delivered", None): 2, ("held", "unproven"): 3})
            late_has = {("delivered", None): 1, ("held", "unproven"): 4}
            await soon(lambda: states_of(engine, "late") == late_has, "the other receiver has its own")
            said = lambda: [one.payload for one in receiver.deliveries if one.payload and one.payload["type"].endswith("notice")]  # noqa: E731
            await soon(lambda: any(one["data"]["kind"] == "deliveries_held" for one in map(dict, said())), "said", within_s=180)
            listed = deliveries(both, "list", "--state", "held")
            assert listed.count("unproven") == 7
            assert "late: 4" in deliveries(both, "discard", "--receiver", "late")
            assert "desk: 3" in deliveries(both, "release", "--dry-run")
            deliveries(both, "release")
            await ended(both, engine, {("delivered", None): 5})
            await soon(
                lambda: any(one["data"]["state"] == "resolved" for one in map(dict, said()) if one["data"]["kind"] == "deliveries_held"),
                "said to be over", within_s=180,
            )  # fmt: skip
    assert titles(receiver) == {f"alert {number}": 1 for number in range(1, 6)}
    assert titles(added) == {"alert 5": 1}
    assert states_of(engine, "late") == {("delivered", None): 1, ("suppressed", "discarded"): 4}


async def test_a_long_outage_of_deliver_alone_holds_nothing(
    kafka_settings: Settings, database_url: str, engine: Engine, tmp_path: Path, file: Path
) -> None:
    async with VerifyingReceiver(SECRET.text()) as receiver:
        stage = Stage(kafka_settings, database_url, tmp_path, [receiver_settings("desk", receiver.url, file)], hold_older_than_s=HOUR_S)
        publish(stage.settings, {ALERTS: [fresh(1)]})
        async with stage.running():
            await ended(stage, engine, {("delivered", None): 1})
        publish(stage.settings, {ALERTS: [aged(number, timedelta(hours=10)) for number in range(2, 12)]})
        async with stage.running():
            await ended(stage, engine, {("delivered", None): 11})
    assert set(titles(receiver).values()) == {1}
