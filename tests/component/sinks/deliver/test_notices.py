"""Newsmon's own troubles, told like alerts and never as alerts; and its sign of life."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
import structlog
from sqlalchemy import Engine, delete, insert, select, update
from structlog.testing import capture_logs
from support.alerts import alert
from support.delivering import QUICK, attempt_rows, dispatching, fill, outbox_rows, soon
from support.places import ROOT
from support.receivers import SECRET, receiver_settings
from support.samples import every_record

from newsmon.app.listener import Answer, VerifyingReceiver
from newsmon.kafka.positions.resume import StoredPosition, resume_at
from newsmon.records import Notice, NoticeKind, NoticeState
from newsmon.settings import ReceiverSettings, Settings, ThemeSettings
from newsmon.topics import NOTICES
from processors.runner.positions import lost_notice
from sinks.consumer.kafka_record import KafkaRecord
from sinks.database.engine import reading, writing
from sinks.database.losses import Loss, acknowledge_losses, add_losses, read_losses
from sinks.database.outbox_tables import receivers_state
from sinks.database.tables import feed_states, quarantined
from sinks.deliver.heartbeat import enqueue_heartbeats, sentence
from sinks.deliver.notices import enqueue_notices, raise_own_notices
from sinks.outbox.state.receiver_state import enable
from sinks.policy.conditions import Condition, OpenNotice, disk_condition, kafka_condition, notices_of, quarantine_condition
from sinks.policy.retry import Schedule
from sinks.store.service import writer

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
NOTICE: Notice = next(one for one in every_record() if isinstance(one, Notice))


def settings_of(directory: Path, *receivers: ReceiverSettings) -> Settings:
    return Settings(state_dir=directory, receivers=receivers, themes=ThemeSettings(directory=directory))


def told(engine: Engine, receiver: str = "desk") -> list[tuple[str, str, str]]:
    """(kind, state, subject) of every notice owed to the receiver, by revision."""
    rows = sorted((row for row in outbox_rows(engine) if row.kind == "notice" and row.receiver == receiver), key=lambda row: row.revision)
    data = [json.loads(row.payload)["data"] for row in rows]
    return [(one["kind"], one["state"], one["subject"]) for one in data]


async def test_a_notice_reaches_who_takes_notices_once_and_is_no_alert(engine: Engine) -> None:
    async with VerifyingReceiver(SECRET.text()) as receiver:
        desk, quiet = receiver_settings("desk", receiver.url), receiver_settings("quiet", receiver.url, notices=False)
        for _ in range(2):  # read twice
            with writing(engine) as connection:
                enqueue_notices(connection, [NOTICE], [desk, quiet], now=NOW)
        async with dispatching(engine, [desk, quiet]):
            await soon(lambda: [row.state for row in outbox_rows(engine)] == ["delivered"], "delivered")
    [message] = receiver.deliveries
    assert message.payload is not None
    assert (message.payload["type"], message.payload["data"]["text"]) == ("newsmon.notice", NOTICE.text)
    assert [row.outcome for row in attempt_rows(engine)] == ["delivered"]


def test_in_quiet_hours_a_notice_waits_for_the_digest(engine: Engine) -> None:
    desk = receiver_settings("desk", "http://127.0.0.1:1/", quiet_hours=("00:00-23:00",))
    with writing(engine) as connection:
        enqueue_notices(connection, [NOTICE], [desk], now=NOW)
    assert [(row.state, row.reason) for row in outbox_rows(engine)] == [("held", "quiet_hours")]


async def test_a_receiver_that_is_disabled_is_told_of_at_another_and_when_it_is_back(engine: Engine, tmp_path: Path) -> None:
    async with VerifyingReceiver(SECRET.text(), answers=[Answer(status=410)]) as gone, VerifyingReceiver(SECRET.text()) as well:
        desk, other = receiver_settings("desk", gone.url), receiver_settings("other", well.url, themes=("none-of-ours",))
        settings = settings_of(tmp_path, desk, other)
        fill(engine, [alert()], [desk, other])
        async with dispatching(engine, [desk, other]):
            await soon(lambda: any(row.state == "dead" for row in outbox_rows(engine)), "disabled")
        for _ in range(2):
            with writing(engine) as connection:
                raise_own_notices(connection, settings, now=datetime.now(UTC))
    expected = ("receiver_disabled", "raised", "receiver:desk")
    assert told(engine, "other") == [expected]
    assert [row.state for row in outbox_rows(engine) if row.kind == "notice" and row.receiver == "desk"] == ["suppressed"]
    with writing(engine) as connection:
        connection.execute(update(receivers_state).values(disabled_at=None, reason=None))
        raise_own_notices(connection, settings, now=datetime.now(UTC))
        raise_own_notices(connection, settings, now=datetime.now(UTC))
    assert told(engine, "other") == [expected, ("receiver_disabled", "resolved", "receiver:desk")]


async def test_a_receiver_that_fails_for_days_is_disabled_and_another_receiver_hears_of_it_by_itself(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The whole way: five days of 500s (remembered by the database), one more, disabled, the other's webhook; and back again."""
    monkeypatch.setattr("sinks.deliver.periodic.NOTICES_EVERY", timedelta(seconds=0.2))
    monkeypatch.setattr("sinks.deliver.periodic.LOOK_AGAIN_S", 0.2)
    patient = replace(QUICK, schedule=Schedule(delays_s=(600.0,)))  # each alert is tried once while we look
    async with VerifyingReceiver(SECRET.text(), answers=[Answer(status=500)] * 2) as failing, VerifyingReceiver(SECRET.text()) as well:
        desk = receiver_settings("desk", failing.url, disable_after_days=5.0, timeout_s=10.0)
        other = receiver_settings("other", well.url, themes=("none-of-ours",))
        for age, is_over in ((timedelta(days=5) - timedelta(minutes=5), False), (timedelta(days=5, seconds=1), True)):
            with writing(engine) as connection:
                connection.execute(delete(receivers_state))
                connection.execute(insert(receivers_state).values(
                    receiver="desk", failure_count=40, failing_since=datetime.now(UTC) - age, updated_at=datetime.now(UTC),
                ))  # fmt: skip
            fill(engine, [alert(int(is_over))], [desk, other])
            async with dispatching(engine, [desk, other], patient) as dispatcher:
                if not is_over:  # one failure on the last day is one failure
                    await soon(lambda: len(failing.deliveries) == 1, "tried")
                    await soon(lambda: len(attempt_rows(engine)) >= 2, "recorded")
                    assert well.deliveries == []
                    continue
                await soon(lambda: len(well.deliveries) == 1, "the other has heard of it")
                assert len(failing.deliveries) == 2
                with writing(engine) as connection:
                    assert enable(connection, "desk", now=datetime.now(UTC))
                fill(engine, [alert(7)], [desk, other])
                dispatcher.wake()
                await soon(lambda: len(well.deliveries) == 2, "and that it is over")
                await soon(lambda: failing.deliveries[-1].accepted, "it gets alerts again")
    raised, resolved = (one.payload for one in well.deliveries)
    assert raised is not None
    assert resolved is not None
    assert all(one.verified for one in well.deliveries)
    assert (raised["type"], raised["data"]["kind"], raised["data"]["state"]) == ("newsmon.notice", "receiver_disabled", "raised")
    assert raised["data"]["subject"] == "receiver:desk"
    assert "failing_for_days" in raised["data"]["text"]
    assert (resolved["data"]["notice_id"], resolved["data"]["state"]) == (raised["data"]["notice_id"], "resolved")
    dead = {(row.receiver, row.reason) for row in outbox_rows(engine) if row.state == "dead"}
    assert dead == {("desk", "failing_for_days"), ("desk", "receiver_disabled")}


