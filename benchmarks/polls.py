"""The cost of polling: .venv/bin/python -I benchmarks/polls.py [--polls N]; no Kafka, a feed server in its own process.

Prints polls per second and CPU seconds per 1,000 polls (fetch, parse in a worker, compare, encode) for the three kinds of answer.
"""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import os
import resource
import time
from multiprocessing.connection import Connection
from pathlib import Path

from aiohttp import web

from newsmon.codec import encode
from newsmon.records import Feed, FeedState
from newsmon.settings import ProducerSettings
from producers.http.fetch import Fetcher
from producers.polling.poller import Poller
from producers.workers.worker_pool import WorkerPool

ITEMS = 30  # entries of a feed, about 1.5 kB each
PARAGRAPH = "The delegations met for the second time this week and agreed to go on with the talks in the capital on Monday. " * 12


def body(version: int) -> bytes:
    """A feed of thirty entries; each version has one new entry."""
    items = "".join(
        f"<item><title>Report {number} of the harbour desk</title><link>https://harbour.example/{number}</link>"
        f"<guid isPermaLink='false'>{number}</guid><description><![CDATA[<p>{PARAGRAPH}({number})</p>]]></description>"
        f"<pubDate>Mon, 23 Nov 2026 08:00:00 GMT</pubDate></item>"
        for number in range(version + ITEMS, version, -1)
    )
    return f'<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>Desk</title>{items}</channel></rss>'.encode()


def serve(ready: Connection) -> None:
    """/304/N answers 304 to its validator, /same/N sends the same bytes every time, /changed/N one new entry every time."""
    same, versions = body(0), {}

    async def answer(request: web.Request) -> web.Response:
        kind = request.match_info["kind"]
        if kind == "304" and "If-None-Match" in request.headers:
            return web.Response(status=304, headers={"ETag": '"1"'})
        if kind != "changed":
            return web.Response(body=same, headers={"ETag": '"1"'} if kind == "304" else {}, content_type="application/rss+xml")
        number = request.match_info["number"]
        versions[number] = versions.get(number, 0) + 1
        return web.Response(body=body(versions[number]), content_type="application/rss+xml")

    async def run() -> None:
        application = web.Application()
        application.router.add_get("/{kind}/{number}", answer)
        runner = web.AppRunner(application)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        ready.send(site._server.sockets[0].getsockname()[1])  # type: ignore[union-attr]
        await asyncio.Event().wait()

    asyncio.run(run())


def cpu_s(pids: frozenset[int]) -> float:
    """CPU seconds of this process and the workers."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    ticks = 0
    for pid in pids:
        fields = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return used.ru_utime + used.ru_stime + ticks / os.sysconf("SC_CLK_TCK")


async def polls(port: int, kind: str, count: int) -> None:
    settings = ProducerSettings(allow_private=("127.0.0.1/32",), host_spacing_s=0.0)
    workers = WorkerPool(cpu_limit_s=60.0)
    states: dict[int, FeedState] = {}
    feeds = [Feed(feed_id=f"f{n}", url=f"http://127.0.0.1:{port}/{kind}/{n}", source="S", language="en") for n in range(20)]
    async with Fetcher(settings) as fetcher:
        poller = Poller(fetcher, workers, settings, "bench")

        async def one(number: int, times: int) -> None:
            for _ in range(times):
                found = await poller.poll(feeds[number], states.get(number))
                for article in found.articles:
                    encode(article)
                encode(found.outcome)
                encode(found.state)
                states[number] = found.state

        await asyncio.gather(*(one(n, 3) for n in range(len(feeds))))  # first sight, and the forced full fetch
        started_s, used_s = time.monotonic(), cpu_s(workers.pids())
        await asyncio.gather(*(one(n, count // len(feeds)) for n in range(len(feeds))))
        took_s, used_s = time.monotonic() - started_s, cpu_s(workers.pids()) - used_s
    workers.close()
    print(f"{kind:>8}: {count / took_s:6.0f} polls/s   {1000 * used_s / count:6.2f} s CPU per 1,000 polls", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--polls", type=int, default=2_000)
    arguments = parser.parse_args()
    near, far = multiprocessing.Pipe()
    server = multiprocessing.get_context("spawn").Process(target=serve, args=(far,), daemon=True)
    server.start()
    port = near.recv()
    for kind in ("304", "same", "changed"):
        asyncio.run(polls(port, kind, arguments.polls))
    server.kill()


if __name__ == "__main__":
    main()
