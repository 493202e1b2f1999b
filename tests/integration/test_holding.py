"""Held deliveries on both databases: merged, digested, escalated, silenced, replayed - and the ledger balances after each."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import Engine
from support.alerts import SAMPLE, alert
from support.delivering import dispatching, fill, outbox_rows, soon
from support.receivers import SECRET, receiver_settings
from support.samples import every_record

from newsmon.app.listener import Answer, VerifyingReceiver
from newsmon.records import Alert, AlertReason, AlertState, Notice, Severity, ThemeScore
from newsmon.settings import DatabaseSettings, Settings
from sinks.acks.rows import acknowledge
from sinks.database.engine import create_engine_for, reading, writing
from sinks.database.schema import migrate
from sinks.deliver.heartbeat import enqueue_heartbeats
from sinks.deliver.notices import enqueue_notices, raise_own_notices
from sinks.ledger import delivery as ledger_delivery
from sinks.ledger.tally import Horizon
from sinks.outbox.escalate import escalate_due
from sinks.outbox.release import release_due
from sinks.outbox.replay import Selection, replay
from sinks.outbox.state.silences import active, add, end
from sinks.policy.silences import Silence
from sinks.queries.alerts import list_alerts, named, show_alert

THEMES = ("ukraine-peacekeeping", "us-trade", "defence-spending")
NOTICE: Notice = next(one for one in every_record() if isinstance(one, Notice))


@pytest.fixture
def engine(database_url: str, tmp_path: Path) -> Iterator[Engine]:
    engine = create_engine_for(Settings(state_dir=tmp_path, database=DatabaseSettings(url=database_url)))
    migrate(engine)
    yield engine
    engine.dispose()


def of_themes(number: int) -> list[Alert]:
    cause = msgspec.structs.replace(SAMPLE.articles[0], article_id=f"a_{number}", revision_id=f"r_{number}")
    others = {theme: tuple(ThemeScore(theme_id=one, score=2.0, threshold=1.0) for one in THEMES if one != theme) for theme in THEMES}
    return [alert(number, theme_id=theme, articles=(cause,), also_matched=others[theme]) for theme in THEMES]


def balanced(engine: Engine) -> dict[str, int]:
    with reading(engine) as connection:
        lines = [line(connection, Horizon()) for line in (ledger_delivery.owed, ledger_delivery.messages, ledger_delivery.proven)]
    assert all(line.balanced for line in lines), lines
    return {name: count for name, count in lines[0].parts.items() if count}


async def test_one_message_for_three_themes_survives_refusal_death_and_replay(engine: Engine) -> None:
    async with VerifyingReceiver(SECRET.text(), answers=[Answer(status=500)] * 4) as receiver:
        desk = receiver_settings("desk", receiver.url)
        fill(engine, of_themes(1), [desk])
        assert balanced(engine) == {"held": 3}
        async with dispatching(engine, [desk]):
            await soon(lambda: balanced(engine) == {"dead": 3}, "given up, all three")
        with writing(engine) as connection:
            replay(connection, Selection(), configured=["desk"], also_delivered=False, now=datetime.now(UTC), dry_run=False)
        assert balanced(engine) == {"pending": 3}
        async with dispatching(engine, [desk]):
            await soon(lambda: balanced(engine) == {"delivered": 3}, "delivered at last")
    assert len({(one.webhook_id, one.body) for one in receiver.deliveries}) == 1


def test_held_silenced_escalated_and_acknowledged_are_counted_alike_on_both_databases(engine: Engine, tmp_path: Path) -> None:
    now = datetime.now(UTC)
    desk = receiver_settings("desk", "http://127.0.0.1:1/", budget_per_hour=2, escalate_to="pager", group_interval_s=60)
    pager = receiver_settings("pager", "http://127.0.0.1:1/", quiet_hours=("00:00-12:00", "12:00-24:00"), heartbeat="daily")
    receivers = {"desk": desk, "pager": pager}
    with writing(engine) as connection:
        add(
            connection,
            Silence(silence_id="sil_1", author="ann", comment="", created_at=now, ends_at=now + timedelta(hours=1), words="alert 9"),
        )
        assert len(active(connection, now=now + timedelta(minutes=1))) == 1
    fill(engine, [alert(number, severity=Severity.URGENT) for number in (1, 2, 3, 9)], receivers.values())
    assert balanced(engine) == {"pending": 2, "held": 5, "suppressed": 1}  # what the night holds is asked when it is over
    later = now + timedelta(days=9)
    with writing(engine) as connection:
        assert end(connection, "sil_1", author="bob", now=now + timedelta(minutes=1))
        assert acknowledge(connection, alert(1).alert_id, author="ann", comment="", now=now) == 1
        enqueue_notices(connection, [NOTICE], list(receivers.values()), now=now)
        assert [release_due(connection, name, now=later) for name in receivers] == [1, 1]
        assert escalate_due(connection, receivers, now=later) == 2
        settings = Settings(state_dir=tmp_path, receivers=tuple(receivers.values()))
        assert raise_own_notices(connection, settings, now=now) == 0
        at_eight = datetime(2026, 11, 24, 8, 0, 5, tzinfo=UTC)
        assert enqueue_heartbeats(connection, [pager], now=at_eight) == 1
        assert enqueue_heartbeats(connection, [pager], now=at_eight + timedelta(minutes=5)) == 0
    assert balanced(engine) == {"pending": 7, "suppressed": 1}
    kinds = sorted(row.kind for row in outbox_rows(engine) if row.kind != "alert")
    assert kinds == ["digest", "digest", "escalation", "escalation", "heartbeat", "notice", "notice"]
    with reading(engine) as connection:
        assert named(connection, alert(1).alert_id) == [alert(1).alert_id]
        shown = show_alert(connection, alert(1).alert_id)
        assert shown.acknowledgement is not None
        assert len(shown.deliveries) == 2
        assert list_alerts(connection, theme_id=None, severity=(), since=None, unacknowledged=False, limit=5) == []  # not stored yet


async def test_what_was_told_as_one_ends_as_one_and_only_where_it_was_told(engine: Engine) -> None:
    desk, late = (receiver_settings(name, "http://127.0.0.1:1/", notify_closed=True) for name in ("desk", "late"))
    begun = of_themes(1)
    over = [
        msgspec.structs.replace(one, revision=2, state=AlertState.CLOSED, reason=AlertReason.STORY_CLOSED, articles=SAMPLE.articles) for one in begun
    ]  # fmt: skip
    fill(engine, begun, [desk])
    with writing(engine) as connection:
        assert release_due(connection, "desk", now=datetime.now(UTC)) == 1
    fill(engine, over[:2], [desk, late])
    assert balanced(engine) == {"pending": 3, "held": 2, "suppressed": 2}
    fill(engine, over[2:], [desk, late])
    with writing(engine) as connection:  # not before the beginning has been accepted
        assert release_due(connection, "desk", now=datetime.now(UTC)) == 0
    async with VerifyingReceiver(SECRET.text()) as receiver, dispatching(engine, [receiver_settings("desk", receiver.url)]):
        await soon(lambda: balanced(engine) == {"delivered": 6, "suppressed": 3}, "both messages")
    led = {row.revision: row.alert_id for row in outbox_rows(engine) if row.receiver == "desk" and row.carried_by is None}
    assert led[1] == led[2]
