"""One fetch from a hostile server, with limits that a test can reach."""

from __future__ import annotations

import asyncio

from newsmon.settings import ProducerSettings
from producers.answers.outcome import Fetched
from producers.http.fetch import Fetcher

LIMIT_BYTES = 200_000
TIMEOUT_S = 2.0  # where a fetch is to end by time; elsewhere nothing may, however slow the machine


def settings(**changes: object) -> ProducerSettings:
    base: dict[str, object] = {
        "timeout_s": 60.0,
        "connect_timeout_s": 60.0,
        "max_body_bytes": LIMIT_BYTES,
        "allow_private": ("127.0.0.0/8",),
    }
    return ProducerSettings(**(base | changes))  # type: ignore[arg-type]


async def fetched(url: str, *, etag: str | None = None, last_modified: str | None = None, **changes: object) -> Fetched:
    async with asyncio.timeout(120), Fetcher(settings(**changes)) as fetcher:
        return await fetcher.fetch(url, etag=etag, last_modified=last_modified)
