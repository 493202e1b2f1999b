"""Held alerts on their way: one message for all themes of an article, digests, updates, escalation - and the ledger balances."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import Engine, update
from support.alerts import SAMPLE, alert
from support.delivering import attempt_rows, dispatching, fill, outbox_rows, soon
from support.receivers import SECRET, receiver_settings

from newsmon.app.listener import Answer, VerifyingReceiver
from newsmon.records import Alert, AlertReason, AlertState, Severity, ThemeScore
from sinks.database.engine import reading, writing
from sinks.database.outbox_tables import acknowledgements, outbox
from sinks.ledger import delivery as ledger_delivery
from sinks.ledger.tally import Horizon
from sinks.message.alert_body import payload_bytes
from sinks.message.alert_payload import MAX_PAYLOAD_BYTES
from sinks.outbox.claim import claim
from sinks.outbox.escalate import escalate_due
from sinks.outbox.release import release_due
from sinks.outbox.replay import Selection, replay
from sinks.outbox.state.silences import add, end
from sinks.policy.silences import Silence

THEMES = ("ukraine-peacekeeping", "us-trade", "defence-spending")
NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


def of_themes(number: int = 1, themes: tuple[str, ...] = THEMES, **changes: Any) -> list[Alert]:
    """The alerts one article causes, one per theme."""
    cause = msgspec.structs.replace(SAMPLE.articles[0], article_id=f"a_{number}", revision_id=f"r_{number}")
    return [
        alert(number, theme_id=theme, articles=(cause,),
              also_matched=tuple(ThemeScore(theme_id=one, score=2.0, threshold=1.0) for one in themes if one != theme), **changes)
        for theme in themes
    ]  # fmt: skip


def balanced(engine: Engine) -> dict[str, int]:
    """The ledger's line of deliveries, which must balance, as must the one of messages."""
    with reading(engine) as connection:
        owed, messages = ledger_delivery.owed(connection, Horizon()), ledger_delivery.messages(connection, Horizon())
        proven = ledger_delivery.proven(connection, Horizon())
    assert (owed.balanced, messages.balanced, proven.balanced) == (True, True, True), (owed, messages, proven)
    return {name: count for name, count in owed.parts.items() if count}


async def test_an_article_of_three_themes_is_one_message_that_names_them_all(engine: Engine) -> None:
    async with VerifyingReceiver(SECRET.text()) as receiver:
        desk = receiver_settings("desk", receiver.url, group_wait_s=60)
        async with dispatching(engine, [desk]) as dispatcher:
            for one in of_themes():  # from three partitions, one after the other
                fill(engine, [one], [desk])
            dispatcher.wake()
            await soon(
                lambda: {row.state for row in outbox_rows(engine)} == {"delivered"}, "all three delivered, long before the wait ends"
            )
    [message] = receiver.deliveries
    assert message.payload is not None
    data = message.payload["data"]
    assert {data["theme"]["id"], *(one["theme"]["id"] for one in data["also_alerts"])} == set(THEMES)
    assert {data["alert_id"], *(one["alert_id"] for one in data["also_alerts"])} == {row.alert_id for row in outbox_rows(engine)}
    assert len(message.body) <= MAX_PAYLOAD_BYTES
    assert [row.outcome for row in attempt_rows(engine)] == ["delivered"] * 3
    assert balanced(engine) == {"delivered": 3}


async def test_when_a_theme_raises_no_alert_the_others_come_after_the_wait(engine: Engine) -> None:
    async with VerifyingReceiver(SECRET.text()) as receiver:
        desk = receiver_settings("desk", receiver.url, group_wait_s=0.5)
        fill(engine, of_themes()[:2], [desk])
        assert balanced(engine) == {"held": 2}
        async with dispatching(engine, [desk]):
            await soon(lambda: {row.state for row in outbox_rows(engine)} == {"delivered"}, "both delivered")
    assert len(receiver.deliveries) == 1