def test_a_growing_quarantine_is_told_once_and_resolved(engine: Engine, tmp_path: Path) -> None:
    settings = settings_of(tmp_path, receiver_settings("desk", "http://127.0.0.1:1/"))
    rows = [
        {"stage": "classify", "topic": "news.articles", "partition": 0, "offset": number, "reason": "undecodable", "error": "x",
         "quarantined_at": NOW, "worker": "w", "kafka_partition": 0, "kafka_offset": number}
        for number in range(12)
    ]  # fmt: skip
    with writing(engine) as connection:
        connection.execute(insert(quarantined), rows)
        raise_own_notices(connection, settings, now=NOW + timedelta(minutes=1))
        raise_own_notices(connection, settings, now=NOW + timedelta(minutes=2))
    assert told(engine) == [("quarantine_growing", "raised", "quarantine")]
    with writing(engine) as connection:
        raise_own_notices(connection, settings, now=NOW + timedelta(hours=3))
    assert told(engine)[1:] == [("quarantine_growing", "resolved", "quarantine")]


def test_a_trouble_is_raised_once_repeated_daily_and_resolved() -> None:
    trouble = Condition(NoticeKind.RECEIVER_DISABLED, "receiver:desk", "It is off.", NOW)
    [raised] = notices_of([trouble], [], now=NOW)
    assert notices_of([trouble], [], now=NOW + timedelta(minutes=1))[0].notice_id == raised.notice_id
    still = OpenNotice(raised.notice_id, 1, raised.kind, raised.subject, raised.text, raised.severity, NOW, said_at=NOW)
    assert notices_of([trouble], [still], now=NOW + timedelta(hours=23)) == ()
    [repeated] = notices_of([trouble], [still], now=NOW + timedelta(hours=24))
    [resolved] = notices_of([], [still], now=NOW + timedelta(hours=1))
    assert (repeated.state, repeated.revision, repeated.notice_id) == (NoticeState.REPEATED, 2, raised.notice_id)
    assert (resolved.state, resolved.revision, resolved.notice_id) == (NoticeState.RESOLVED, 2, raised.notice_id)


