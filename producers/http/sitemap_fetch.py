"""Sitemaps over HTTP: a .gz file is unpacked, and an index is replaced by the sitemaps it names.

In: the answer for a feed's address. Out: the same answer, or one with a body to be parsed. I/O: HTTP.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from itertools import chain

from newsmon.records import FetchResult
from producers.addresses.sites import registrable_domain
from producers.answers.decompress import BadEncodingError, decompressor_for
from producers.answers.outcome import Fetched
from producers.formats.sitemap import JOINT, parse_index, root_of

MOST_SITEMAPS = 5  # of one index per poll
GZIP_MAGIC = b"\x1f\x8b"


async def whole_sitemap(fetched: Fetched, fetch: Callable[[str], Awaitable[Fetched]], *, max_bytes: int, spacing_s: float) -> Fetched:
    """`fetched` itself unless it is a packed sitemap or a sitemap index.

    An index becomes one body of its newest sitemaps, read one after the other from its own site. It has no validators, because the
    sitemaps change and the index does not. `detail` names sitemaps left out or not read. If none could be read, the result is the
    last failure.
    """
    if fetched.result is not FetchResult.OK:
        return fetched
    body = unpacked(fetched.body, max_bytes)
    if body is None:
        return Fetched(FetchResult.TOO_LARGE, fetched.status, detail=f"more than {max_bytes} bytes unpacked", duration_s=fetched.duration_s)
    if root_of(body) == "sitemapindex":
        return await _joined(fetched, body, fetch, max_bytes, spacing_s)
    if body is fetched.body:
        return fetched
    return replace(fetched, body=body, headers={name: value for name, value in fetched.headers.items() if name != "content-type"})


def unpacked(body: bytes, max_bytes: int) -> bytes | None:
    """The content of a gzip file; other bytes unchanged; None when there is more than `max_bytes`."""
    if not body.startswith(GZIP_MAGIC):
        return body
    inflater, found = decompressor_for("gzip"), bytearray()
    try:
        for piece in chain(inflater.feed(body), inflater.finish()):
            found += piece
            if len(found) > max_bytes:
                return None
    except BadEncodingError:
        return body  # not gzip after all, or truncated: the parser will reject it
    return bytes(found)


async def _joined(fetched: Fetched, index: bytes, fetch: Callable[[str], Awaitable[Fetched]], max_bytes: int, spacing_s: float) -> Fetched:
    base = fetched.final_url or ""
    found = await asyncio.to_thread(parse_index, index, base=base, most=MOST_SITEMAPS)
    parts: list[bytes] = []
    failed: Fetched | None = None
    duration_s, notes = fetched.duration_s, []
    for url in found.chosen:
        if registrable_domain(url) != registrable_domain(base):
            notes.append("a sitemap on another site left out")
            continue
        await asyncio.sleep(spacing_s)
        answer = await fetch(url)
        duration_s += answer.duration_s
        body = unpacked(answer.body, max_bytes) if answer.result is FetchResult.OK else None
        if body is None or sum(map(len, parts)) + len(body) > max_bytes:
            failed = answer if body is None and answer.result is not FetchResult.OK else Fetched(FetchResult.TOO_LARGE, answer.status)
            notes.append(f"a sitemap not read: {failed.result.value}")
            continue
        parts.append(body)
    if failed is not None and not parts:
        return failed
    summary = "; ".join(dict.fromkeys([f"{len(parts)} of {found.count} sitemaps read", *notes]))[:300]
    return replace(fetched, body=JOINT.join([index, *parts]), headers={}, detail=summary, duration_s=duration_s)
