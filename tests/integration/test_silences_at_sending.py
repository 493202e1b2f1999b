"""A silence is asked when something is about to be sent, on both databases: nothing silenced goes out, nothing is told and never ended."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import Engine, update
from support.alerts import SAMPLE, alert
from support.delivering import attempt_rows, dispatching, fill, outbox_rows, soon
from support.receivers import SECRET, raw_receiver, receiver_settings
from support.samples import every_record

from newsmon.app.listener import Answer, VerifyingReceiver
from newsmon.records import Alert, AlertReason, AlertState, DeliveryOutcome, Notice, NoticeState, Severity, ThemeScore
from newsmon.records.delivery_reasons import DeliveryReason
from newsmon.settings import DatabaseSettings, ReceiverSettings, Settings
from sinks.database.engine import create_engine_for, reading, writing
from sinks.database.outbox_tables import outbox
from sinks.database.schema import migrate
from sinks.deliver.heartbeat import enqueue_heartbeats
from sinks.deliver.notices import enqueue_notices
from sinks.ledger import delivery as ledger_delivery
from sinks.ledger.tally import Horizon
from sinks.outbox.claim import claim
from sinks.outbox.escalate import escalate_due
from sinks.outbox.release import release_due
from sinks.outbox.replay import Selection, replay
from sinks.outbox.settle import Settled, mark_dead, settle
from sinks.outbox.state.silences import add, end
from sinks.policy.silences import Silence

THEMES = ("ukraine-peacekeeping", "us-trade", "defence-spending")
NOTICE: Notice = next(one for one in every_record() if isinstance(one, Notice))
NOWHERE = "http://127.0.0.1:1/"
ALWAYS = ("00:00-12:00", "12:00-24:00")
HOUR = timedelta(hours=1)


@pytest.fixture
def engine(database_url: str, tmp_path: Path) -> Iterator[Engine]:
    engine = create_engine_for(Settings(state_dir=tmp_path, database=DatabaseSettings(url=database_url)))
    migrate(engine)
    yield engine
    engine.dispose()


def desk_at(url: str = NOWHERE, **changes: Any) -> ReceiverSettings:
    return receiver_settings("desk", url, **{"notify_closed": True} | changes)


def over(one: Alert, revision: int = 2) -> Alert:
    return msgspec.structs.replace(one, revision=revision, state=AlertState.CLOSED, reason=AlertReason.STORY_CLOSED)


def of_themes(number: int = 1) -> list[Alert]:
    cause = msgspec.structs.replace(SAMPLE.articles[0], article_id=f"a_{number}", revision_id=f"r_{number}")
    others = {theme: tuple(ThemeScore(theme_id=one, score=2.0, threshold=1.0) for one in THEMES if one != theme) for theme in THEMES}
    return [alert(number, theme_id=theme, articles=(cause,), also_matched=others[theme]) for theme in THEMES]


def silenced(engine: Engine, silence_id: str = "sil_1", *, lasts: timedelta = HOUR, **given: Any) -> None:
    now = datetime.now(UTC)
    with writing(engine) as connection:
        add(connection, Silence(silence_id=silence_id, author="ann", comment="", created_at=now, ends_at=now + lasts, **given))


def ended(engine: Engine, silence_id: str = "sil_1") -> None:
    with writing(engine) as connection:
        assert end(connection, silence_id, author="bob", now=datetime.now(UTC))


def claimed(engine: Engine, receiver: str = "desk", *, later: timedelta = timedelta(0)) -> list[tuple[str, int]]:
    """What would be sent now; it stays claimed."""
    with writing(engine) as connection:
        found = claim(connection, receiver, limit=100, worker="test", now=datetime.now(UTC) + later, lease_s=1_000)
    return sorted((one.alert_id, one.revision) for one in found)


def released(engine: Engine, receiver: ReceiverSettings | str = "desk", *, later: timedelta = timedelta(0)) -> int:
    settings = receiver if isinstance(receiver, ReceiverSettings) else None
    name = receiver if isinstance(receiver, str) else receiver.id
    with writing(engine) as connection:
        return release_due(connection, name, now=datetime.now(UTC) + later, settings=settings)


def told(engine: Engine) -> None:
    """Everything that is pending has been delivered."""
    with writing(engine) as connection:
        connection.execute(update(outbox).where(outbox.c.state == "pending").values(state="delivered", leased_by=None))


def balanced(engine: Engine, *, proven: bool = False) -> dict[str, int]:
    lines = [ledger_delivery.owed, ledger_delivery.messages] + ([ledger_delivery.proven] if proven else [])
    with reading(engine) as connection:
        found = [line(connection, Horizon()) for line in lines]
    assert all(line.balanced for line in found), found
    return {name: count for name, count in found[0].parts.items() if count}


def rows_of(engine: Engine, one: Alert) -> list[tuple[int, str, str | None]]:
    return [(row.revision, row.state, row.reason) for row in outbox_rows(engine) if row.alert_id == one.alert_id and row.kind == "alert"]


async def test_an_end_that_was_silenced_is_sent_when_the_silence_is_over(engine: Engine) -> None:
    async with VerifyingReceiver(SECRET.text()) as receiver:
        desk = desk_at(receiver.url)
        async with dispatching(engine, [desk]) as dispatcher:
            fill(engine, [alert(1)], [desk])
            dispatcher.wake()
            await soon(lambda: balanced(engine) == {"delivered": 1}, "the opening")
            silenced(engine, theme_id=alert(1).theme_id)
            update_ = alert(1, revision=2, state=AlertState.UPDATED, reason=AlertReason.SEVERITY_RAISED, severity=Severity.URGENT)
            fill(engine, [update_, over(alert(1), 3)], [desk])
            dispatcher.wake()
            await soon(lambda: balanced(engine) == {"delivered": 1, "held": 1, "suppressed": 1}, "the update goes, the end waits")
            [held] = [row for row in outbox_rows(engine) if row.state == "held"]
            assert held.reason == "silenced"
            ended(engine)
            await soon(lambda: balanced(engine, proven=True) == {"delivered": 2, "suppressed": 1}, "the end, at once")
    types = [one.payload["type"] for one in receiver.deliveries if one.payload is not None]
    assert types == ["newsmon.alert.opened", "newsmon.alert.closed"]
    assert [(row.reason, row.detail) for row in attempt_rows(engine) if row.outcome == "suppressed"] == [("silenced", "sil_1")]


def test_an_end_waits_for_the_last_of_several_silences_and_for_quiet_hours_after_them(engine: Engine) -> None:
    desk = desk_at()
    fill(engine, [alert(1)], [desk])
    told(engine)
    silenced(engine, "sil_1", theme_id=alert(1).theme_id)
    silenced(engine, "sil_2", story_id=alert(1).story_id, lasts=3 * HOUR)
    fill(engine, [over(alert(1))], [desk])
    ended(engine, "sil_1")
    assert released(engine) == 0  # looked at again, and covered by the other
    assert rows_of(engine, alert(1)) == [(1, "delivered", None), (2, "held", "silenced")]
    night = changed(desk, quiet_hours=ALWAYS)
    assert released(engine, night, later=4 * HOUR) == 0
    assert rows_of(engine, alert(1))[1] == (2, "held", "quiet_hours")
    assert released(engine, later=timedelta(days=9)) == 1
    assert balanced(engine) == {"delivered": 1, "pending": 1}


def test_an_alert_that_was_never_told_ends_untold(engine: Engine) -> None:
    desk = desk_at()
    fill(engine, [alert(1), over(alert(1)), alert(2)], [desk])  # the opening waits for its receiver, and its end for the opening
    silenced(engine, story_id=alert(1).story_id)
    assert claimed(engine) == [(alert(2).alert_id, 1)]
    assert released(engine) == 0
    assert rows_of(engine, alert(1)) == [(1, "suppressed", "silenced"), (2, "suppressed", "never_told")]
    fill(engine, [alert(1, revision=3, state=AlertState.CLOSED, reason=AlertReason.STORY_CLOSED)], [desk])
    assert rows_of(engine, alert(1))[2] == (3, "suppressed", "never_told")
    assert balanced(engine) == {"pending": 1, "suppressed": 3}


def test_what_was_held_for_the_night_is_asked_in_the_morning(engine: Engine) -> None:
    desk = desk_at(quiet_hours=ALWAYS)
    silenced(engine, "sil_0", words="alert 3", lasts=timedelta(minutes=1))  # over before the night is
    fill(engine, [alert(1), over(alert(1)), alert(2), alert(3)], [desk])
    assert balanced(engine) == {"held": 4}
    silenced(engine, story_id=alert(1).story_id, lasts=timedelta(days=20))
    assert released(engine, later=timedelta(days=9)) == 1
    [digest] = [json.loads(row.payload)["data"] for row in outbox_rows(engine) if row.kind == "digest"]
    assert sorted(line["title"] for line in digest["alerts"]) == ["alert 2", "alert 3"]
    assert rows_of(engine, alert(1)) == [(1, "suppressed", "silenced"), (2, "suppressed", "never_told")]
    assert balanced(engine) == {"pending": 2, "suppressed": 2}


@pytest.mark.parametrize("which", [0, 1, 2])
def test_a_message_for_several_themes_goes_without_the_silenced_one(engine: Engine, which: int) -> None:
    """The carrier or a carried one, and also when the message was made before the silence."""
    desk = desk_at()
    begun = of_themes()
    fill(engine, begun, [desk])
    assert released(engine) == 1
    carrier = next(row for row in outbox_rows(engine) if row.carried_by is None)
    themes = [carrier.theme_id, *(one for one in THEMES if one != carrier.theme_id)]
    silenced(engine, theme_id=themes[which])
    assert claimed(engine) == []  # taken apart
    assert balanced(engine) == {"held": 3}
    assert released(engine) == 1
    [one] = [row for row in outbox_rows(engine) if row.state == "pending" and row.carried_by is None]
    data = json.loads(one.payload)["data"]
    assert {data["theme"]["id"], *(other["theme"]["id"] for other in data["also_alerts"])} == set(THEMES) - {themes[which]}
    assert claimed(engine) == [(one.alert_id, 1)]
    assert balanced(engine) == {"pending": 2, "suppressed": 1}


async def test_a_digest_made_before_the_silence_is_made_again_without_it(engine: Engine) -> None:
    async with VerifyingReceiver(SECRET.text(), answers=[Answer(status=500)]) as receiver:
        desk = desk_at(receiver.url, quiet_hours=ALWAYS)
        fill(engine, [alert(1), alert(2), *of_themes(3)], [desk])
        with writing(engine) as connection:
            connection.execute(update(outbox).values(next_attempt_at=datetime.now(UTC)))
        assert released(engine) == 1
        silenced(engine, words="alert 2")
        silenced(engine, "sil_2", theme_id="us-trade")
        async with dispatching(engine, [desk]):
            await soon(lambda: balanced(engine, proven=True) == {"delivered": 3, "suppressed": 2}, "the rest, after a refusal")
    payloads = [one.payload["data"] for one in receiver.deliveries if one.payload is not None]
    assert len(payloads) == 2
    for data in payloads:
        lines = {line["title"]: set(line["themes"]) for line in data["alerts"]}
        assert lines == {"alert 1": {alert(1).theme_id}, "alert 3": set(THEMES) - {"us-trade"}}
        assert data["held_count"] == 3
    assert {(row.state, row.reason) for row in outbox_rows(engine) if row.kind == "digest"} == {
        ("delivered", None), ("suppressed", "superseded"),
    }  # fmt: skip


def test_a_retry_asks_again(engine: Engine) -> None:
    desk = desk_at()
    fill(engine, [alert(1), alert(2)], [desk])
    with writing(engine) as connection:  # a first attempt of both has failed
        connection.execute(update(outbox).values(attempt_count=1, next_attempt_at=datetime.now(UTC)))
    silenced(engine, words="alert 2")
    assert claimed(engine) == [(alert(1).alert_id, 1)]
    assert balanced(engine) == {"pending": 1, "suppressed": 1}


def test_the_escalation_of_a_silenced_story_does_not_come_and_its_end_goes_to_those_who_were_told(engine: Engine) -> None:
    desk = desk_at(escalate_to="pager", escalate_after_s=60)
    pager = receiver_settings("pager", NOWHERE, min_severity="flash", notify_closed=True)
    both = {"desk": desk, "pager": pager}
    fill(engine, [alert(number, severity=Severity.URGENT) for number in (1, 2)], both.values())
    told(engine)
    silenced(engine, story_id=alert(1).story_id)
    later = timedelta(minutes=2)
    with writing(engine) as connection:
        escalate_due(connection, both, now=datetime.now(UTC) + later)
    assert claimed(engine, "pager", later=later) == [(alert(2).alert_id, 1)]
    escalations = {row.alert_id: (row.state, row.reason) for row in outbox_rows(engine) if row.kind == "escalation"}
    assert escalations == {alert(1).alert_id: ("suppressed", "silenced"), alert(2).alert_id: ("pending", None)}
    assert balanced(engine) == {"delivered": 2, "suppressed": 2}


def test_a_silence_that_ended_early_keeps_nothing_back(engine: Engine) -> None:
    desk = desk_at()
    fill(engine, [alert(1), alert(2)], [desk])
    silenced(engine, receiver="desk")
    ended(engine)
    assert claimed(engine) == sorted((alert(number).alert_id, 1) for number in (1, 2))


def test_a_replay_is_silenced_too_and_what_was_delivered_before_stays_delivered(engine: Engine) -> None:
    desk = desk_at()
    fill(engine, [alert(1), alert(2), alert(3)], [desk])
    with writing(engine) as connection:
        rows = claim(connection, "desk", limit=1, worker="w", now=datetime.now(UTC), lease_s=10)
        said = Settled(
            due=rows[0], outcome=DeliveryOutcome.DELIVERED, attempt_reason=DeliveryReason.ACCEPTED, reason=None, status=200, detail=None,
            attempted_at=datetime.now(UTC), duration_s=0.1, next_attempt_at=None,
        )  # fmt: skip
        settle(connection, "w", [said])
        mark_dead(connection, "desk", DeliveryReason.EXHAUSTED, now=datetime.now(UTC))
        replay(connection, Selection(), configured=["desk"], also_delivered=True, now=datetime.now(UTC), dry_run=False)
    assert balanced(engine) == {"pending": 3}
    silenced(engine, receiver="desk")
    assert claimed(engine) == []
    assert balanced(engine, proven=True) == {"delivered": 1, "suppressed": 2}
    delivered = next(row for row in outbox_rows(engine) if row.state == "delivered")
    one = next(one for one in (alert(1), alert(2), alert(3)) if one.alert_id == delivered.alert_id)
    assert (delivered.delivered_at, len(delivered.payload) > 0) != (None, False)
    fill(engine, [over(one)], [desk])
    assert rows_of(engine, one)[1] == (2, "held", "silenced")  # its end is owed


def test_silenced_alerts_use_up_no_budget(engine: Engine) -> None:
    desk = desk_at(budget_per_hour=2)
    silenced(engine, theme_id="us-trade")
    fill(engine, [*(alert(number, theme_id="us-trade") for number in range(9)), alert(20)], [desk])
    assert balanced(engine) == {"pending": 1, "suppressed": 9}


def test_a_silence_of_a_receiver_covers_notices_too_but_no_sign_of_life(engine: Engine) -> None:
    desk = desk_at(heartbeat="daily")
    raised, resolved = (
        msgspec.structs.replace(NOTICE, notice_id="no_1", revision=revision, state=state)
        for revision, state in ((1, NoticeState.RAISED), (2, NoticeState.RESOLVED))
    )
    with writing(engine) as connection:
        enqueue_notices(connection, [raised], [desk], now=datetime.now(UTC))
    told(engine)
    silenced(engine, receiver="desk")
    with writing(engine) as connection:
        untold = [msgspec.structs.replace(one, notice_id="no_2") for one in (raised, resolved)]
        enqueue_notices(connection, [resolved, *untold], [desk], now=datetime.now(UTC))
        enqueue_heartbeats(connection, [desk], now=datetime(2026, 11, 24, 8, 0, 5, tzinfo=UTC))
    [(heartbeat, _revision)] = claimed(engine)
    assert heartbeat.startswith("heartbeat:")
    assert [(row.alert_id, row.revision, row.state, row.reason) for row in outbox_rows(engine) if row.kind == "notice"] == [
        ("no_1", 1, "delivered", None), ("no_1", 2, "held", "silenced"),
        ("no_2", 1, "suppressed", "silenced"), ("no_2", 2, "suppressed", "silenced"),
    ]  # fmt: skip
    ended(engine)
    assert released(engine) == 1
    assert claimed(engine) == [("no_1", 2)]


async def test_what_was_claimed_before_the_silence_is_handed_back_and_asked(engine: Engine) -> None:
    """A receiver that is slow to answer: the attempt under way is too late to stop, what waits behind it is not sent."""
    answered = asyncio.Event()

    async def takes_its_time(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.wait_for(answered.wait(), 120)
        writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")

    async with raw_receiver(takes_its_time) as receiver:
        desk = desk_at(receiver.url, concurrency=1, timeout_s=60)
        fill(engine, [alert(number) for number in range(5)], [desk])
        async with dispatching(engine, [desk]) as dispatcher:
            await soon(
                lambda: len(receiver.requests) == 1 and all(row.leased_by for row in outbox_rows(engine)), "all claimed, one under way"
            )
            silenced(engine, receiver="desk")
            [queue] = dispatcher._queues
            await soon(lambda: "sil_1" in queue._silences, "the queue has looked again")
            answered.set()
            await soon(lambda: balanced(engine) == {"delivered": 1, "suppressed": 4}, "one was under way")
    assert len(receiver.requests) == 1


def changed(settings: ReceiverSettings, **changes: Any) -> ReceiverSettings:
    return settings.model_copy(update=changes)