async def test_a_refused_message_is_retried_as_it_was_and_dead_with_all_it_carries_and_replayed_as_one(engine: Engine) -> None:
    async with VerifyingReceiver(SECRET.text(), answers=[Answer(status=500)] * 4) as receiver:
        desk = receiver_settings("desk", receiver.url)
        fill(engine, of_themes(), [desk])
        async with dispatching(engine, [desk]):
            await soon(lambda: {row.state for row in outbox_rows(engine)} == {"dead"}, "given up, all of them")
        assert balanced(engine) == {"dead": 3}
        with writing(engine) as connection:
            done = replay(connection, Selection(), configured=["desk"], also_delivered=False, now=datetime.now(UTC), dry_run=False)
        assert done.chosen == {"desk": 1}
        assert balanced(engine) == {"pending": 3}
        async with dispatching(engine, [desk]):
            await soon(lambda: {row.state for row in outbox_rows(engine)} == {"delivered"}, "delivered at last")
    assert len({(one.webhook_id, one.body) for one in receiver.deliveries}) == 1
    assert len(receiver.deliveries) == 5
    assert balanced(engine) == {"delivered": 3}


async def test_what_the_night_held_comes_as_one_digest_and_a_flash_came_at_once(engine: Engine) -> None:
    async with VerifyingReceiver(SECRET.text()) as receiver:
        desk = receiver_settings("desk", receiver.url, quiet_hours=("00:00-12:00", "12:00-24:00"))
        quiet = [*of_themes(1), *of_themes(2), alert(3), alert(3, revision=2, state=AlertState.UPDATED, reason=AlertReason.MORE_SOURCES)]
        fill(engine, [*quiet, alert(4, severity=Severity.FLASH)], [desk])
        assert balanced(engine) == {"pending": 1, "held": 8}
        async with dispatching(engine, [desk]) as dispatcher:
            await soon(lambda: len(receiver.deliveries) == 1, "the flash")
            with writing(engine) as connection:  # the night is over
                connection.execute(update(outbox).where(outbox.c.state == "held").values(next_attempt_at=datetime.now(UTC)))
            dispatcher.wake()
            await soon(lambda: balanced(engine) == {"delivered": 9}, "everything delivered")
    flash, digest = (one.payload for one in receiver.deliveries)
    assert flash is not None
    assert flash["data"]["severity"] == "flash"
    assert digest is not None
    assert (digest["type"], digest["data"]["held_count"], digest["data"]["reason"]) == ("newsmon.digest", 8, "quiet_hours")
    lines = {line["title"]: (line["revision"], set(line["themes"])) for line in digest["data"]["alerts"]}
    assert lines == {
        "alert 1": (1, set(THEMES)), "alert 2": (1, set(THEMES)), "alert 3": (2, {SAMPLE.theme_id}),
    }  # fmt: skip
    named = [one for line in digest["data"]["alerts"] for one in (line["alert_id"], *line["also_alert_ids"])]
    assert sorted(named) == sorted({one.alert_id for one in quiet})  # so that a pager knows which incidents are meant


def test_a_digest_too_large_for_one_message_comes_in_numbered_parts_that_carry_each_alert_once(engine: Engine) -> None:
    desk = receiver_settings("desk", "http://127.0.0.1:1/", digest="daily")
    long = "Żółć " * 150
    fill(engine, [alert(number, title=f"{number} {long}") for number in range(200)], [desk])
    with writing(engine) as connection:
        count = release_due(connection, "desk", now=datetime.now(UTC) + timedelta(days=2))
    rows = outbox_rows(engine)
    digests = [json.loads(row.payload) for row in rows if row.kind == "digest"]
    assert len(digests) == count > 1
    assert all(len(row.payload) <= MAX_PAYLOAD_BYTES for row in rows if row.kind == "digest")
    assert sorted(digest["data"]["part"] for digest in digests) == list(range(1, count + 1))
    assert sum(len(digest["data"]["alerts"]) for digest in digests) == 200
    assert balanced(engine) == {"pending": 200}