@pytest.mark.parametrize(
    ("recent", "age", "is_open", "grows"),
    [(9, timedelta(0), False, False), (10, timedelta(0), False, True), (1, timedelta(minutes=30), True, True), (0, timedelta(hours=2), True, False)],
)  # fmt: skip
def test_the_quarantine_is_said_to_grow_with_hysteresis(recent: int, age: timedelta, is_open: bool, grows: bool) -> None:
    found = quarantine_condition(recent_count=recent, last_at=NOW - age, is_open=is_open, now=NOW)
    assert (found is not None) is grows


def test_a_sign_of_life_comes_once_a_day_also_when_nothing_matched(engine: Engine) -> None:
    desk = receiver_settings("desk", "http://127.0.0.1:1/", heartbeat="daily", heartbeat_at="08:00", timezone="Europe/Berlin")
    due_at = datetime(2026, 11, 24, 7, 0, tzinfo=UTC)
    state = {"url": "https://f.example/", "poll_seq": 1, "polled_at": NOW, "next_due_at": NOW, "interval_s": 60, "last_result": "ok",
             "kafka_partition": 0, "kafka_offset": 0}  # fmt: skip
    with writing(engine) as connection:
        connection.execute(insert(feed_states), [state | {"feed_id": f"f{n}", "failure_count": int(n == 0)} for n in range(5)])
        assert enqueue_heartbeats(connection, [desk], now=due_at - timedelta(minutes=1)) == 0  # yesterday's is too late to be true
        assert enqueue_heartbeats(connection, [desk], now=due_at + timedelta(minutes=1)) == 1
        assert enqueue_heartbeats(connection, [desk], now=due_at + timedelta(minutes=2)) == 0
        assert enqueue_heartbeats(connection, [receiver_settings("other", "http://127.0.0.1:1/")], now=due_at) == 0
    [row] = outbox_rows(engine)
    data = json.loads(row.payload)["data"]
    assert data["text"] == "nothing matched; 4 feeds healthy, 1 failing, 0 articles read"
    assert data["feeds_failing"] == ["f0"]


def test_the_sentence_counts() -> None:
    assert sentence(alert_count=1, held_count=2, article_count=300, healthy=1, failing=0) == (
        "1 alert sent, 2 held; 1 feed healthy, 300 articles read"
    )


