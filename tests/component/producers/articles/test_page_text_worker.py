"""A page that takes too long or too much costs its worker process, and the next page is read."""

from __future__ import annotations

import asyncio

import pytest
from support.pages import TEXT, article, page
from support.worker_jobs import spin

from newsmon.records import PageResult
from producers.articles.page_text import PageJob, extract_page
from producers.workers.worker_pool import WorkerError, WorkerPool


@pytest.mark.parametrize("piece", ["<div><p>word ", "<b>", "<table><tr><td>", "<a href='x'>", "&amp;", "<p>" + "x" * 100])
async def test_a_hostile_page_costs_at_most_the_workers_time(piece: str) -> None:
    extracting = WorkerPool(cpu_limit_s=20.0)
    try:
        found = await extracting.run(extract_page, PageJob(article(), (piece * (2_000_000 // len(piece))).encode(), "text/html", ""))
        assert found.result in PageResult
    except WorkerError as error:
        assert str(error)  # noqa: PT017
    finally:
        extracting.close()


async def test_after_a_page_that_took_too_long_the_next_one_is_read() -> None:
    extracting = WorkerPool(cpu_limit_s=1.0)
    with pytest.raises(WorkerError, match="not parsed within 1 s of processor time"):
        await extracting.run(spin, None)
    extracting.cpu_limit_s = 60.0
    found = await asyncio.wait_for(extracting.run(extract_page, PageJob(article(), page(*TEXT), "text/html", "")), 90)
    extracting.close()
    assert found.result is PageResult.EXTRACTED
