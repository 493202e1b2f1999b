"""From the outbox to real HTTP receivers: what each answer leads to, and that nobody waits for anybody."""

from __future__ import annotations

import asyncio
import itertools
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, select, text, update
from support.alerts import alert
from support.delivering import QUICK, attempt_rows, dispatching, fill, outbox_rows, soon, states
from support.receivers import SECRET, closes_early, drips_its_head, hangs, raw_receiver, receiver_settings

from newsmon.app.listener import Answer, VerifyingReceiver
from newsmon.records import Origin
from sinks.database.engine import reading, writing
from sinks.database.outbox_tables import outbox, receivers_state
from sinks.deliver.receiver_queue import DeliveryPolicy
from sinks.outbox.claim import worker_name
from sinks.outbox.state.receiver_state import ReceiverState, enable, read_state, write_state
from sinks.policy.circuit import Circuit, CircuitPolicy
from sinks.policy.retry import Schedule


def settled(engine: Engine) -> bool:
    return all(state != "pending" for _receiver, state, _reason in states(engine))


def all_in(engine: Engine, state: str) -> bool:
    return {found for _receiver, found, _reason in states(engine)} == {state}


async def test_every_alert_reaches_the_receiver_once_and_verified(engine: Engine) -> None:
    async with VerifyingReceiver(SECRET.text()) as receiver:
        desk = receiver_settings("desk", receiver.url)
        fill(engine, [alert(number) for number in range(60)], [desk])
        async with dispatching(engine, [desk]):
            await soon(lambda: all_in(engine, "delivered"), "all delivered")
    assert all(one.verified and not one.repeat for one in receiver.deliveries)
    assert sorted(one.webhook_id for one in receiver.deliveries) == sorted(row.delivery_id for row in outbox_rows(engine))
    assert {one.body for one in receiver.deliveries} == {row.payload for row in outbox_rows(engine)}
    assert [row.outcome for row in attempt_rows(engine)] == ["delivered"] * 60
    assert all(row.delivered_at is not None and row.leased_by is None for row in outbox_rows(engine))


async def test_a_receiver_that_answers_500_and_then_200_gets_the_alert_with_the_same_id_and_bytes(engine: Engine) -> None:
    async with VerifyingReceiver(SECRET.text(), answers=[Answer(status=500), Answer(status=302), Answer(status=400)]) as receiver:
        desk = receiver_settings("desk", receiver.url)
        fill(engine, [alert()], [desk])
        async with dispatching(engine, [desk]):
            await soon(lambda: all_in(engine, "delivered"), "delivered at last")
    assert [one.status for one in receiver.deliveries] == [500, 302, 400, 204]
    assert len({(one.webhook_id, one.body) for one in receiver.deliveries}) == 1
    gaps = [b.received_at - a.received_at for a, b in itertools.pairwise(receiver.deliveries)]
    assert [gap.total_seconds() >= least for gap, least in zip(gaps, (0.1, 0.2, 0.3), strict=True)] == [True] * 3
    tried = [(row.attempt, row.outcome, row.reason, row.status) for row in attempt_rows(engine)]
    assert tried == [
        (1, "will_retry", "server_error", 500),
        (2, "will_retry", "redirected", 302),
        (3, "will_retry", "client_error", 400),
        (4, "delivered", "accepted", 204),
    ]


async def test_when_the_schedule_is_used_up_the_delivery_is_dead_and_says_why(engine: Engine) -> None:
    async with raw_receiver(closes_early) as receiver:
        desk = receiver_settings("desk", receiver.url)
        fill(engine, [alert()], [desk])
        async with dispatching(engine, [desk]):
            await soon(lambda: settled(engine), "given up")
    assert states(engine) == [("desk", "dead", "exhausted")]
    assert len(receiver.requests) == 4
    assert [row.outcome for row in attempt_rows(engine)] == ["will_retry", "will_retry", "will_retry", "dead"]
    assert {row.reason for row in attempt_rows(engine)} == {"connect_failed"}


async def test_retry_after_is_a_floor_for_all_alerts_of_the_receiver(engine: Engine) -> None:
    async with VerifyingReceiver(SECRET.text(), answers=[Answer(status=429, headers={"Retry-After": "1"})]) as receiver:
        desk = receiver_settings("desk", receiver.url, concurrency=1)
        fill(engine, [alert(1), alert(2)], [desk])
        async with dispatching(engine, [desk]):
            await soon(lambda: all_in(engine, "delivered"), "both delivered")
    first, *later = receiver.deliveries
    assert first.status == 429
    assert len(later) == 2
    assert all((one.received_at - first.received_at).total_seconds() >= 0.99 for one in later)