def test_what_is_sent_beside_alerts_follows_its_published_schema(engine: Engine) -> None:
    import jsonschema

    desk = receiver_settings("desk", "http://127.0.0.1:1/")
    with writing(engine) as connection:
        enqueue_notices(connection, [msgspec.structs.replace(NOTICE, details={"status": "503"})], [desk], now=NOW)
    with reading(engine) as connection:
        assert connection.execute(select(quarantined)).all() == []
    schema = json.loads((ROOT / "docs/schemas/webhook-notice.v1.json").read_text("utf-8"))
    jsonschema.validate(json.loads(outbox_rows(engine)[0].payload), schema)


def lose(
    engine: Engine, *topics: str, at: datetime = NOW, reason: str = "log_replaced", consumer: str = "store", lost: int | None = None
) -> None:
    found = [Loss(consumer, topic, partition, reason, 30, 0, lost, "c/1", "c/2") for topic in topics for partition in range(6)]
    with writing(engine) as connection:
        add_losses(connection, found, now=at)


def test_replaced_logs_are_told_once_for_all_partitions_and_readers_until_somebody_has_seen_it(engine: Engine, tmp_path: Path) -> None:
    desk = receiver_settings("desk", "http://127.0.0.1:1/")
    settings = settings_of(tmp_path, desk)

    def look(after: timedelta) -> None:
        with writing(engine) as connection:
            raise_own_notices(connection, settings, now=NOW + after)

    lose(engine, "news.alerts", "news.feed-state")
    look(timedelta(seconds=5))
    assert told(engine) == [], "the other readers may be about to notice, too"
    lose(engine, "news.alerts", at=NOW + timedelta(seconds=6), consumer="deliver")
    for seconds in (30, 60, 3000):
        look(timedelta(seconds=seconds))
    raised = ("log_replaced", "raised", "kafka")
    assert told(engine) == [raised]
    (row,) = outbox_rows(engine)
    text = json.loads(row.payload)["data"]["text"]
    assert "news.alerts, news.feed-state" in text
    assert "The producer remembers no feed" in text
    assert "newsmon losses acknowledge" in text
    lose(engine, "news.matches", at=NOW + timedelta(minutes=55))
    look(timedelta(minutes=57))
    assert told(engine) == [raised], "what grows is not told at every step"
    look(timedelta(hours=2))
    assert told(engine) == [raised, ("log_replaced", "repeated", "kafka")]
    with writing(engine) as connection:
        assert acknowledge_losses(connection, by="someone", now=NOW + timedelta(hours=3)) == 24
    look(timedelta(hours=3))
    assert told(engine)[-1] == ("log_replaced", "resolved", "kafka")


def test_expired_records_are_told_with_their_number(engine: Engine, tmp_path: Path) -> None:
    settings = settings_of(tmp_path, receiver_settings("desk", "http://127.0.0.1:1/"))
    lose(engine, "news.articles", reason="expired", lost=7)
    lose(engine, "news.articles", reason="expired", lost=7, consumer="deliver")  # had not read the same records either
    with writing(engine) as connection:
        raise_own_notices(connection, settings, now=NOW + timedelta(minutes=1))
    assert told(engine) == [("records_lost", "raised", "kafka")]
    (row,) = outbox_rows(engine)
    assert "42 records left Kafka before newsmon had read them, in news.articles." in json.loads(row.payload)["data"]["text"]


def test_a_loss_noticed_by_a_clock_that_was_ahead_is_told_without_waiting_for_it(engine: Engine, tmp_path: Path) -> None:
    settings = settings_of(tmp_path, receiver_settings("desk", "http://127.0.0.1:1/"))
    lose(engine, "news.articles", at=NOW + timedelta(days=10))
    with writing(engine) as connection:
        raise_own_notices(connection, settings, now=NOW)
    assert told(engine) == [("log_replaced", "raised", "kafka")]


