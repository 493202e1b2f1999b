"""Deliveries that a clock ten days ahead enqueued, held, retried or told: once it is set right, nothing waits for more than its rule."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, select, update
from support.alerts import alert
from support.delivering import dispatching, empty_database, outbox_rows, received, soon, states
from support.receivers import SECRET, receiver_settings

from newsmon.app.listener import VerifyingReceiver
from newsmon.clock import ClockReading, ClockWatch
from newsmon.records import Severity
from newsmon.settings import ReceiverSettings
from sinks.database.engine import reading, writing
from sinks.database.outbox_tables import outbox, receivers_state
from sinks.database.tables import consumed_offsets, notices
from sinks.deliver.heartbeat import enqueue_heartbeats
from sinks.outbox.enqueue import enqueue
from sinks.outbox.escalate import escalate_due
from sinks.outbox.release import release_due
from sinks.outbox.state.clock_rows import newest_stored_at, time_again
from sinks.outbox.state.receiver_state import ReceiverState, read_state, write_state
from sinks.outbox.state.silences import active, add
from sinks.policy.circuit import Circuit
from sinks.policy.silences import Silence

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
AHEAD = NOW + timedelta(days=10)
URL = "http://127.0.0.1:1/"


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    with empty_database(tmp_path) as engine:
        yield engine


def fill_at(connection: Connection, at: datetime, numbers: range, receiver: ReceiverSettings) -> None:
    batch = [received(alert(number, raised_at=at, severity=Severity.URGENT), number) for number in numbers]
    enqueue(connection, batch, (receiver,), now=at)


def due_times(connection: Connection) -> list[datetime | None]:
    return list(connection.scalars(select(outbox.c.next_attempt_at).order_by(outbox.c.next_attempt_at)))


def test_what_was_due_at_once_is_due_now_and_escalates_after_its_usual_time(engine: Engine) -> None:
    desk = receiver_settings("desk", URL, escalate_to="pager", escalate_after_s=600)
    with writing(engine) as connection:
        fill_at(connection, AHEAD, range(3), desk)
        assert time_again(connection, {"desk": desk}, now=NOW) == 3
        assert due_times(connection) == [NOW] * 3
        assert set(connection.scalars(select(outbox.c.escalate_at))) == {NOW + timedelta(seconds=600)}
        assert set(connection.scalars(select(outbox.c.created_at))) == {NOW}
        assert time_again(connection, {"desk": desk}, now=NOW) == 0


def test_a_retry_waits_its_delay_and_no_longer(engine: Engine) -> None:
    desk = receiver_settings("desk", URL)
    with writing(engine) as connection:
        fill_at(connection, NOW - timedelta(hours=1), range(1), desk)
        connection.execute(update(outbox).values(scheduled_at=AHEAD, next_attempt_at=AHEAD + timedelta(minutes=5), attempt_count=3))
        time_again(connection, {"desk": desk}, now=NOW)
        assert due_times(connection) == [NOW + timedelta(minutes=5)]


def test_what_a_digest_or_quiet_hours_held_goes_with_the_next_one(engine: Engine) -> None:
    daily = receiver_settings("desk", URL, digest="daily", digest_at="18:00")
    with writing(engine) as connection:
        fill_at(connection, AHEAD, range(2), daily)
        time_again(connection, {"desk": daily}, now=NOW)
        assert due_times(connection) == [NOW.replace(hour=18)] * 2
        awake = receiver_settings("desk", URL)  # the settings changed: nothing holds it
        connection.execute(update(outbox).values(scheduled_at=AHEAD))
        time_again(connection, {"desk": awake}, now=NOW)
        assert due_times(connection) == [NOW] * 2


def test_rows_of_an_older_version_are_known_by_a_wait_no_rule_makes(engine: Engine) -> None:
    desk = receiver_settings("desk", URL)
    with writing(engine) as connection:
        fill_at(connection, NOW - timedelta(hours=1), range(2), desk)
        connection.execute(update(outbox).values(scheduled_at=None, next_attempt_at=NOW + timedelta(hours=6)))
        assert time_again(connection, {"desk": desk}, now=NOW) == 0  # a receiver may ask for that
        connection.execute(update(outbox).values(scheduled_at=None, next_attempt_at=AHEAD))
        assert time_again(connection, {"desk": desk}, now=NOW) == 2
        assert due_times(connection) == [NOW] * 2


def test_claims_circuits_and_the_newest_stored_time_are_corrected(engine: Engine) -> None:
    desk = receiver_settings("desk", URL)
    with writing(engine) as connection:
        fill_at(connection, NOW, range(1), desk)
        connection.execute(update(outbox).values(leased_by="elsewhere/1/1.00", leased_until=AHEAD))
        resting = ReceiverState(circuit=Circuit(7, AHEAD + timedelta(minutes=5)), last_success_at=AHEAD, failing_since=AHEAD)
        write_state(connection, "desk", resting, now=AHEAD)
        connection.execute(consumed_offsets.insert().values(consumer="store", topic="t", partition=0, next_offset=5, updated_at=AHEAD))
        assert newest_stored_at(connection) == AHEAD
        time_again(connection, {"desk": desk}, now=NOW)
        state = read_state(connection, "desk")
        assert (state.circuit.open_until, state.failing_since, state.last_success_at) == (NOW + timedelta(minutes=5), NOW, NOW)
        assert connection.scalar(select(outbox.c.leased_until)) is None
        assert newest_stored_at(connection) == NOW
        assert connection.scalar(select(receivers_state.c.updated_at)) == NOW


def test_what_quiet_hours_hold_for_longer_than_before_still_escalates_after_it_was_sent(engine: Engine) -> None:
    desk = receiver_settings("desk", URL, escalate_to="pager", escalate_after_s=600, quiet_hours=("11:00-23:00",))
    receivers = {"desk": desk, "pager": receiver_settings("pager", URL)}
    with writing(engine) as connection:
        fill_at(connection, AHEAD.replace(hour=22), range(1), desk)
        time_again(connection, receivers, now=NOW)
        assert due_times(connection) == [NOW.replace(hour=23)]
        assert escalate_due(connection, receivers, now=NOW + timedelta(hours=2)) == 0
        assert release_due(connection, "desk", now=NOW.replace(hour=23)) == 1
        assert escalate_due(connection, receivers, now=NOW.replace(hour=23, minute=10)) == 1


def test_a_silence_made_by_a_clock_that_was_ahead_lasts_as_long_as_its_author_wanted(engine: Engine) -> None:
    desk = receiver_settings("desk", URL)
    silence = Silence(
        silence_id="sil_1", author="someone", comment="", created_at=AHEAD, ends_at=AHEAD + timedelta(hours=2), receiver="desk"
    )  # fmt: skip
    with writing(engine) as connection:
        add(connection, silence)
        fill_at(connection, NOW, range(1), receiver_settings("other", URL))
        waits = {"state": "held", "reason": "silenced", "next_attempt_at": silence.ends_at, "scheduled_at": NOW}
        connection.execute(update(outbox).values(waits))  # held by it in the second before the step was noticed
        time_again(connection, {"desk": desk}, now=NOW)
        assert [one.ends_at for one in active(connection, now=NOW)] == [NOW + timedelta(hours=2)]
        assert due_times(connection) == [NOW]
        time_again(connection, {"desk": desk}, now=NOW + timedelta(hours=1))
        assert active(connection, now=NOW + timedelta(hours=2)) == ()


def test_a_heartbeat_made_by_a_clock_that_was_ahead_does_not_replace_that_days(engine: Engine) -> None:
    desk = receiver_settings("desk", URL, heartbeat="daily", heartbeat_at="08:00")
    early, then = AHEAD.replace(hour=8, minute=1), AHEAD.replace(hour=8, minute=2)
    with writing(engine) as connection:
        assert enqueue_heartbeats(connection, [desk], now=early) == 1
        time_again(connection, {"desk": desk}, now=NOW)
        assert [enqueue_heartbeats(connection, [desk], now=then) for _ in range(3)] == [1, 0, 0]


async def test_a_dispatcher_started_after_the_clock_was_set_right_sends_at_once_and_tells(engine: Engine) -> None:
    async with VerifyingReceiver(SECRET.text()) as receiver:
        desk = receiver_settings("desk", receiver.url, notices=True)
        now = datetime.now(UTC)
        with writing(engine) as connection:
            fill_at(connection, now + timedelta(days=10), range(5), desk)
            row = {"consumer": "deliver", "topic": "t", "partition": 0, "next_offset": 5, "updated_at": now + timedelta(days=10)}
            connection.execute(consumed_offsets.insert().values(row))
        async with dispatching(engine, [desk]):
            await soon(lambda: [one[1] for one in states(engine)] == ["delivered"] * 6, "sent, with the notice")
    kinds = [one.payload["data"]["kind"] for one in receiver.deliveries if one.payload and "kind" in one.payload["data"]]
    assert kinds == ["clock_stepped"]


async def test_a_clock_set_back_under_a_running_dispatcher_is_noticed_and_told(engine: Engine) -> None:
    readings = [ClockReading(datetime.now(UTC) + timedelta(days=10), 0.0)]

    def read() -> ClockReading:
        return readings.pop(0) if len(readings) > 1 else readings[0]

    watch = ClockWatch(read)
    readings.append(ClockReading(datetime.now(UTC), 1.0))  # what the next look finds
    async with VerifyingReceiver(SECRET.text()) as receiver:
        desk = receiver_settings("desk", receiver.url, notices=True)
        with writing(engine) as connection:
            fill_at(connection, datetime.now(UTC) + timedelta(days=10), range(5), desk)
        async with dispatching(engine, [desk], clock=watch):
            await soon(lambda: [one[1] for one in states(engine)] == ["delivered"] * 6, "sent, with the notice")
    assert len(outbox_rows(engine)) == 6
    with reading(engine) as connection:
        [said] = connection.execute(select(notices)).all()
    assert (said.kind, said.state) == ("clock_stepped", "raised")
    assert "back by 10.0 d" in said.text