async def test_410_disables_the_receiver_and_nothing_more_is_sent_to_it(engine: Engine) -> None:
    async with VerifyingReceiver(SECRET.text(), answers=[Answer(status=410)]) as receiver:
        desk = receiver_settings("desk", receiver.url, concurrency=1)
        fill(engine, [alert(number) for number in range(40)], [desk])
        async with dispatching(engine, [desk]) as dispatcher:
            await soon(lambda: settled(engine), "all buried")
            fill(engine, [alert(99)], [desk])
            dispatcher.wake()
            await soon(lambda: settled(engine), "the new one suppressed")
    assert len(receiver.deliveries) == 1
    reasons = [reason for _receiver, _state, reason in states(engine)]
    assert sorted(set(reasons)) == ["gone", "receiver_disabled"]
    assert reasons.count("gone") == 1
    assert sorted({state for _receiver, state, _reason in states(engine)}) == ["dead", "suppressed"]
    with reading(engine) as connection:
        state = connection.execute(select(receivers_state)).one()
    assert (state.receiver, state.reason) == ("desk", "gone")
    assert state.disabled_at is not None


async def test_a_disabled_receiver_stays_disabled_after_a_restart_and_works_again_once_enabled(engine: Engine) -> None:
    async with VerifyingReceiver(SECRET.text(), answers=[Answer(status=410)]) as receiver:
        desk = receiver_settings("desk", receiver.url)
        fill(engine, [alert(1)], [desk])
        async with dispatching(engine, [desk]):
            await soon(lambda: settled(engine), "disabled")
        fill(engine, [alert(2)], [desk])
        async with dispatching(engine, [desk]) as dispatcher:
            await asyncio.sleep(0.5)
            assert len(receiver.deliveries) == 1
            with writing(engine) as connection:
                connection.execute(update(receivers_state).values(disabled_at=None, reason=None))
            fill(engine, [alert(3)], [desk])
            dispatcher.wake()
            await soon(lambda: len(receiver.deliveries) == 2, "enabled again")


@pytest.mark.parametrize("ill", [hangs, drips_its_head, closes_early])
async def test_an_ill_receiver_delays_no_other(engine: Engine, ill) -> None:
    async with raw_receiver(ill) as bad, VerifyingReceiver(SECRET.text()) as good:
        receivers = [receiver_settings("bad", bad.url, timeout_s=60.0), receiver_settings("good", good.url)]
        async with dispatching(engine, receivers, replace(QUICK, drain_s=1.0)) as dispatcher:
            for number in range(30):
                fill(engine, [alert(number)], receivers)
                dispatcher.wake()
            await soon(lambda: len(good.deliveries) == 30, "the healthy one has everything")
            assert bad.requests
            assert ill is closes_early or not any(row.receiver == "bad" for row in attempt_rows(engine))  # not even one has timed out


async def test_an_ill_receiver_is_left_in_peace_and_tried_with_one_alert_at_a_time(engine: Engine) -> None:
    policy = DeliveryPolicy(
        schedule=Schedule(delays_s=(0.05,) * 50, jitter=0.0), circuit=CircuitPolicy(threshold=3, rests_s=(1.0,)), look_again_s=0.2
    )
    async with VerifyingReceiver(SECRET.text(), answers=[Answer(status=500)] * 4) as receiver:
        desk = receiver_settings("desk", receiver.url, concurrency=1)
        fill(engine, [alert(number) for number in range(10)], [desk])
        async with dispatching(engine, [desk], policy):
            await soon(lambda: all_in(engine, "delivered"), "recovered")
    moments = [one.received_at for one in receiver.deliveries]
    gaps = [(b - a).total_seconds() for a, b in itertools.pairwise(moments)]
    assert [one.status for one in receiver.deliveries[:4]] == [500] * 4
    assert gaps[2] >= 0.95  # rested after the third failure
    assert gaps[3] >= 0.95  # and again after the failed probe
    assert max(row.attempt_count for row in outbox_rows(engine)) <= 5  # resting used up nobody's schedule