def test_more_alerts_than_the_budget_wait_for_one_digest(engine: Engine) -> None:
    desk = receiver_settings("desk", "http://127.0.0.1:1/", budget_per_hour=5)
    fill(engine, [alert(number) for number in range(8)], [desk])
    fill(engine, [alert(number) for number in range(8, 12)], [desk])
    assert balanced(engine) == {"pending": 5, "held": 7}
    until = {row.next_attempt_at for row in outbox_rows(engine) if row.state == "held"}
    assert len(until) == 1
    with writing(engine) as connection:
        assert release_due(connection, "desk", now=until.pop()) == 1
    assert balanced(engine) == {"pending": 12}


def test_an_update_that_waited_counts_for_the_budget_from_when_it_went(engine: Engine) -> None:
    desk = receiver_settings("desk", "http://127.0.0.1:1/", budget_per_hour=2, group_interval_s=3_600)
    later = {"state": AlertState.UPDATED, "reason": AlertReason.MORE_SOURCES}
    fill(engine, [alert(1), alert(1, revision=2, **later)], [desk])
    long_ago = {"created_at": datetime.now(UTC) - timedelta(minutes=70), "scheduled_at": datetime.now(UTC) - timedelta(minutes=70)}
    with writing(engine) as connection:
        connection.execute(update(outbox).values(long_ago))
        assert release_due(connection, "desk", now=datetime.now(UTC) + timedelta(hours=1)) == 1
        connection.execute(update(outbox).where(outbox.c.revision == 2).values(scheduled_at=datetime.now(UTC)))
    fill(engine, [alert(2), alert(3)], [desk])
    assert balanced(engine) == {"pending": 3, "held": 1}


def test_updates_that_waited_and_are_over_the_budget_then_come_as_a_digest(engine: Engine) -> None:
    desk = receiver_settings("desk", "http://127.0.0.1:1/", budget_per_hour=3, group_interval_s=600)
    later = {"state": AlertState.UPDATED, "reason": AlertReason.MORE_SOURCES}
    fill(engine, [alert(1), alert(2), alert(1, revision=2, **later), alert(2, revision=2, **later)], [desk])
    assert balanced(engine) == {"pending": 2, "held": 2}
    soon_after = datetime.now(UTC) + timedelta(minutes=11)
    with writing(engine) as connection:
        assert release_due(connection, "desk", now=soon_after, settings=desk) == 1
    assert balanced(engine) == {"pending": 3, "held": 1}
    [row] = [row for row in outbox_rows(engine) if row.state == "held"]
    assert row.reason == "budget"
    with writing(engine) as connection:
        assert release_due(connection, "desk", now=row.next_attempt_at, settings=desk) == 1
    assert [row.kind for row in outbox_rows(engine) if row.carried_by is None].count("digest") == 1


def test_held_updates_travel_together_and_a_higher_severity_takes_them_along_at_once(engine: Engine) -> None:
    desk = receiver_settings("desk", "http://127.0.0.1:1/", group_interval_s=300)
    later = {"state": AlertState.UPDATED, "reason": AlertReason.MORE_SOURCES}
    fill(engine, [alert(1), alert(1, revision=2, title="the harbour reopens", event=None, **later), alert(1, revision=3, **later)], [desk])
    assert balanced(engine) == {"pending": 1, "held": 2}
    with writing(engine) as connection:
        assert release_due(connection, "desk", now=datetime.now(UTC) + timedelta(hours=1)) == 1
    rows = {row.revision: row for row in outbox_rows(engine)}
    assert {number: row.carried_by for number, row in rows.items()} == {1: None, 2: rows[3].delivery_id, 3: None}
    assert [one["title"] for one in json.loads(rows[3].payload)["data"]["also_updates"]] == ["the harbour reopens"]
    fill(engine, [alert(1, revision=4, title="a storm is near", event=None, **later)], [desk])
    raised = alert(1, revision=5, severity=Severity.FLASH, state=AlertState.UPDATED, reason=AlertReason.SEVERITY_RAISED)
    fill(engine, [raised], [desk])
    assert balanced(engine) == {"pending": 3, "held": 2}
    with writing(engine) as connection:
        assert release_due(connection, "desk", now=datetime.now(UTC)) == 1
    rows = {row.revision: row for row in outbox_rows(engine)}
    assert (rows[4].carried_by, rows[5].carried_by) == (rows[5].delivery_id, None)
    assert [one["title"] for one in json.loads(rows[5].payload)["data"]["also_updates"]] == ["a storm is near"]
    assert balanced(engine) == {"pending": 5}


