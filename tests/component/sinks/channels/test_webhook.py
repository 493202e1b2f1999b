"""One POST and how it ended, against real sockets that behave well and badly."""

from __future__ import annotations

import asyncio
import tracemalloc
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from support.receivers import (
    SECRET,
    Behaviour,
    RawReceiver,
    closes_early,
    drips_its_body,
    drips_its_head,
    floods,
    hangs,
    raw_receiver,
    receiver_settings,
    says,
)  # fmt: skip

from newsmon.app.listener import VerifyingReceiver
from newsmon.records.delivery_reasons import DeliveryReason
from sinks.channels.webhook import MAX_ANSWER_BYTES, Outcome, Webhook, reason_of_status
from sinks.message.signature import Secret

BODY = '{"title":"Défense"}'.encode()
ENDLESS = (hangs, drips_its_head, drips_its_body, floods)  # only these are to end by time


async def post(url: str, *, secrets: tuple[Secret, ...] = (SECRET,), times: int = 1, **changes: Any) -> Outcome:
    async with Webhook(receiver_settings("desk", url, **{"timeout_s": 60.0} | changes), secrets) as webhook:
        for _ in range(times):
            outcome = await webhook.post(webhook_id="msg_1", body=BODY)
    return outcome


async def test_the_receiver_gets_the_very_bytes_signed_with_every_secret() -> None:
    other = Secret(b"x" * 24)
    async with VerifyingReceiver(other.text()) as receiver:
        outcome = await post(receiver.url, secrets=(SECRET, other))
    assert (outcome.reason, outcome.status, outcome.accepted) == (DeliveryReason.ACCEPTED, 204, True)
    [received] = receiver.deliveries
    assert received.verified
    assert received.body == BODY
    assert received.headers["Content-Type"] == "application/json"
    assert received.headers["User-Agent"].startswith("newsmon/")


@pytest.mark.parametrize(("hours", "count"), [(1, 2), (-1, 1)])
async def test_old_secrets_sign_until_they_expire(hours: int, count: int) -> None:
    expire_at = datetime.now(UTC) + timedelta(hours=hours)
    async with VerifyingReceiver(SECRET.text()) as receiver:
        outcome = await post(receiver.url, secrets=(Secret(b"n" * 24), SECRET), old_secrets_expire_at=expire_at)
    assert outcome.accepted is (count == 2)
    assert len(receiver.deliveries[0].headers["webhook-signature"].split(" ")) == count