async def test_a_restart_keeps_the_retry_schedule(engine: Engine) -> None:
    policy = DeliveryPolicy(schedule=Schedule(delays_s=(1.5, 0.1), jitter=0.0), look_again_s=0.2)
    async with VerifyingReceiver(SECRET.text(), answers=[Answer(status=500)]) as receiver:
        desk = receiver_settings("desk", receiver.url)
        fill(engine, [alert()], [desk])
        async with dispatching(engine, [desk], policy):
            await soon(lambda: len(attempt_rows(engine)) == 1, "failed once")
        assert states(engine) == [("desk", "pending", "server_error")]
        async with dispatching(engine, [desk], policy):
            await soon(lambda: all_in(engine, "delivered"), "delivered by the second process")
    first, second = receiver.deliveries
    assert (second.received_at - first.received_at).total_seconds() >= 1.5
    assert second.webhook_id == first.webhook_id
    assert [row.attempt for row in attempt_rows(engine)] == [1, 2]


async def test_what_a_dead_process_of_this_machine_held_is_sent_at_once(engine: Engine) -> None:
    async with VerifyingReceiver(SECRET.text()) as receiver:
        desk = receiver_settings("desk", receiver.url)
        fill(engine, [alert()], [desk])
        host, pid, _started = worker_name().split("/")
        with writing(engine) as connection:
            held = {"leased_by": f"{host}/{pid}/1.00", "leased_until": datetime(2999, 1, 1, tzinfo=UTC)}
            connection.execute(update(outbox).values(**held))
        async with dispatching(engine, [desk]):
            await soon(lambda: all_in(engine, "delivered"), "taken over")


async def test_what_a_living_process_holds_is_left_to_it_until_its_lease_ends(engine: Engine) -> None:
    async with VerifyingReceiver(SECRET.text()) as receiver:
        desk = receiver_settings("desk", receiver.url)
        fill(engine, [alert()], [desk])
        with writing(engine) as connection:
            in_an_hour = datetime.now(UTC) + timedelta(hours=1)
            connection.execute(update(outbox).values(leased_by="elsewhere/1/1.00", leased_until=in_an_hour))
        async with dispatching(engine, [desk]):
            await asyncio.sleep(0.7)
            assert receiver.deliveries == []
            with writing(engine) as connection:
                connection.execute(update(outbox).values(leased_until=datetime(2000, 1, 1, tzinfo=UTC)))
            await soon(lambda: all_in(engine, "delivered"), "lease ended")


async def test_two_dispatchers_on_one_outbox_send_nothing_twice(engine: Engine) -> None:
    async with VerifyingReceiver(SECRET.text()) as receiver:
        desk = receiver_settings("desk", receiver.url)
        fill(engine, [alert(number) for number in range(120)], [desk])
        async with dispatching(engine, [desk]), dispatching(engine, [desk]):
            await soon(lambda: all_in(engine, "delivered"), "all delivered")
    assert len(receiver.deliveries) == 120
    assert not any(one.repeat for one in receiver.deliveries)


async def test_only_live_alerts_are_ever_sent_and_the_others_have_nothing_to_send(engine: Engine) -> None:
    async with VerifyingReceiver(SECRET.text()) as receiver:
        desk = receiver_settings("desk", receiver.url)
        fill(engine, [alert(1, origin=Origin.BACKFILL), alert(2, origin=Origin.REPLAY), alert(3)], [desk])
        async with dispatching(engine, [desk]):
            await soon(lambda: settled(engine), "settled")
            await asyncio.sleep(0.5)
    assert [one.payload["data"]["title"] for one in receiver.deliveries if one.payload] == ["alert 3"]
    quiet = [row for row in outbox_rows(engine) if row.state == "suppressed"]
    assert [(row.reason, row.payload, row.next_attempt_at) for row in quiet] == [("not_live", b"", None)] * 2
    assert sorted((row.attempt, row.outcome, row.reason) for row in attempt_rows(engine)) == [
        (0, "suppressed", "not_live"),
        (0, "suppressed", "not_live"),
        (1, "delivered", "accepted"),
    ]


async def test_what_is_owed_to_a_receiver_that_was_removed_is_buried_with_its_proof(engine: Engine) -> None:
    async with VerifyingReceiver(SECRET.text()) as receiver:
        fill(engine, [alert(number) for number in range(3)], [receiver_settings("gone-desk", receiver.url)])
        async with dispatching(engine, [receiver_settings("desk", receiver.url)]):
            await soon(lambda: settled(engine), "buried")
    assert set(states(engine)) == {("gone-desk", "dead", "receiver_removed")}
    assert [(row.outcome, row.reason) for row in attempt_rows(engine)] == [("dead", "receiver_removed")] * 3
    assert receiver.deliveries == []