def test_updates_that_wait_for_different_alerts_go_along_with_what_their_article_says_under_another_theme(engine: Engine) -> None:
    desk = receiver_settings("desk", "http://127.0.0.1:1/", group_interval_s=300, group_wait_s=60)
    later = {"state": AlertState.UPDATED, "reason": AlertReason.MORE_SOURCES}
    fill(engine, [alert(1, theme_id=THEMES[0])], [desk])
    first, second = of_themes(2, THEMES[:2])
    update = msgspec.structs.replace(first, alert_id=alert(1, theme_id=THEMES[0]).alert_id, revision=2, **later)
    fill(engine, [update], [desk])  # held: its story was told just now
    fill(engine, [second], [desk])  # opens a story under the other theme
    with writing(engine) as connection:
        assert release_due(connection, "desk", now=datetime.now(UTC)) == 1
    rows = {row.theme_id: row for row in outbox_rows(engine) if row.group_key is not None}
    assert sorted(row.carried_by is None for row in rows.values()) == [False, True]
    assert balanced(engine) == {"pending": 3}


def test_a_silenced_part_of_updates_that_travel_together_is_left_out(engine: Engine) -> None:
    desk = receiver_settings("desk", "http://127.0.0.1:1/", group_interval_s=300)
    later = {"state": AlertState.UPDATED, "reason": AlertReason.MORE_SOURCES}
    titles = ("a crane falls", "the harbour reopens", "a storm is near")
    fill(engine, [alert(1), *(alert(1, revision=2 + n, title=title, event=None, **later) for n, title in enumerate(titles))], [desk])
    after = datetime.now(UTC) + timedelta(hours=1)
    with writing(engine) as connection:
        release_due(connection, "desk", now=after)
        add(
            connection, Silence(silence_id="s1", author="ann", comment="", created_at=NOW, ends_at=after + timedelta(days=1), words="crane")
        )
        claim(connection, "desk", limit=10, worker="w", now=after, lease_s=60)
        release_due(connection, "desk", now=after)
        assert len(claim(connection, "desk", limit=10, worker="w", now=after, lease_s=60)) == 1
    rows = {row.revision: row for row in outbox_rows(engine)}
    assert (rows[2].state, rows[2].reason) == ("suppressed", "silenced")
    data = json.loads(rows[4].payload)["data"]
    assert [data["title"], *(one["title"] for one in data["also_updates"])] == [titles[2], titles[1]]


def test_what_nobody_acknowledges_is_told_to_another_receiver_once(engine: Engine) -> None:
    desk = receiver_settings("desk", "http://127.0.0.1:1/", escalate_to="pager", escalate_after_s=60)
    pager = receiver_settings("pager", "http://127.0.0.1:1/", min_severity="flash")
    fill(engine, [alert(number, severity=Severity.URGENT) for number in (1, 2)] + [alert(3)], [desk, pager])
    rows = {row.alert_id: row for row in outbox_rows(engine)}
    seen = alert(2).alert_id
    with writing(engine) as connection:
        connection.execute(
            acknowledgements.insert().values(alert_id=seen, revision=1, author="ann", comment="", acknowledged_at=NOW)
        )  # fmt: skip
    later = datetime.now(UTC) + timedelta(minutes=2)
    receivers = {"desk": desk, "pager": pager}
    with writing(engine) as connection:
        assert escalate_due(connection, receivers, now=datetime.now(UTC)) == 0
        assert escalate_due(connection, receivers, now=later) == 1
        assert escalate_due(connection, receivers, now=later) == 0
    [row] = [row for row in outbox_rows(engine) if row.kind == "escalation"]
    message = json.loads(row.payload)
    assert (row.receiver, row.alert_id, message["type"]) == ("pager", alert(1).alert_id, "newsmon.alert.escalated")
    assert message["data"]["escalation"] == {"receiver": "desk", "after_s": 60.0}
    assert len(rows) == 3
    assert balanced(engine) == {"pending": 3, "suppressed": 3}


