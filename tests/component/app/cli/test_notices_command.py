"""`newsmon notices list`: what was said, as it stands, from the database alone."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner
from sqlalchemy import Engine, insert
from support.samples import NOON, every_record

from newsmon.app.cli.alerts import notices
from newsmon.records import Notice, NoticeKind, NoticeState
from newsmon.settings import Settings
from newsmon.topics import NOTICES
from sinks.consumer.kafka_record import KafkaRecord
from sinks.database.engine import writing
from sinks.database.outbox_tables import receivers_state
from sinks.deliver.notices import raise_own_notices
from sinks.store.service import writer

SAMPLE: Notice = next(one for one in every_record() if isinstance(one, Notice))


@pytest.fixture
def config(tmp_path: Path) -> Path:
    file = tmp_path / "newsmon.toml"
    receiver = '[[receivers]]\nid = "desk"\nurl = "http://127.0.0.1:9/"\nsecret_env = "UNUSED"\nnotices = false\n'
    file.write_text(f'state_dir = "{tmp_path}"\n{receiver}', "utf-8")
    return file


def said(notice: Notice, hours: int, **changes: object) -> Notice:
    return msgspec.structs.replace(notice, at=NOON + timedelta(hours=hours), **changes)


def store(settings: Settings, engine: Engine, *records: Notice) -> None:
    with writing(engine) as connection:
        writer(settings)(connection, [KafkaRecord(NOTICES, "news.notices", 0, n, None, b"", record=one) for n, one in enumerate(records)])


def listed(config: Path, *arguments: str) -> list[dict[str, object]]:
    result = CliRunner().invoke(notices.command, ["list", "--config", str(config), "--json", *arguments], catch_exceptions=False)
    assert result.exit_code == 0
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_each_notice_is_listed_as_it_stands_the_last_said_first(config: Path, settings: Settings, engine: Engine) -> None:
    other = msgspec.structs.replace(SAMPLE, notice_id="n_other", kind=NoticeKind.FEED_GAP, subject="feed:gap", text="A \x00 gap.")
    over = said(SAMPLE, 3, revision=2, state=NoticeState.RESOLVED)
    for _ in range(2):  # read twice, and out of order
        store(settings, engine, over, said(other, 1), said(SAMPLE, 0))
    found = listed(config)
    assert [(one["kind"], one["revision"], one["state"]) for one in found] == [("feed_failing", 2, "resolved"), ("feed_gap", 1, "raised")]
    assert found[0]["details"] == SAMPLE.details
    assert found[1]["text"] == "A \ufffd gap."
    assert [one["kind"] for one in listed(config, "--open")] == ["feed_gap"]
    assert [one["kind"] for one in listed(config, "--kind", "feed_failing")] == ["feed_failing"]
    assert [one["kind"] for one in listed(config, "--since", "2026-11-24T14:00Z")] == ["feed_failing"]
    assert len(listed(config, "--limit", "1")) == 1
    shown = CliRunner().invoke(notices.command, ["list", "--config", str(config)], catch_exceptions=False)
    assert f"{SAMPLE.kind.value}  {SAMPLE.subject}: {SAMPLE.text}" in shown.stdout


def test_what_the_delivery_stage_notices_itself_is_stored_though_nobody_takes_notices(
    config: Path, settings: Settings, engine: Engine
) -> None:
    assert listed(config) == []
    now = datetime.now(UTC)
    with writing(engine) as connection:
        disabled = {"disabled_at": now, "reason": "gone", "failure_count": 1, "updated_at": now}
        connection.execute(insert(receivers_state).values(receiver="desk", **disabled))
        assert raise_own_notices(connection, settings, now=now) == 0
        assert raise_own_notices(connection, settings, now=now + timedelta(minutes=1)) == 0
    [one] = listed(config, "--open")
    assert (one["kind"], one["subject"], one["revision"], one["stage"]) == ("receiver_disabled", "receiver:desk", 1, "deliver")
    with writing(engine) as connection:
        connection.execute(receivers_state.delete())
        raise_own_notices(connection, settings, now=now + timedelta(minutes=2))
    assert listed(config, "--open") == []
    assert [(one["revision"], one["state"]) for one in listed(config)] == [(2, "resolved")]
