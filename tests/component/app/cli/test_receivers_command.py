"""`newsmon receivers`: what is configured and how it does, a test that goes the alerts' own way, and enabling."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from support.receivers import SECRET, secret_file

from newsmon.app.cli.alerts.receivers import command
from newsmon.app.listener import Answer, VerifyingReceiver
from newsmon.errors import SettingsError
from newsmon.records.delivery_reasons import DeliveryReason
from newsmon.settings import load_settings
from sinks.database.engine import create_engine_for, writing
from sinks.database.schema import migrate
from sinks.outbox.state.receiver_state import ReceiverState, write_state
from sinks.policy.circuit import Circuit


@contextmanager
def receiving(*answers: Answer) -> Iterator[VerifyingReceiver]:
    """A receiver on a loop of its own: the command runs its own."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    receiver = VerifyingReceiver(SECRET.text(), answers=answers)
    asyncio.run_coroutine_threadsafe(receiver.__aenter__(), loop).result(30)
    try:
        yield receiver
    finally:
        asyncio.run_coroutine_threadsafe(receiver.__aexit__(None, None, None), loop).result(30)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(30)
        loop.close()


def config_in(directory: Path, url: str, *, more: str = 'allow_private = ["127.0.0.0/8"]') -> Path:
    file = directory / "newsmon.toml"
    secret = secret_file(directory)
    file.write_text(f'state_dir = "{directory}"\n[[receivers]]\nid = "desk"\nurl = "{url}"\nsecret_files = ["{secret}"]\n{more}\n', "utf-8")
    return file


def newsmon(config: Path, *arguments: str) -> Result:
    action, *rest = arguments
    return CliRunner().invoke(command, [action, "--config", str(config), *rest], catch_exceptions=False)


def test_a_test_message_is_signed_says_what_it_is_and_its_acceptance_is_told(tmp_path: Path) -> None:
    with receiving() as receiver:
        done = newsmon(config_in(tmp_path, receiver.url), "test")
    assert done.exit_code == 0, done.output
    assert done.output.startswith("desk: accepted (status 204)")
    [received] = receiver.deliveries
    assert received.verified
    assert received.payload is not None
    assert received.payload["type"] == "newsmon.test"


def test_a_refusal_is_an_exit_code_and_is_not_tried_again(tmp_path: Path) -> None:
    with receiving(Answer(status=503)) as receiver:
        done = newsmon(config_in(tmp_path, receiver.url), "test", "desk")
        assert len(receiver.deliveries) == 1
    assert done.exit_code == 1
    assert "server_error (status 503)" in done.output


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/", "http://169.254.169.254/latest", "http://[::1]:9/"])
def test_the_test_reaches_no_address_that_alerts_would_not(tmp_path: Path, url: str) -> None:
    done = newsmon(config_in(tmp_path, url, more=""), "test")
    assert done.exit_code == 1
    assert "blocked_address" in done.output


def test_the_list_tells_who_is_configured_and_how_each_does(tmp_path: Path) -> None:
    config = config_in(tmp_path, "https://desk.example/hook", more='themes = ["us-trade"]\nformat = "cloudevents"')
    before = newsmon(config, "list")
    assert "desk" in before.output
    assert "webhook (cloudevents)" in before.output
    assert "us-trade" in before.output
    engine = create_engine_for(load_settings(config, {}))
    migrate(engine)
    now = datetime(2026, 11, 24, 12, tzinfo=UTC)
    with writing(engine) as connection:
        state = ReceiverState(DeliveryReason.FAILING_FOR_DAYS, Circuit(20), last_success_at=now, failing_since=now)
        write_state(connection, "desk", state, now=now)
    after = newsmon(config, "list").output
    for said in ("disabled: failing_for_days", "0 pending", "last accepted 2026-11-24 12:00Z", "failing since 2026-11-24 12:00Z"):
        assert said in after
    enabled = newsmon(config, "enable", "desk")
    assert enabled.exit_code == 0
    assert "deliveries replay --receiver desk" in enabled.output
    assert newsmon(config, "enable", "desk").exit_code == 1
    assert "enabled" in newsmon(config, "list").output
    engine.dispose()


def test_a_name_that_is_not_configured_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="no receiver is called 'other'"):
        newsmon(config_in(tmp_path, "https://desk.example/"), "test", "other")
