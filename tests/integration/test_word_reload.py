"""Changed word files reach what runs: the processes that parse feeds, and a real processor on a real broker."""

from __future__ import annotations

import asyncio
import socket
import time
import urllib.request
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import msgspec
import pytest
from support.drafts import FEED, NOW
from support.processing import article, caught_up, put_articles, records_of
from support.processor_process import processor, stop_cleanly
from support.theme_texts import RAIL_HEAD

from newsmon.records import Classification
from newsmon.settings import Settings
from newsmon.topics import CLASSIFICATIONS
from newsmon.words import use_directory
from newsmon.words.watch import WordWatch
from producers.articles.draft import Draft
from producers.articles.parse_job import ParseJob
from producers.workers.worker_pool import WorkerPool

DEADLINE_S = 120.0
BOX = "Meld je aan voor onze railway nieuwsbrief."
RULE = """
[[rule]]
begins = "meld"
reason = "newsletter"
extent = "phrase"
pattern = 'meld je aan voor {gap:3}nieuwsbrief'
"""
RAIL = (
    RAIL_HEAD
    + """
[[rule]]
id = "rail"
weight = 4
all = [{ any = ["railway*"] }]
"""
)


@pytest.fixture(autouse=True)
def _the_shipped_words_afterwards() -> Iterator[None]:
    yield
    use_directory(None)


def write(directory: Path, text: str) -> Path:
    (directory / "boilerplate").mkdir(parents=True, exist_ok=True)
    (directory / "boilerplate/nl.toml").write_text(text)
    return directory


async def test_the_processes_that_parse_start_anew_with_the_words_in_use(tmp_path: Path) -> None:
    watch = WordWatch(write(tmp_path, ""))
    watch.start()
    text = f"De minister is vandaag in Den Haag afgetreden na een lang debat.&lt;br&gt;{BOX}"
    item = f"<item><title>De minister is afgetreden</title><link>https://a.example/1</link><description>{text}</description></item>"
    job = ParseJob(FEED, f'<rss version="2.0"><channel>{item}</channel></rss>'.encode(), "", FEED.url, 2_000, NOW)
    workers = WorkerPool(cpu_limit_s=60.0)

    async def lead() -> str:
        [draft] = (await workers.parse(job)).drafts
        assert isinstance(draft, Draft)
        return draft.lead

    try:
        assert BOX in await lead()
        pids = workers.pids()
        assert BOX in await lead()
        assert workers.pids() == pids
        write(tmp_path, RULE)
        assert [watch.look() is None, watch.look() is None] == [True, False]
        assert BOX not in await lead()
        assert not workers.pids() & pids
    finally:
        workers.close()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def until(holds: Callable[[], Awaitable[bool]]) -> None:
    deadline = time.monotonic() + DEADLINE_S
    while not await holds():
        assert time.monotonic() < deadline, "waited in vain"
        await asyncio.sleep(0.2)


def read_metrics(port: int) -> str:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=60) as answer:
            return str(answer.read().decode())
    except OSError:
        return ""


async def themes_of(settings: Settings, number: int) -> tuple[str, ...]:
    """What the processor makes of a new article whose only railway stands in the box."""
    made = msgspec.structs.replace(article(number, f"Minister treedt af {number}"), lead=BOX, body="", language="nl")
    await put_articles(settings, [made])
    await caught_up(settings)
    [answer] = [one for one in await records_of(settings, CLASSIFICATIONS, Classification) if one.article_id == made.article_id]
    return answer.matched_theme_ids


async def test_a_running_processor_takes_up_a_changed_file_and_keeps_its_words_when_one_is_broken(
    kafka_settings: Settings, tmp_path: Path
) -> None:
    themes, words, port = tmp_path / "themes", write(tmp_path / "words", ""), free_port()
    themes.mkdir()
    (themes / "rail.toml").write_text(RAIL)
    environ = {
        "NEWSMON_THEMES__DIRECTORY": str(themes), "NEWSMON_THEMES__RELOAD_CHECK_S": "0.3", "NEWSMON_WORDS__DIRECTORY": str(words),
        "NEWSMON_MONITORING__PROCESSOR_PORT": str(port), "NEWSMON_STATE_DIR": str(tmp_path / "state"),
    }  # fmt: skip

    async def shows(line: str) -> bool:
        return line in await asyncio.to_thread(read_metrics, port)

    def generation() -> str:
        return f'newsmon_words_generation_info{{generation="{WordWatch(words).start().generation}"}} 1.0'

    with processor(kafka_settings, **environ) as process:
        await until(lambda: shows(generation()))
        assert await themes_of(kafka_settings, 1) == ("rail",)
        write(words, RULE)
        await until(lambda: shows(generation()))
        assert await themes_of(kafka_settings, 2) == ()
        good = generation()
        write(words, RULE.replace("{gap:3}", "("))
        await until(lambda: shows("newsmon_word_files_refused 1.0"))
        assert await shows(good)
        assert await themes_of(kafka_settings, 3) == ()
        write(words, "")
        await until(lambda: shows(generation()))
        assert await shows("newsmon_word_files_refused 0.0")
        assert await themes_of(kafka_settings, 4) == ("rail",)
        assert await stop_cleanly(process) == 0
