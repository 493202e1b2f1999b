"""`newsmon deliveries`: the list tells how each went, replay keeps ids and bytes, enable lets a receiver back in."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Engine, update
from support.alerts import alert
from support.delivering import attempt_rows, dispatching, fill, outbox_rows, soon, states
from support.receivers import SECRET, receiver_settings, secret_file

from newsmon.app.cli.alerts.deliveries import command
from newsmon.app.listener import Answer, VerifyingReceiver
from newsmon.errors import SettingsError
from newsmon.records import Origin
from newsmon.records.delivery_reasons import DeliveryReason
from sinks.database.engine import writing
from sinks.database.outbox_tables import outbox
from sinks.outbox.state.receiver_state import ReceiverState, write_state


@pytest.fixture
def config(tmp_path: Path) -> Path:
    file = tmp_path / "newsmon.toml"
    secret = secret_file(tmp_path)
    file.write_text(
        f'state_dir = "{tmp_path}"\n[[receivers]]\nid = "desk"\nurl = "http://127.0.0.1:9/"\nsecret_files = ["{secret}"]\n', "utf-8"
    )
    return file


def newsmon(config: Path, *arguments: str) -> Result:
    action, *rest = arguments
    return CliRunner().invoke(command, [action, "--config", str(config), *rest], catch_exceptions=False)


async def ended_badly(engine: Engine, receiver: VerifyingReceiver, count: int, status: int) -> None:
    """`count` alerts to a receiver that answers `status` until they are dead."""
    desk = receiver_settings("desk", receiver.url)
    fill(engine, [alert(number) for number in range(count)], [desk])
    receiver.answer_next(*[Answer(status=status)] * 4 * count)
    async with dispatching(engine, [desk]):
        await soon(lambda: all(row.state == "dead" for row in outbox_rows(engine)), "dead")


async def test_replayed_deliveries_arrive_with_the_same_id_and_bytes_and_count_on(config: Path, engine: Engine) -> None:
    async with VerifyingReceiver(SECRET.text()) as receiver:
        await ended_badly(engine, receiver, 3, 500)
        dry = newsmon(config, "replay", "--dry-run")
        assert (dry.exit_code, dry.stdout) == (0, "desk: 3 would be sent again\n")
        assert {state for _receiver, state, _reason in states(engine)} == {"dead"}
        assert newsmon(config, "replay", "--receiver", "desk").stdout == "desk: 3 will be sent again\n"
        async with dispatching(engine, [receiver_settings("desk", receiver.url)]):
            await soon(lambda: all(row.state == "delivered" for row in outbox_rows(engine)), "delivered")
    assert len({(one.webhook_id, one.body) for one in receiver.deliveries}) == 3
    for delivery_id in {row.delivery_id for row in outbox_rows(engine)}:
        tried = [(row.attempt, row.outcome) for row in attempt_rows(engine) if row.delivery_id == delivery_id]
        expected = ["will_retry", "will_retry", "will_retry", "dead", "delivered"]
        assert tried == list(enumerate(expected, start=1))


async def test_a_replayed_delivery_gets_the_whole_schedule_again(config: Path, engine: Engine) -> None:
    async with VerifyingReceiver(SECRET.text()) as receiver:
        await ended_badly(engine, receiver, 1, 500)
        newsmon(config, "replay")
        receiver.answer_next(*[Answer(status=500)] * 3)
        async with dispatching(engine, [receiver_settings("desk", receiver.url)]):
            await soon(lambda: all(row.state == "delivered" for row in outbox_rows(engine)), "delivered on the fourth")
    assert len(attempt_rows(engine)) == 8


async def test_a_disabled_receiver_is_enabled_first_and_then_gets_what_it_missed(config: Path, engine: Engine) -> None:
    async with VerifyingReceiver(SECRET.text()) as receiver:
        await ended_badly(engine, receiver, 1, 410)
        fill(engine, [alert(7), alert(8, origin=Origin.REPLAY)], [receiver_settings("desk", receiver.url)])
        refused = newsmon(config, "replay")
        assert refused.exit_code == 1
        assert "enable it first" in refused.stderr
        enabled = newsmon(config, "enable", "desk")
        assert enabled.exit_code == 0
        assert newsmon(config, "enable", "desk").exit_code == 1
        assert newsmon(config, "replay").stdout == "desk: 2 will be sent again\n"
        already = len(receiver.deliveries)
        receiver._answers.clear()
        async with dispatching(engine, [receiver_settings("desk", receiver.url)]):
            await soon(lambda: sum(row.state == "delivered" for row in outbox_rows(engine)) == 2, "delivered")
    assert len(receiver.deliveries) == already + 2
    assert ("desk", "suppressed", "not_live") in states(engine)


async def test_replay_takes_only_what_was_asked_for(config: Path, engine: Engine) -> None:
    async with VerifyingReceiver(SECRET.text()) as receiver:
        await ended_badly(engine, receiver, 4, 500)
    ids = [row.delivery_id for row in outbox_rows(engine)]
    with writing(engine) as connection:
        old = update(outbox).where(outbox.c.delivery_id == ids[0]).values(created_at=datetime(2026, 1, 1, tzinfo=UTC))
        connection.execute(old)
        connection.execute(update(outbox).where(outbox.c.delivery_id == ids[1]).values(state="delivered"))
    for arguments, count in (
        (("--until", "2026-02-01"), 1),
        (("--since", "1h"), 2),
        (("--all",), 4),
        (("--id", ids[2]), 1),
        (("--id", ids[2], "--id", ids[3]), 2),
        ((), 3),
    ):
        assert newsmon(config, "replay", "--dry-run", *arguments).stdout == f"desk: {count} would be sent again\n"
    nothing = newsmon(config, "replay", "--id", "msg_unknown")
    assert (nothing.exit_code, nothing.stderr) == (1, "nothing to send again\n")


async def test_the_list_tells_how_each_delivery_went(config: Path, engine: Engine) -> None:
    async with VerifyingReceiver(SECRET.text()) as receiver:
        await ended_badly(engine, receiver, 1, 503)
        fill(engine, [alert(5, origin=Origin.BACKFILL)], [receiver_settings("desk", receiver.url)])
    dead = newsmon(config, "list", "--state", "dead").stdout
    assert "desk" in dead
    assert "4 attempts  exhausted (server_error 503)" in dead
    assert dead.count("\n") == 1
    rows = [json.loads(line) for line in newsmon(config, "list", "--json", "--since", "1h").stdout.splitlines()]
    assert sorted((row["state"], row["reason"], row["last_reason"]) for row in rows) == [
        ("dead", "exhausted", "server_error"),
        ("suppressed", "not_live", "not_live"),
    ]
    assert newsmon(config, "list", "--receiver", "nobody").stderr == "no deliveries\n"


def test_a_receiver_nobody_knows_is_a_settings_problem(config: Path, engine: Engine) -> None:
    for arguments in (("replay", "--receiver", "nobody"), ("enable", "nobody")):
        with pytest.raises(SettingsError, match="nobody"):
            newsmon(config, *arguments)


def test_unproven_deliveries_to_a_receiver_that_gets_nothing_wait_on_until_it_does(config: Path, engine: Engine) -> None:
    fill(engine, [alert(1)], [receiver_settings("desk", "http://127.0.0.1:9/"), receiver_settings("former", "http://127.0.0.1:9/")])
    now = datetime.now(UTC)
    with writing(engine) as connection:
        connection.execute(update(outbox).values(state="held", reason="unproven", next_attempt_at=None))
        write_state(connection, "desk", ReceiverState(disabled_reason=DeliveryReason.GONE), now=now)
    refused = newsmon(config, "release")
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert "desk: 1 skipped, the receiver is disabled; enable it first: newsmon receivers enable desk" in refused.stderr
    assert "former: 1 skipped, it is no longer in the settings" in refused.stderr
    assert {row.next_attempt_at for row in outbox_rows(engine)} == {None}
    assert newsmon(config, "enable", "desk").exit_code == 0
    assert newsmon(config, "release", "--dry-run").stdout == "desk: 1 would be sent\n"
    released = newsmon(config, "release")
    assert (released.exit_code, released.stdout) == (0, "desk: 1 will be sent\n")
    assert [row.next_attempt_at is None for row in outbox_rows(engine)] == [False, True]
    assert newsmon(config, "discard", "--receiver", "former").stdout == "former: 1 are dropped\n"
    assert ("former", "suppressed", "discarded") in states(engine)
