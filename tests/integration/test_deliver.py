"""`newsmon deliver` as a process on a real broker and real databases, with real HTTP receivers."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import subprocess
import sys
from collections import Counter
from pathlib import Path

import aiohttp
import pytest
from sqlalchemy import Engine, select
from support.alerts import alert
from support.deliver_stage import Stage
from support.delivering import attempt_rows, outbox_rows, soon, states, write_settings
from support.producing import raw_records
from support.receivers import SECRET, hangs, raw_receiver, receiver_settings, secret_file
from support.storing import publish

from newsmon.app.listener import Answer, VerifyingReceiver
from newsmon.codec import decode
from newsmon.records import Delivery, DeliveryOutcome, Origin, Severity
from newsmon.settings import AckSettings, Settings
from newsmon.topics import ALERTS, DELIVERIES, QUARANTINE
from sinks.database.engine import reading
from sinks.database.outbox_tables import acknowledgements


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return secret_file(tmp_path)


def all_in(engine: Engine, count: int, state: str = "delivered") -> bool:
    found = states(engine)
    return len(found) == count and all(one == state for _receiver, one, _reason in found)


async def test_alerts_on_kafka_become_verified_webhooks_and_delivery_records(
    kafka_settings: Settings, database_url: str, engine: Engine, tmp_path: Path, file: Path
) -> None:
    async with VerifyingReceiver(SECRET.text(), answers=[Answer(status=500)]) as receiver:
        stage = Stage(kafka_settings, database_url, tmp_path, [receiver_settings("desk", receiver.url, file)])
        publish(stage.settings, {ALERTS: [alert(1), b"garbage", alert(2), alert(3, origin=Origin.BACKFILL), alert(2)]})
        async with stage.running():
            await soon(lambda: len(states(engine)) == 3 and not any(row.state == "pending" for row in outbox_rows(engine)), "all settled")
    assert sorted(one.payload["data"]["title"] for one in receiver.deliveries if one.payload and one.accepted) == ["alert 1", "alert 2"]
    assert all(one.verified for one in receiver.deliveries)
    published = [decode(raw.value, Delivery) for raw in raw_records(stage.settings, DELIVERIES)]
    assert Counter(one.outcome for one in published) == Counter(
        {DeliveryOutcome.DELIVERED: 2, DeliveryOutcome.WILL_RETRY: 1, DeliveryOutcome.SUPPRESSED: 1}
    )
    assert {(one.delivery_id, one.attempt) for one in published} == {(row.delivery_id, row.attempt) for row in attempt_rows(engine)}
    assert all(row.published for row in attempt_rows(engine))
    [quarantined] = raw_records(stage.settings, QUARANTINE)
    assert quarantined.value == b"garbage"


async def test_an_alert_is_posted_when_it_is_read_and_not_at_the_next_look_at_the_outbox(
    kafka_settings: Settings, database_url: str, engine: Engine, tmp_path: Path, file: Path
) -> None:
    async with VerifyingReceiver(SECRET.text()) as receiver:
        stage = Stage(kafka_settings, database_url, tmp_path, [receiver_settings("desk", receiver.url, file)])
        async with stage.running(look_again_s=3_600.0):
            for number in range(5):
                await asyncio.to_thread(publish, stage.settings, {ALERTS: [alert(number)]})
                await soon(lambda number=number: len(receiver.deliveries) == number + 1, "posted")


async def test_killed_again_and_again_under_load_nothing_is_lost_and_repeats_carry_the_same_id(
    kafka_settings: Settings, database_url: str, engine: Engine, tmp_path: Path, file: Path
) -> None:
    count = 400
    failing = [Answer(status=503)] * 60
    async with VerifyingReceiver(SECRET.text()) as steady, VerifyingReceiver(SECRET.text(), answers=failing) as shaky:
        receivers = [receiver_settings("steady", steady.url, file), receiver_settings("shaky", shaky.url, file)]
        stage = Stage(kafka_settings, database_url, tmp_path, receivers)
        kills = 0
        for part in range(4):
            before = len(steady.deliveries)
            process = stage.start()
            try:
                await asyncio.to_thread(publish, stage.settings, {ALERTS: [alert(part * 100 + number) for number in range(100)]})
                await soon(lambda before=before: len(steady.deliveries) >= before + 15, "under way", within_s=180)
            finally:
                process.kill()
                process.wait(60)
                kills += 1
        async with stage.running():
            await soon(lambda: all_in(engine, 2 * count), "all delivered", within_s=240)
    assert kills == 4
    owed = {row.delivery_id: row for row in outbox_rows(engine)}
    for name, receiver in (("steady", steady), ("shaky", shaky)):
        accepted = [one for one in receiver.deliveries if one.accepted]
        numbers = {one.payload["data"]["title"] for one in accepted if one.payload}
        assert numbers == {f"alert {number}" for number in range(count)}
        assert {one.webhook_id for one in accepted} == {key for key, row in owed.items() if row.receiver == name}
        assert len({(one.webhook_id, one.body) for one in receiver.deliveries}) == count  # one id, one body, however often
    published = [decode(raw.value, Delivery) for raw in raw_records(stage.settings, DELIVERIES)]
    delivered = {one.delivery_id for one in published if one.outcome is DeliveryOutcome.DELIVERED}
    assert delivered == set(owed)


async def test_a_hung_receiver_holds_up_neither_the_other_nor_the_end(
    kafka_settings: Settings, database_url: str, engine: Engine, tmp_path: Path, file: Path
) -> None:
    async with raw_receiver(hangs) as hung, VerifyingReceiver(SECRET.text()) as good:
        receivers = [receiver_settings("hung", hung.url, file, timeout_s=3.0), receiver_settings("good", good.url, file)]
        stage = Stage(kafka_settings, database_url, tmp_path, receivers)
        async with stage.running():
            await asyncio.to_thread(publish, stage.settings, {ALERTS: [alert(number) for number in range(50)]})
            await soon(lambda: len(good.deliveries) == 50, "the good one has all")
    assert {row.state for row in outbox_rows(engine) if row.receiver == "good"} == {"delivered"}
    assert "pending" in {row.state for row in outbox_rows(engine) if row.receiver == "hung"}
    assert {row.leased_by for row in outbox_rows(engine)} == {None}


@pytest.mark.parametrize(
    ("content", "said"),
    [(None, "No such file"), ("whsec_c2hvcnQ=", "fewer than 24 bytes"), ("", "does not begin with whsec_")],
)
def test_a_missing_or_short_secret_is_refused_by_receiver_and_key(tmp_path: Path, content: str | None, said: str) -> None:
    file = tmp_path / "desk.secret"
    if content is not None:
        file.write_text(content)
    settings = Settings(state_dir=tmp_path / "state", receivers=(receiver_settings("desk", "https://desk.example/hook", file),))
    config = write_settings(tmp_path, settings)
    command = [sys.executable, "-Im", "newsmon", "deliver", "--config", str(config)]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("NEWSMON_")}
    ended = subprocess.run(command, capture_output=True, text=True, timeout=180, env=environment)
    assert ended.returncode == 2
    assert "receivers.desk.secret_files" in ended.stderr
    assert said in ended.stderr
    assert "c2hvcnQ" not in ended.stderr
    with contextlib.suppress(FileNotFoundError):
        assert list((tmp_path / "state").iterdir()) == []  # nothing half started is left behind


async def test_an_alert_acknowledged_by_the_link_in_its_message_is_not_escalated_and_the_other_is(
    kafka_settings: Settings, database_url: str, engine: Engine, tmp_path: Path, file: Path
) -> None:
    port = free_port()
    ack = AckSettings(public_url=f"http://127.0.0.1:{port}", port=port, secret_files=(file,))
    settings = kafka_settings.model_copy(update={"ack": ack})
    async with VerifyingReceiver(SECRET.text()) as desk, VerifyingReceiver(SECRET.text()) as pager, aiohttp.ClientSession() as browser:
        receivers = [
            receiver_settings("desk", desk.url, file, escalate_to="pager", escalate_after_s=8.0, themes=("us-trade",)),
            receiver_settings("pager", pager.url, file, themes=("none",)),
        ]
        stage = Stage(settings, database_url, tmp_path, receivers)
        async with stage.running():
            urgent = {"severity": Severity.URGENT, "theme_id": "us-trade"}
            await asyncio.to_thread(publish, stage.settings, {ALERTS: [alert(number, **urgent) for number in (1, 2)]})
            await soon(lambda: len(desk.deliveries) == 2, "both told")
            links = {one.payload["data"]["alert_id"]: one.payload["data"]["links"]["ack"] for one in desk.deliveries if one.payload}
            seen, unseen = alert(1, **urgent).alert_id, alert(2, **urgent).alert_id
            for link in links.values():  # as a scanner of links does
                async with browser.get(link) as looked:
                    assert looked.status == 200
            async with browser.post(links[seen]) as pressed:
                assert pressed.status == 200
            async with browser.post(links[seen][:-1]) as forged:
                assert forged.status == 403
            await soon(lambda: len(pager.deliveries) == 1, "the other escalated")
            assert links[seen].rpartition(".")[2] not in stage.log.read_text()
    [told] = pager.deliveries
    assert told.payload is not None
    assert (told.payload["type"], told.payload["data"]["alert_id"]) == ("newsmon.alert.escalated", unseen)
    with reading(engine) as connection:
        assert [(row.alert_id, row.author) for row in connection.execute(select(acknowledgements))] == [(seen, "desk")]
    assert [row.alert_id for row in outbox_rows(engine) if row.kind == "escalation"] == [unseen]
