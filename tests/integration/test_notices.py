"""System notices on a real broker: delivered by a deliver process, stored by a store process, and the ledger balances."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
from sqlalchemy import Engine
from support.delivering import outbox_rows, soon, write_settings
from support.receivers import SECRET, receiver_settings, secret_file
from support.samples import every_record
from support.stages import newsmon, stage
from support.storing import caught_up, publish, with_database

from newsmon.app.listener import VerifyingReceiver
from newsmon.kafka.admin import ensure_topics
from newsmon.records import Notice, NoticeState
from newsmon.settings import Settings
from newsmon.topics import NOTICES

NOTICE: Notice = next(one for one in every_record() if isinstance(one, Notice))
OVER = msgspec.structs.replace(NOTICE, revision=2, state=NoticeState.RESOLVED, text="Over.")


async def test_a_notice_on_the_topic_reaches_a_receiver_once_is_stored_and_balances(
    kafka_settings: Settings, database_url: str, engine: Engine, tmp_path: Path
) -> None:
    async with VerifyingReceiver(SECRET.text()) as receiver:
        desk = receiver_settings("desk", receiver.url, secret_file(tmp_path))
        settings = with_database(kafka_settings, database_url).model_copy(update={"receivers": (desk,)})
        config = write_settings(tmp_path, settings)
        ensure_topics(settings)
        publish(settings, {NOTICES: [NOTICE, b"garbage", OVER, NOTICE]})
        with stage("store", config), stage("deliver", config):
            await soon(lambda: len(receiver.deliveries) == 2, "both revisions told")
            await soon(lambda: caught_up(settings, engine, (NOTICES,), name="deliver"), "all read", within_s=120)
            await soon(lambda: caught_up(settings, engine), "everything stored", within_s=120)
        told = [one.payload for one in receiver.deliveries if one.payload]
    assert all(one.verified for one in receiver.deliveries)
    assert {(one["type"], one["data"]["notice_id"]) for one in told} == {("newsmon.notice", NOTICE.notice_id)}
    assert sorted(one["data"]["revision"] for one in told) == [1, 2]
    assert [(row.kind, row.state) for row in outbox_rows(engine)] == [("notice", "delivered")] * 2
    listed = newsmon(config, "notices", "list", "--json")
    assert [(one["state"], one["text"]) for one in map(json.loads, listed.stdout.splitlines())] == [("resolved", "Over.")]
    verified = newsmon(config, "verify", "--json")
    ledger = json.loads(verified.stdout)
    assert verified.returncode == 0, verified.stdout
    [line] = [one for one in ledger["lines"] if one["name"] == "log of news.notices"]
    assert line["total"] == 4
    assert (line["parts"]["in the database"], line["parts"]["quarantined"]) == (3, 1)
