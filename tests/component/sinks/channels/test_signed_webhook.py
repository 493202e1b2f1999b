"""A webhook carries the signature of every key that is valid now."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta
from typing import Any

from aiohttp import web
from standardwebhooks.webhooks import Webhook as Library
from support.ed25519 import verifies
from support.receivers import receiver_settings

from sinks.channels.webhook import Webhook
from sinks.message.asymmetric_keys import SigningKey
from sinks.message.signature import (
    ID_HEADER,
    SIGNATURE_HEADER,
    TIMESTAMP_HEADER,
    Secret,
)

# RFC 8032, section 7.1, test 1
SEED = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
PUBLIC = bytes.fromhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")
KEY, OTHER, SECRET = SigningKey(SEED), SigningKey(b"o" * 32), Secret(b"thirty-two bytes for our testing")
BODY = '{"title":"Zażółć gęślą jaźń — Київ"}'.encode()


def signatures_in(headers: Any, scheme: str) -> list[bytes]:
    pairs = (part.split(",", 1) for part in headers[SIGNATURE_HEADER].split(" "))
    return [base64.b64decode(value) for found, value in pairs if found == scheme]


def content(headers: Any, body: bytes) -> bytes:
    return f"{headers[ID_HEADER]}.{headers[TIMESTAMP_HEADER]}.".encode() + body


async def test_a_webhook_is_signed_by_both_and_old_ones_of_each_kind_retire() -> None:
    seen: list[tuple[dict[str, str], bytes]] = []

    async def take(request: web.Request) -> web.Response:
        seen.append((dict(request.headers), await request.read()))
        return web.Response(status=204)

    application = web.Application()
    application.router.add_post("/", take)
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}/"
    keys = (SECRET, KEY, Secret(b"an old secret of enough bytes"), OTHER)
    try:
        for retired in (timedelta(hours=1), timedelta(hours=-1)):
            desk = receiver_settings("desk", url, old_secrets_expire_at=datetime.now(UTC) + retired)
            async with Webhook(desk, keys) as webhook:
                assert (await webhook.post(webhook_id="msg_1", body=BODY)).accepted
    finally:
        await runner.cleanup()
    for (headers, body), count in zip(seen, (2, 1), strict=True):
        given = {name.lower(): value for name, value in headers.items()}
        assert len(signatures_in(given, "v1")) == len(signatures_in(given, "v1a")) == count
        assert verifies(PUBLIC, content(given, body), signatures_in(given, "v1a")[0])
        Library(SECRET.text()).verify(body.decode(), given)