async def test_attempts_under_way_are_finished_before_the_end_and_the_rest_is_handed_back(engine: Engine) -> None:
    async with VerifyingReceiver(SECRET.text()) as receiver:
        desk = receiver_settings("desk", receiver.url, concurrency=2)
        fill(engine, [alert(number) for number in range(300)], [desk])
        async with dispatching(engine, [desk]):
            await soon(lambda: len(receiver.deliveries) >= 5, "some are out")
    rows = outbox_rows(engine)
    assert {row.delivery_id for row in rows if row.state == "delivered"} == {one.webhook_id for one in receiver.deliveries}
    assert [row.leased_by for row in rows] == [None] * 300


async def test_the_same_alert_read_twice_is_owed_once(engine: Engine) -> None:
    async with VerifyingReceiver(SECRET.text()) as receiver:
        desk, late = receiver_settings("desk", receiver.url), receiver_settings("late", receiver.url)
        fill(engine, [alert(1), alert(1)], [desk])
        fill(engine, [alert(1)], [desk, late])
        fill(engine, [alert(1, revision=2)], [desk])
        with reading(engine) as connection:
            owed = connection.execute(text("SELECT revision, receiver_count FROM fanouts ORDER BY revision")).all()
        assert [tuple(row) for row in owed] == [(1, 1), (2, 1)]
        async with dispatching(engine, [desk, late], QUICK):
            await soon(lambda: all_in(engine, "delivered"), "delivered")
    assert len(receiver.deliveries) == 2


async def test_a_receiver_that_refuses_one_alert_for_good_gets_the_next(engine: Engine) -> None:
    refusal = Answer(status=422, headers={"webhook-delivery": "abort-message"})
    async with VerifyingReceiver(SECRET.text(), answers=[refusal]) as receiver:
        desk = receiver_settings("desk", receiver.url, concurrency=1)
        fill(engine, [alert(1), alert(2)], [desk])
        async with dispatching(engine, [desk]):
            await soon(lambda: settled(engine), "both settled")
    assert sorted((state, reason) for _receiver, state, reason in states(engine)) == [("dead", "aborted"), ("delivered", None)]
    assert len(receiver.deliveries) == 2


async def test_a_receiver_that_has_failed_for_days_is_disabled_and_enabled_again_by_people(engine: Engine) -> None:
    answers = [Answer(status=500)] * 2
    async with VerifyingReceiver(SECRET.text(), answers=answers) as receiver:
        desk = receiver_settings("desk", receiver.url, disable_after_days=5)
        longer = now_minus(days=5, hours=1)
        with writing(engine) as connection:
            state = ReceiverState(circuit=Circuit(failure_count=12), failing_since=longer)
            write_state(connection, "desk", state, now=longer)
        fill(engine, [alert(1)], [desk])
        async with dispatching(engine, [desk]):
            await soon(lambda: states(engine) == [("desk", "dead", "failing_for_days")], "given up")
            fill(engine, [alert(2)], [desk])
            await soon(lambda: ("desk", "suppressed", "receiver_disabled") in states(engine), "no more for it")
        assert len(receiver.deliveries) == 1
        with writing(engine) as connection:
            assert enable(connection, "desk", now=datetime.now(UTC))
        with reading(engine) as connection:
            assert read_state(connection, "desk") == ReceiverState()


async def test_failures_are_dated_from_the_first_after_a_success(engine: Engine) -> None:
    answers = [Answer(status=500), Answer(status=500), Answer(), Answer(status=500), Answer(status=500)]
    async with VerifyingReceiver(SECRET.text(), answers=answers) as receiver:
        desk = receiver_settings("desk", receiver.url, concurrency=1)
        fill(engine, [alert(1)], [desk])
        async with dispatching(engine, [desk]):
            await soon(lambda: len(attempt_rows(engine)) == 2, "failing")
            with reading(engine) as connection:
                assert read_state(connection, "desk").failing_since is not None
            await soon(lambda: all_in(engine, "delivered"), "accepted")
            with reading(engine) as connection:
                assert read_state(connection, "desk").failing_since is None


def now_minus(**parts: int) -> datetime:
    return datetime.now(UTC) - timedelta(**parts)
