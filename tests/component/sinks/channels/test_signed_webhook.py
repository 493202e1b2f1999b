"""A webhook carries the signature of every key that is valid now."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from aiohttp import web
from standardwebhooks.webhooks import Webhook as Library
from support.ed25519 import verifies
from support.receivers import receiver_settings
from support.signed_messages import BODY, KEY, OTHER, PUBLIC, SECRET, content, signatures_in

from sinks.channels.webhook import Webhook
from sinks.message.signature import (
    Secret,
)


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