def answer(status: str, headers: str = "", body: str = "") -> Behaviour:
    return says(f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n{headers}\r\n{body}".encode())


@pytest.mark.parametrize(
    ("behaviour", "reason", "status"),
    [
        (answer("200 OK", body="thanks"), DeliveryReason.ACCEPTED, 200),
        (answer("204 No Content"), DeliveryReason.ACCEPTED, 204),
        (answer("302 Found", "Location: /elsewhere\r\n"), DeliveryReason.REDIRECTED, 302),
        (answer("304 Not Modified"), DeliveryReason.REDIRECTED, 304),
        (answer("400 Bad Request"), DeliveryReason.CLIENT_ERROR, 400),
        (answer("401 Unauthorized", 'WWW-Authenticate: Basic realm="x"\r\n'), DeliveryReason.CLIENT_ERROR, 401),
        (answer("410 Gone"), DeliveryReason.GONE, 410),
        (answer("400 No", "webhook-delivery: disable\r\n"), DeliveryReason.GONE, 400),
        (answer("503 No", "Webhook-Delivery: Abort-Message\r\n"), DeliveryReason.ABORTED, 503),
        (answer("503 No", "webhook-delivery: something else\r\n"), DeliveryReason.SERVER_ERROR, 503),
        (answer("200 OK", "webhook-delivery: disable\r\n"), DeliveryReason.ACCEPTED, 200),
        (answer("429 Too Many Requests"), DeliveryReason.THROTTLED, 429),
        (answer("500 Oops"), DeliveryReason.SERVER_ERROR, 500),
        (answer("503 Later"), DeliveryReason.SERVER_ERROR, 503),
        (answer("799 Odd"), DeliveryReason.BAD_ANSWER, 799),
        (says(b"220 mail.example ESMTP\r\n"), DeliveryReason.BAD_ANSWER, None),
        (says(b"HTTP/1.1 200 OK\r\nX: " + b"y" * 100_000 + b"\r\n\r\n"), DeliveryReason.BAD_ANSWER, None),
        (closes_early, DeliveryReason.CONNECT_FAILED, None),
        (hangs, DeliveryReason.TIMED_OUT, None),
        (drips_its_head, DeliveryReason.TIMED_OUT, None),
        (drips_its_body, DeliveryReason.ACCEPTED, 200),
        (floods, DeliveryReason.ACCEPTED, 200),
        (says(b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\ncut"), DeliveryReason.ACCEPTED, 200),
        (says(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\n\r\nnot z"), DeliveryReason.ACCEPTED, 200),
    ],
)  # fmt: skip
async def test_each_way_to_answer_has_its_reason(behaviour: Behaviour, reason: DeliveryReason, status: int | None) -> None:
    async with raw_receiver(behaviour) as receiver:
        outcome = await post(receiver.url, timeout_s=4.0 if behaviour in ENDLESS else 60.0)
    assert (outcome.reason, outcome.status) == (reason, status)
    assert len(receiver.requests) == 1
    assert behaviour not in ENDLESS or outcome.duration_s < 60


async def test_a_redirect_is_never_followed() -> None:
    async with raw_receiver(answer("200 OK")) as target:
        for status in ("301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"):
            async with raw_receiver(answer(status, f"Location: {target.url}\r\n")) as receiver:
                assert (await post(receiver.url)).reason is DeliveryReason.REDIRECTED
        assert target.requests == []


async def test_no_more_than_a_little_of_an_endless_answer_is_kept() -> None:
    async with raw_receiver(floods) as receiver:
        tracemalloc.start()
        await post(receiver.url, times=5, timeout_s=4.0)
        _now, peak_bytes = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert peak_bytes < 500 * MAX_ANSWER_BYTES


async def test_retry_after_is_read_from_failures_only() -> None:
    async with raw_receiver(answer("429 Slow down", "Retry-After: 17\r\n")) as receiver:
        assert (await post(receiver.url)).retry_after_s == 17.0
    async with raw_receiver(answer("200 OK", "Retry-After: 17\r\n")) as receiver:
        assert (await post(receiver.url)).retry_after_s is None


async def test_every_attempt_has_a_fresh_signature_and_the_same_id_and_body() -> None:
    async with raw_receiver(answer("500 Oops")) as receiver, Webhook(receiver_settings("desk", receiver.url), (SECRET,)) as webhook:
        await webhook.post(webhook_id="msg_1", body=BODY)
        await asyncio.sleep(1.1)
        await webhook.post(webhook_id="msg_1", body=BODY)
    first, second = (_parts(receiver, index) for index in (0, 1))
    assert first["webhook-id"] == second["webhook-id"] == "msg_1"
    assert int(second["webhook-timestamp"]) > int(first["webhook-timestamp"])
    assert first["webhook-signature"] != second["webhook-signature"]
    assert first["body"] == second["body"] == BODY.decode()


def _parts(receiver: RawReceiver, index: int) -> dict[str, str]:
    head, _, body = receiver.requests[index].partition(b"\r\n\r\n")
    lines = (line.partition(": ") for line in head.decode().split("\r\n")[1:])
    return {name.lower(): value for name, _, value in lines} | {"body": body.decode()}


async def test_nobody_listening_is_a_failed_connection() -> None:
    async with raw_receiver(hangs) as receiver:
        url = receiver.url
    assert (await post(url)).reason is DeliveryReason.CONNECT_FAILED


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "169.254.169.254", "10.1.2.3", "0.0.0.0", "[::ffff:127.0.0.1]"])
async def test_an_address_of_the_local_network_is_refused_unless_allowed(host: str) -> None:
    outcome = await post(f"http://{host}:9/hook-s3cr3t", allow_private=())
    assert outcome.reason is DeliveryReason.BLOCKED_ADDRESS
    assert ("receivers.desk.allow_private" in str(outcome.detail)) is not host.startswith("169.254.")  # nothing allows link-local
    assert "s3cr3t" not in str(outcome.detail)


async def test_link_local_addresses_are_refused_even_when_allowed() -> None:
    outcome = await post("http://169.254.169.254/latest/meta-data", allow_private=("169.254.0.0/16",))
    assert outcome.reason is DeliveryReason.BLOCKED_ADDRESS


@pytest.mark.parametrize("behaviour", [hangs, closes_early, says(b"junk"), says(b"HTTP/1.1 500 x\r\nContent-Length: 0\r\n\r\n")])
async def test_the_address_of_a_receiver_is_in_no_outcome_and_no_log_line(
    behaviour: Behaviour, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level("DEBUG")
    async with raw_receiver(behaviour) as receiver:
        outcome = await post(receiver.url + "/s3cr3t-token?key=s3cr3t-token", timeout_s=4.0 if behaviour in ENDLESS else 60.0)
        assert b"s3cr3t-token" in receiver.requests[0]
    assert "s3cr3t" not in repr(outcome)
    assert "s3cr3t" not in caplog.text + "".join(capsys.readouterr())


def test_every_status_has_a_reason() -> None:
    assert {reason_of_status(status) for status in range(100, 1000)} <= set(DeliveryReason)
    assert [status for status in range(1000) if reason_of_status(status) is DeliveryReason.ACCEPTED] == list(range(200, 300))
