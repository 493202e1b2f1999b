"""`newsmon parse`, `newsmon feeds check` and a producer's poll give the same answer to one body."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from support.odd_feeds.cases import case_folders, read_case
from support.odd_feeds.raw_server import raw_server
from support.odd_feeds.running import SETTINGS

from newsmon.app.cli import cli
from newsmon.app.cli.feeds.parse import FEED_ID
from newsmon.codec import decode
from newsmon.records import Article, Feed, FetchResult
from newsmon.settings import ProducerSettings
from producers.answers.outcome import Fetched
from producers.articles.across_feeds import ArticlesAcrossFeeds
from producers.http.fetch import Fetcher
from producers.polling.poller import Poller
from producers.reports.poll_report import FeedReport
from producers.workers.worker_pool import WorkerPool

ODD = Path(__file__).resolve().parents[2] / "data" / "feeds" / "odd"
LIMITS = ProducerSettings(allow_private=("127.0.0.1/32",), host_spacing_s=0.0)


def answers_of(folder: Path) -> list[bytes]:
    """What a server sends: the answer of the case, or one made of its file and the Content-Type in its command."""
    case = read_case(folder)
    if case.responses:
        return [path.read_bytes() for path in case.responses]
    words = case.steps[0].words
    kind = words[words.index("--content-type") + 1] if "--content-type" in words else "application/xml"
    body = (folder / next(word for word in words[1:] if word.startswith("input"))).read_bytes()
    return [f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body]


@pytest.fixture(scope="module")
def workers() -> Iterator[WorkerPool]:
    pool = WorkerPool(cpu_limit_s=LIMITS.parse_timeout_s)
    yield pool
    pool.close()


async def polled(url: str, workers: WorkerPool) -> tuple[FeedReport, Fetched]:
    """A producer's first poll, and the answer it got."""
    seen: list[Fetched] = []

    def keep(_feed: Feed, found: FeedReport, fetched: Fetched) -> FeedReport:
        seen.append(fetched)
        return found

    async with Fetcher(LIMITS) as fetcher:
        poller = Poller(fetcher, workers, LIMITS, "test", after_fetch=keep, across=ArticlesAcrossFeeds())
        return await poller.poll(Feed(feed_id=FEED_ID, url=url, source=FEED_ID), None), seen[0]


def as_shown(one: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(str(one[name]) for name in ("title", "url", "language", "published_raw", "date_quality"))


def one_of_each_kind() -> list[Path]:
    """The last case of each kind, and all raw answers: each starts processes, which takes seconds."""
    last = {folder.name.partition("-")[0]: folder for folder in case_folders(ODD)}
    return sorted({*last.values(), *(folder for folder in case_folders(ODD) if folder.name.startswith(("http-", "dup-")))})


@pytest.mark.parametrize("folder", one_of_each_kind(), ids=lambda folder: folder.name)
def test_three_ways_to_one_answer(folder: Path, tmp_path: Path, workers: WorkerPool) -> None:
    config, file = tmp_path / "newsmon.toml", tmp_path / "body"
    config.write_text(SETTINGS, "utf-8")
    with raw_server(answers_of(folder)) as port:
        url = f"http://127.0.0.1:{port}/"
        report, fetched = asyncio.run(polled(url, workers))
        checked = json.loads(CliRunner().invoke(cli, ["feeds", "check", "--config", str(config), url, "--json"]).stdout)
    outcome = report.outcome
    assert checked["result"] == outcome.result.value
    assert checked["rejected"] == {reason.value: count for reason, count in outcome.rejected.items()}
    made = [json.loads(json.dumps(one, default=str)) for one in checked["articles"]]
    named = [
        {name: getattr(one, name) for name in ("title", "url", "language", "published_raw", "date_quality")} for one in report.articles
    ]
    assert [as_shown(one) for one in made] == [as_shown(one | {"date_quality": one["date_quality"].value}) for one in named]
    if outcome.result is not FetchResult.OK:
        return
    file.write_bytes(fetched.body)
    done = CliRunner().invoke(cli, ["parse", "--url", url, "--content-type", fetched.headers.get("content-type", ""), str(file)])
    assert done.exit_code == 0
    parsed = [decode(line, Article) for line in done.stdout_bytes.splitlines()]
    fields = (
        "article_id",
        "content_hash",
        "url",
        "title",
        "lead",
        "body",
        "language",
        "published_at",
        "published_raw",
        "guid",
    )
    assert [[getattr(one, name) for name in fields] for one in parsed] == [
        [getattr(one, name) for name in fields] for one in report.articles
    ]
    words = Counter(line.rpartition(": ")[2] for line in done.stderr.splitlines() if line.startswith("entry "))
    assert words == {reason.value: count for reason, count in outcome.rejected.items()}
