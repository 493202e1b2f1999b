"""Bodies of every known kind of misbehaviour: empty, packed, broken, endless or made to kill the parser; each ends with its named result."""

from __future__ import annotations

import asyncio
import gzip
import os
import signal
import time
import zlib
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime

import brotli
import pytest
from backports import zstd
from support.fetching import fetched
from support.hostile import FEED, Asked, Server, hostile_server

from newsmon.records import Feed, FetchResult
from producers.answers.outcome import Fetched
from producers.articles.parse_job import ParsedBody, ParseJob
from producers.workers.worker_pool import WorkerPool


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    async with hostile_server() as running:
        yield running


def raw_deflate(body: bytes) -> bytes:
    packed = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packed.compress(body) + packed.flush()


@pytest.mark.parametrize("body", [b"", b"\r\n  \n"])
async def test_an_empty_answer_is_named(server: Server, body: bytes) -> None:
    server.says(200, body=body)
    assert (await fetched(server.url())).result is FetchResult.EMPTY_BODY


async def test_an_html_page_is_no_feed(server: Server) -> None:
    server.says(200, "Content-Type: text/html", body=b"<!DOCTYPE html><html><body><p>We are back soon</p></body></html>")
    found = await fetched(server.url())
    assert found.result is FetchResult.OK
    assert (await parsed(found)).result is FetchResult.NOT_A_FEED


@pytest.mark.parametrize(
    ("encoding", "encode"),
    [
        ("gzip", gzip.compress),
        ("deflate", zlib.compress),
        ("br", brotli.compress),
        ("GZIP", gzip.compress),
        ("zstd", zstd.compress),
        ("zstd", lambda body: zstd.compress(body[:50]) + zstd.compress(body[50:])),
        ("deflate", raw_deflate),
        ("gzip", lambda body: gzip.compress(body[:50]) + gzip.compress(body[50:])),
        ("gzip", lambda body: gzip.compress(body) + b"\x00\x00"),
    ],
)
async def test_compressed_answers_are_read(server: Server, encoding: str, encode: Callable[[bytes], bytes]) -> None:
    server.says(200, f"Content-Encoding: {encoding}", body=encode(FEED))
    assert (await fetched(server.url())).body == FEED


@pytest.mark.parametrize("encoding", ["gzip", "br", "zstd", "deflate"])
async def test_a_plain_body_under_the_label_of_an_encoding_is_read(server: Server, encoding: str) -> None:
    server.says(200, f"Content-Encoding: {encoding}", body=FEED)
    assert (await fetched(server.url())).body == FEED


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("gzip", gzip.compress(FEED * 50)[:100]),
        ("deflate", b"\xff\xff" + FEED),
        ("br", brotli.compress(FEED * 50)[:30]),
        ("zstd", zstd.compress(bytes(range(256)) * 50)[:100]),
    ],
)
async def test_a_body_that_is_cut_or_no_encoding_at_all_is_bad_encoding(server: Server, encoding: str, body: bytes) -> None:
    server.says(200, f"Content-Encoding: {encoding}", body=body)
    assert (await fetched(server.url())).result is FetchResult.BAD_ENCODING


async def test_a_body_shorter_than_said_is_bad_encoding(server: Server) -> None:
    server.raw(b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n" + FEED)
    assert (await fetched(server.url())).result is FetchResult.BAD_ENCODING


@pytest.mark.parametrize(("encoding", "encode"), [("gzip", gzip.compress), ("br", brotli.compress), ("zstd", zstd.compress)])
async def test_a_bomb_ends_at_the_limit(server: Server, encoding: str, encode: Callable[[bytes], bytes]) -> None:
    import tracemalloc

    body = encode(b"\0" * 100_000_000)
    server.says(200, f"Content-Encoding: {encoding}", body=body)
    tracemalloc.start()
    try:
        found = await fetched(server.url())
        peak_bytes = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert found.result is FetchResult.TOO_LARGE
    assert peak_bytes < 25_000_000


async def test_fifty_megabytes_end_at_the_limit(server: Server) -> None:
    async def pour(_asked: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 50000000\r\n\r\n")
        for _ in range(500):
            writer.write(b"x" * 100_000)
            await writer.drain()
            server.bytes_sent += 100_000

    server.answers["/feed"] = pour
    assert (await fetched(server.url())).result is FetchResult.TOO_LARGE
    assert server.bytes_sent < 20_000_000


async def test_a_huge_error_page_is_an_error_all_the_same(server: Server) -> None:
    server.says(500, body=b"x" * 5_000_000)
    found = await fetched(server.url())
    assert found.result is FetchResult.HTTP_ERROR
    assert len(found.body) < 300_000


async def parsed(found: Fetched) -> ParsedBody:
    worker = WorkerPool(cpu_limit_s=120.0)
    try:
        return await worker.parse(job(found.body))
    finally:
        worker.close()


def job(body: bytes) -> ParseJob:
    feed = Feed(feed_id="quay", url="https://quay.example/feed", source="Quay")
    return ParseJob(feed, body, "", feed.url, 2_000, datetime(2026, 11, 24, 12, tzinfo=UTC))


async def test_a_poison_feed_costs_a_time_out_and_the_next_feed_is_parsed() -> None:
    worker = WorkerPool(cpu_limit_s=120.0)
    try:
        assert (await worker.parse(job(FEED))).result is FetchResult.OK  # started and warm
        worker.cpu_limit_s = 1.0
        poison = b"<rss version='2.0'><channel><item><title>T</title>" + b"<a></a>" * 1_500_000 + b"</item></channel></rss>"
        found = await worker.parse(job(poison))
        assert found.result is FetchResult.PARSE_ERROR
        assert "1 s" in (found.detail or "")
        worker.cpu_limit_s = 120.0
        again = await worker.parse(job(FEED))
        assert (again.result, len(again.drafts)) == (FetchResult.OK, 1)
    finally:
        worker.close()


async def test_a_worker_that_dies_costs_one_parse() -> None:
    worker = WorkerPool(cpu_limit_s=120.0)
    try:
        await worker.parse(job(FEED))
        (pid,) = worker.pids()
        os.kill(pid, signal.SIGKILL)
        assert (await worker.parse(job(FEED))).result in (FetchResult.OK, FetchResult.PARSE_ERROR)
        assert (await worker.parse(job(FEED))).result is FetchResult.OK
    finally:
        worker.close()


async def test_the_worker_is_renewed_after_its_number_of_jobs() -> None:
    worker = WorkerPool(cpu_limit_s=120.0, recycle_after=2)
    try:
        seen = set()
        for _ in range(5):
            assert (await worker.parse(job(FEED))).result is FetchResult.OK
            seen |= worker.pids()
        assert len(seen) == 3
    finally:
        worker.close()


async def test_a_worker_without_jobs_leaves_and_the_next_job_starts_another() -> None:
    worker = WorkerPool(cpu_limit_s=120.0, leave_after_s=0.1)
    try:
        assert (await worker.parse(job(FEED))).result is FetchResult.OK
        async with asyncio.timeout(60):
            while worker.pids():
                await asyncio.sleep(0.01)
        assert (await worker.parse(job(FEED))).result is FetchResult.OK
        assert len(worker.pids()) == 1
    finally:
        worker.close()


async def test_a_worker_does_not_leave_during_a_job() -> None:
    worker = WorkerPool(cpu_limit_s=120.0, leave_after_s=0.05)
    try:
        for _ in range(3):
            assert await worker.run(slept, 0.3) == 0.3
    finally:
        worker.close()


def slept(seconds: float) -> float:
    time.sleep(seconds)
    return seconds
