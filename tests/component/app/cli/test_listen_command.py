"""`newsmon listen` as a process: makes a secret, shows each alert once for people, and ends well."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest
from support.alerts import SAMPLE, alert
from support.waiting import next_line

from newsmon.records import Severity
from newsmon.settings import ReceiverSettings
from sinks.channels.webhook import Outcome, Webhook
from sinks.message.alert_body import payload_bytes
from sinks.message.asymmetric_keys import SigningKey, signer_of
from sinks.message.signature import Secret, Signer


@contextmanager
def listening(*arguments: str) -> Iterator[tuple[dict[str, Any], subprocess.Popen[str]]]:
    """The command at work, and the receiver's settings it said to paste; it ends well on SIGINT."""
    command = [sys.executable, "-Im", "newsmon", "listen", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, bufsize=1) as process:
        try:
            snippet: list[str] = []
            while not snippet or not snippet[-1].startswith("allow_private"):
                line = next_line(process.stderr, within_s=90)
                assert line, "it ended before it said what to paste"
                if snippet or line.startswith("[[receivers]]"):
                    snippet.append(line)
            yield tomllib.loads("".join(snippet))["receivers"][0], process
            process.send_signal(signal.SIGINT)
            assert process.wait(90) == 0
        finally:
            process.kill()


async def post(receiver: dict[str, Any], webhook_id: str, body: bytes, *signers: Signer) -> Outcome:
    settings = ReceiverSettings(**receiver)
    signers = signers or (signer_of(settings.secret_files[0].read_text().strip()),)
    async with Webhook(settings, signers) as webhook:
        return await webhook.post(webhook_id=webhook_id, body=body)


def lines_until(process: subprocess.Popen[str], word: str, *, within_s: float = 90.0) -> list[str]:
    lines: list[str] = []
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        lines.append(next_line(process.stdout, within_s=90))
        if word in lines[-1]:
            return lines
    raise AssertionError(f"{word!r} was not said: {lines}")


async def test_the_pasted_settings_work_and_each_alert_is_shown_once(tmp_path: Path) -> None:
    file = tmp_path / "listen.secret"
    evidence = msgspec.structs.replace(SAMPLE.evidence[0], clause="peacekeeping force", text="\x1b[31mreassurance force")
    shown = alert(severity=Severity.FLASH, title="Ministers agree on a force", evidence=(evidence,), source_count=3, outlet_count=5)
    with listening("--secret-file", str(file)) as (receiver, process):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert (await post(receiver, "msg_1", payload_bytes(shown))).accepted
        assert (await post(receiver, "msg_1", payload_bytes(shown))).accepted
        assert (await post(receiver, "msg_2", payload_bytes(shown), Secret(b"z" * 24))).status == 401
        assert (await post(receiver, "msg_3", b'{"type":"test.ping"}')).accepted
        text = "".join(lines_until(process, "not a newsmon message"))
    assert text.count("Ministers agree on a force") == 1
    for said in ("FLASH", "opened: new_story, revision 1", "reassurance force", "peacekeeping force", "3 independent, 5 in all",
                 "https://wire.example/1", "msg_1: a repeat, dropped", "signed   v1 (HMAC-SHA256) verified",
                 "refused: no_matching_signature", "answered 401; v1 (HMAC-SHA256) made with another key"):  # fmt: skip
        assert said in text
    assert "\x1b" not in text


async def test_a_second_start_keeps_the_secret(tmp_path: Path) -> None:
    file = tmp_path / "listen.secret"
    kept = Secret(os.urandom(32)).text()
    file.write_text(kept + "\n")
    with listening("--secret-file", str(file)) as (receiver, _process):
        assert (await post(receiver, "msg_1", payload_bytes(alert()))).accepted
    assert file.read_text() == kept + "\n"


async def test_told_to_fail_it_fails_so_often_and_then_accepts(tmp_path: Path) -> None:
    with listening("--secret-file", str(tmp_path / "s"), "--json", "--fail", "2", "--status", "503") as (receiver, process):
        answers = [(await post(receiver, "msg_1", payload_bytes(alert()))).status for _ in range(4)]
        lines = [json.loads(line) for line in lines_until(process, '"repeat": true')]
    assert answers == [503, 503, 204, 204]
    assert [(line["status"], line["repeat"]) for line in lines] == [(503, False), (503, False), (204, False), (204, True)]
    assert lines[0]["payload"]["data"]["title"] == "alert 1"


async def test_given_a_public_key_it_verifies_by_that_and_needs_no_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    key, other, secret = SigningKey(os.urandom(32)), SigningKey(os.urandom(32)), Secret(os.urandom(32))
    with listening("--public-key", key.public_text(), "--public-key", other.public_text()) as (receiver, process):
        assert receiver["secret_files"] == ["THE-FILE-OF-THE-PRIVATE-KEY"]
        assert (await post(receiver, "msg_1", payload_bytes(alert()), secret, key)).accepted
        assert (await post(receiver, "msg_2", payload_bytes(alert()), secret)).status == 401
        assert (await post(receiver, "msg_3", payload_bytes(alert()), SigningKey(os.urandom(32)))).status == 401
        text = "".join(lines_until(process, "v1a (Ed25519) made with another key"))
    assert "signed   v1 (HMAC-SHA256) not checked: no key given, v1a (Ed25519) verified" in text
    assert "answered 401; v1 (HMAC-SHA256) not checked: no key given, v1a (Ed25519) missing, although you gave its key" in text
    assert list(tmp_path.iterdir()) == []


async def test_the_file_may_hold_a_private_key_and_the_pasted_settings_work(tmp_path: Path) -> None:
    file, secret = tmp_path / "desk.key", Secret(os.urandom(32))
    file.write_text(SigningKey(os.urandom(32)).text() + "\n")
    with listening("--secret-file", str(file), "--json") as (receiver, process):
        assert (await post(receiver, "msg_1", payload_bytes(alert()))).accepted
        assert (await post(receiver, "msg_2", payload_bytes(alert()), secret)).status == 401
        lines = [json.loads(line) for line in lines_until(process, "msg_2")]
    assert [line["signatures"] for line in lines] == [{"v1a": "verified"}, {"v1": "unchecked", "v1a": "absent"}]


def test_a_bad_public_key_is_refused() -> None:
    command = [sys.executable, "-Im", "newsmon", "listen", "--public-key", Secret(os.urandom(32)).text()]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=90)
    assert (ended.returncode, "listen:--public-key: the key is not whpk_" in ended.stderr) == (2, True)


@pytest.mark.parametrize(("content", "said"), [("whsec_c2hvcnQ=", "fewer than 24 bytes"), ("hunter2", "does not begin with whsec_")])
def test_a_bad_secret_file_is_refused(tmp_path: Path, content: str, said: str) -> None:
    file = tmp_path / "s"
    file.write_text(content)
    command = [sys.executable, "-Im", "newsmon", "listen", "--secret-file", str(file)]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=90)
    assert (ended.returncode, said in ended.stderr) == (2, True)
    assert content not in ended.stderr


async def test_a_port_in_use_is_a_settings_problem(tmp_path: Path) -> None:
    with listening("--secret-file", str(tmp_path / "s")) as (receiver, _process):
        port = receiver["url"].rstrip("/").rpartition(":")[2]
        command = [sys.executable, "-Im", "newsmon", "listen", "--secret-file", str(tmp_path / "s"), "--port", port]
        ended = subprocess.run(command, capture_output=True, text=True, timeout=90)
    assert ended.returncode == 2
    assert "listen:--port: cannot listen on" in ended.stderr