def test_of_revisions_that_one_message_tells_as_one_event_only_the_newest_escalates(engine: Engine) -> None:
    urgent = {"state": AlertState.UPDATED, "reason": AlertReason.MORE_SOURCES, "severity": Severity.URGENT}
    desk = receiver_settings("desk", "http://127.0.0.1:1/", group_interval_s=300, escalate_to="pager", escalate_after_s=60)
    pager = receiver_settings("pager", "http://127.0.0.1:1/", min_severity="flash")
    fill(engine, [alert(1, severity=Severity.URGENT), *(alert(1, revision=number, **urgent) for number in (2, 3))], [desk, pager])
    fill(engine, [alert(1, revision=4, title="the harbour reopens", event=None, **urgent)], [desk, pager])
    later = datetime.now(UTC) + timedelta(hours=1)
    with writing(engine) as connection:
        assert release_due(connection, "desk", now=later) == 1
        assert escalate_due(connection, {"desk": desk, "pager": pager}, now=later) == 3
    told = [row.revision for row in outbox_rows(engine) if row.kind == "escalation"]
    assert sorted(told) == [1, 3, 4], "the first message, and both events of the second"


def test_alerts_of_more_themes_than_one_message_has_room_for_come_in_several_and_none_is_left_out(engine: Engine) -> None:
    themes = tuple(f"theme-{number}" for number in range(60))
    desk = receiver_settings("desk", "http://127.0.0.1:1/")
    alerts = of_themes(1, themes, lead="x" * 900)
    assert all(len(payload_bytes(one)) < MAX_PAYLOAD_BYTES for one in alerts)
    fill(engine, alerts, [desk])
    with writing(engine) as connection:
        count = release_due(connection, "desk", now=datetime.now(UTC))
    carriers = [row for row in outbox_rows(engine) if row.carried_by is None]
    told = [json.loads(row.payload)["data"] for row in carriers]
    named = [one for data in told for one in (data["theme"]["id"], *(other["theme"]["id"] for other in data["also_alerts"]))]
    assert sorted(named) == sorted(themes)
    assert len(carriers) == count > 1
    assert all(len(row.payload) <= MAX_PAYLOAD_BYTES for row in carriers)


def test_a_digest_taken_apart_for_a_silence_that_ended_meanwhile_is_sent_after_all(engine: Engine) -> None:
    desk = receiver_settings("desk", "http://127.0.0.1:1/", quiet_hours=("00:00-12:00", "12:00-24:00"))
    fill(engine, [alert(1), alert(2)], [desk])
    now = datetime.now(UTC)
    silence = Silence(silence_id="sil_1", author="ann", comment="", created_at=now, ends_at=now + timedelta(hours=1), words="alert 2")
    with writing(engine) as connection:
        connection.execute(update(outbox).values(next_attempt_at=now))
        assert release_due(connection, "desk", now=now) == 1
        add(connection, silence)
        assert claim(connection, "desk", limit=9, worker="test", now=now, lease_s=60) == []
        assert end(connection, "sil_1", author="ann", now=now)
        assert release_due(connection, "desk", now=now) == 1
    assert balanced(engine) == {"pending": 2}
    with writing(engine) as connection:
        [due] = claim(connection, "desk", limit=9, worker="test", now=now, lease_s=60)
    assert {one["title"] for one in json.loads(due.payload)["data"]["alerts"]} == {"alert 1", "alert 2"}
