"""The receiver verifies, drops repeats and can be told to fail."""

from __future__ import annotations

import json
import time

import aiohttp
import pytest

from newsmon.app.listener import Answer, Received, VerifyingReceiver
from sinks.message.signature import Secret, SecretError, Verdict, signed_headers

SECRET = Secret(b"a key of twenty-four byte")


async def post(receiver: VerifyingReceiver, webhook_id: str, payload: object = None, *, secret: Secret = SECRET) -> int:
    body = json.dumps(payload or {"n": 1}).encode()
    headers = signed_headers([secret], webhook_id=webhook_id, timestamp_s=int(time.time()), body=body)
    async with aiohttp.ClientSession() as session, session.post(receiver.url, data=body, headers=headers) as response:
        return response.status


async def test_a_signed_delivery_is_kept_and_answered_204() -> None:
    async with VerifyingReceiver(SECRET.text()) as receiver:
        assert await post(receiver, "msg_1", {"type": "newsmon.alert.opened"}) == 204
    [received] = receiver.deliveries
    assert received.verified
    assert received.payload == {"type": "newsmon.alert.opened"}
    assert not received.repeat


async def test_a_delivery_signed_with_another_secret_is_answered_401_and_never_accepted() -> None:
    async with VerifyingReceiver(SECRET.text()) as receiver:
        assert await post(receiver, "msg_1", secret=Secret(b"z" * 24)) == 401
        assert await post(receiver, "msg_1") == 204
    assert [(one.verdict, one.repeat) for one in receiver.deliveries] == [
        (Verdict.NO_MATCHING_SIGNATURE, False),
        (Verdict.VERIFIED, False),
    ]


async def test_only_an_accepted_delivery_makes_the_next_one_a_repeat() -> None:
    async with VerifyingReceiver(SECRET.text(), answers=[Answer(status=500)]) as receiver:
        assert [await post(receiver, "msg_1") for _ in range(3)] == [500, 204, 204]
    assert [one.repeat for one in receiver.deliveries] == [False, False, True]


async def test_told_to_throttle_it_answers_with_the_headers_given() -> None:
    async with VerifyingReceiver(SECRET.text()) as receiver:
        receiver.answer_next(Answer(status=429, headers={"Retry-After": "7"}))
        async with aiohttp.ClientSession() as session, session.post(receiver.url, data=b"no json") as response:
            assert (response.status, response.headers["Retry-After"]) == (429, "7")
    assert receiver.deliveries[0].payload is None


async def test_during_rotation_both_secrets_verify() -> None:
    other = Secret(b"y" * 32)
    seen: list[Received] = []
    async with VerifyingReceiver([SECRET.text(), other.text()], on_delivery=seen.append) as receiver:
        await post(receiver, "msg_1", secret=other)
        await post(receiver, "msg_2")
    assert [one.verified for one in seen] == [True, True]


def test_a_receiver_with_a_short_secret_is_refused() -> None:
    with pytest.raises(SecretError):
        VerifyingReceiver("whsec_c2hvcnQ=")