def test_a_disk_that_fills_is_told_urgently_when_it_gets_worse_and_told_when_it_is_over(engine: Engine, tmp_path: Path) -> None:
    settings = settings_of(tmp_path, receiver_settings("desk", "http://127.0.0.1:1/"))
    low = disk_condition("disk:state", "/data (state): 1.0 GiB free of 9.0 GiB", critical=False, since=NOW)
    critical = disk_condition("disk:state", "/data (state): 90 MiB free of 9.0 GiB", critical=True, since=NOW)
    for minute, found in enumerate(([low], [low], [critical], [critical], [low], [])):
        with writing(engine) as connection:
            raise_own_notices(connection, settings, now=NOW + timedelta(minutes=minute), more=found)
    states = [("disk_low", state, "disk:state") for state in ("raised", "repeated", "resolved")]
    assert told(engine) == states
    rows = sorted((row for row in outbox_rows(engine) if row.kind == "notice"), key=lambda row: row.revision)
    assert [row.severity for row in rows] == ["notice", "urgent", "urgent"]
    assert "90 MiB" in json.loads(rows[1].payload)["data"]["text"]


def test_a_broker_that_is_away_for_a_minute_is_told_of_and_its_return_too(engine: Engine, tmp_path: Path) -> None:
    settings = settings_of(tmp_path, receiver_settings("desk", "http://127.0.0.1:1/"))
    for seconds, away in ((30, True), (70, True), (300, True), (330, False)):
        now = NOW + timedelta(seconds=seconds)
        found = kafka_condition(NOW, "newsmon's own broker does not answer", now=now) if away else None
        with writing(engine) as connection:
            raise_own_notices(connection, settings, now=now, more=[found] if found else [])
    assert told(engine) == [("kafka_unreachable", state, "kafka") for state in ("raised", "resolved")]


def test_a_notice_whose_transaction_is_repeated_is_one_log_line(engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sinks.deliver.notices.log", structlog.get_logger())  # a logger used before keeps its processors
    settings = settings_of(tmp_path, receiver_settings("desk", "http://127.0.0.1:1/"))
    condition = disk_condition("disk:kafka", "full", critical=True, since=NOW + timedelta(days=1))
    with capture_logs() as said:
        for _ in range(3):
            with suppress(RuntimeError), writing(engine) as connection:
                raise_own_notices(connection, settings, now=NOW, more=[condition])
                raise RuntimeError("disk full")
    assert [line["event"] for line in said] == ["notice"]


def test_a_loss_the_processor_told_itself_is_not_told_again_and_ends_when_somebody_has_seen_it(engine: Engine, tmp_path: Path) -> None:
    desk = receiver_settings("desk", "http://127.0.0.1:1/")
    settings = settings_of(tmp_path, desk)
    expired = {("news.articles", 0): resume_at(StoredPosition(10, "c/1"), beginning=14, end=30, log_id="c/1")}
    notice = lost_notice(expired, now=NOW)
    assert notice.notice_id == lost_notice(expired, now=NOW + timedelta(minutes=5)).notice_id, "told again after a crash"
    received = KafkaRecord(NOTICES, "news.notices", 0, 0, None, b"", (), record=notice)
    for _ in range(2):  # read twice
        with writing(engine) as connection:
            writer(settings)(connection, [received])
            enqueue_notices(connection, [notice], [desk], now=NOW)
    with reading(engine) as connection:
        [loss] = read_losses(connection)
    assert (loss.consumer, loss.topic, loss.from_offset, loss.to_offset, loss.lost_count) == ("processor", "news.articles", 10, 14, 4)
    for seconds in (1, 120):  # neither resolved before the others could have noticed theirs nor raised again after that
        with writing(engine) as connection:
            raise_own_notices(connection, settings, now=NOW + timedelta(seconds=seconds))
    assert told(engine) == [("records_lost", "raised", "processor")]
    with writing(engine) as connection:
        acknowledge_losses(connection, by="someone", now=NOW + timedelta(minutes=3))
        raise_own_notices(connection, settings, now=NOW + timedelta(minutes=3))
    assert told(engine) == [("records_lost", "raised", "processor"), ("records_lost", "resolved", "processor")]
