"""A changed theme directory reaches every worker, a broken one none: two real processors on one broker."""

from __future__ import annotations

import asyncio
import itertools
import json
import socket
import time
import urllib.request
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from support.processing import article, caught_up, put_articles, records_of
from support.processor_process import processor, stop_cleanly
from support.theme_texts import RAIL_HEAD

from newsmon.records import ActiveThemes, Classification, Notice, NoticeState
from newsmon.settings import Settings
from newsmon.topics import CLASSIFICATIONS, NOTICES, THEMES
from processors.rollout.kept_themes import KeptThemes
from processors.themes import load_themes, read_files

DEADLINE_S = 180.0
NUMBERS = itertools.count(1)

RAIL = (
    RAIL_HEAD
    + """
[[rule]]
id = "rail"
weight = 4
all = [{ en = ["railway*"] }]

[[example]]
expect = true
title = "New railway opens"

[[example]]
expect = false
title = "New road opens"
"""
)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def metrics(port: int) -> str:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=60) as answer:
        return str(answer.read().decode())


async def until(holds: Callable[[], Awaitable[bool]]) -> None:
    deadline = time.monotonic() + DEADLINE_S
    while not await holds():
        assert time.monotonic() < deadline, "waited in vain"
        await asyncio.sleep(0.2)


async def generation_of(port: int) -> tuple[str, bool]:
    """The generation a worker names, and whether its last look at the files went well."""
    try:
        lines = (await asyncio.to_thread(metrics, port)).splitlines()
    except OSError:
        return "", False
    named = next((line for line in lines if line.startswith("newsmon_theme_generation_info{")), "")
    return named.partition('generation="')[2].partition('"')[0], "newsmon_config_last_reload_successful 1.0" in lines


@asynccontextmanager
async def two_workers(settings: Settings, directories: dict[str, Path]) -> AsyncIterator[dict[str, int]]:
    ports = {worker: free_port() for worker in directories}
    with (
        processor(settings, **environ(directories["one"], ports["one"])) as one,
        processor(settings, **environ(directories["other"], ports["other"])) as other,
    ):
        yield ports
        for process in (one, other):
            assert await stop_cleanly(process) == 0


def environ(directory: Path, port: int) -> dict[str, str]:
    return {
        "NEWSMON_THEMES__DIRECTORY": str(directory), "NEWSMON_THEMES__RELOAD_CHECK_S": "0.3", "NEWSMON_MONITORING__PROCESSOR_PORT": str(port),
        "NEWSMON_STATE_DIR": str(directory.parent / f"state-{directory.name}"),
    }  # fmt: skip


def rail(directory: Path, text: str = RAIL) -> Path:
    directory.mkdir(exist_ok=True)
    (directory / "rail.toml").write_text(text)
    return directory


async def generations_used(settings: Settings, count: int) -> set[str]:
    """Which generations classify `count` new articles, spread over all partitions."""
    numbers = list(itertools.islice(NUMBERS, count))
    await put_articles(settings, [article(number, f"A railway opens in town {number}") for number in numbers])
    await caught_up(settings)
    wanted = {article(number, f"A railway opens in town {number}").article_id for number in numbers}
    answers = [one for one in await records_of(settings, CLASSIFICATIONS, Classification) if one.article_id in wanted]
    assert {one.article_id for one in answers} == wanted
    return {one.generation for one in answers}


async def test_a_change_seen_by_one_worker_is_adopted_by_both_and_named_by_every_answer(kafka_settings: Settings, tmp_path: Path) -> None:
    here, there = rail(tmp_path / "here"), rail(tmp_path / "there")
    first = load_themes(here).generation

    async def both_at(ports: dict[str, int], generation: str) -> None:
        async def reached() -> bool:
            return all([await generation_of(port) == (generation, True) for port in ports.values()])

        await until(reached)

    async with two_workers(kafka_settings, {"one": here, "other": there}) as ports:
        await both_at(ports, first)
        assert await generations_used(kafka_settings, 12) == {first}

        rail(here, RAIL.replace("weight = 4", "weight = 5"))
        second = load_themes(here).generation
        await both_at(ports, second)  # also the worker whose own directory never changed
        assert await generations_used(kafka_settings, 12) == {second}

    # a worker that comes back with the same old directory takes nobody back; one whose directory was changed meanwhile does
    port = free_port()
    with processor(kafka_settings, **environ(there, port)) as process:
        await both_at({"one": port}, second)
        assert await stop_cleanly(process) == 0
    rail(there, RAIL.replace("weight = 4", "weight = 6"))
    with processor(kafka_settings, **environ(there, port)) as process:
        await both_at({"one": port}, load_themes(there).generation)
        assert await stop_cleanly(process) == 0
    published = await records_of(kafka_settings, THEMES, ActiveThemes)
    assert [one.generation for one in published][-1] == load_themes(there).generation


@pytest.mark.parametrize(
    "broken",
    [RAIL.replace("weight = 4", 'weight = "four"'), RAIL.replace('"New road opens"', '"Old railway closes"')],
    ids=["unusable", "fails its own example"],
)
async def test_a_broken_directory_keeps_the_old_themes_and_says_so(kafka_settings: Settings, tmp_path: Path, broken: str) -> None:
    directory, port = rail(tmp_path / "themes"), free_port()
    first = load_themes(directory).generation
    with processor(kafka_settings, **environ(directory, port)) as process:

        async def stands(generation: str, *, well: bool) -> None:
            async def reached() -> bool:
                return await generation_of(port) == (generation, well)

            await until(reached)

        await stands(first, well=True)
        rail(directory / "", broken)
        rail(directory)  # a slip of the finger, mended at once, is no trouble
        (directory / "second.toml").write_text(broken.replace('id = "rail"\nlabel', 'id = "second"\nlabel'))
        await stands(first, well=False)
        assert await generations_used(kafka_settings, 6) == {first}
        (directory / "second.toml").unlink()
        await stands(first, well=True)
        assert await stop_cleanly(process) == 0
    notices = await records_of(kafka_settings, NOTICES, Notice)
    assert [one.state for one in notices] == [NoticeState.RAISED, NoticeState.RESOLVED]
    assert len({one.notice_id for one in notices}) == 1
    assert "second" in notices[0].text
    assert first in json.dumps(notices[0].details)


@pytest.mark.parametrize(
    "broken", ["id = ", RAIL.replace('"New road opens"', '"Old railway closes"')], ids=["unusable", "fails its example"]
)
async def test_a_typo_made_while_it_was_stopped_costs_nothing_and_is_told_once(
    kafka_settings: Settings, tmp_path: Path, broken: str
) -> None:
    directory, port = rail(tmp_path / "themes"), free_port()
    first = load_themes(directory).generation

    async def reached(well: bool) -> bool:
        return await generation_of(port) == (first, well)

    with processor(kafka_settings, **environ(directory, port)) as process:
        await until(lambda: reached(True))
        assert await stop_cleanly(process) == 0
    rail(directory, broken)
    for _ in range(2):
        with processor(kafka_settings, **environ(directory, port)) as process:
            await until(lambda: reached(False))
            assert await generations_used(kafka_settings, 6) == {first}
            assert await stop_cleanly(process) == 0
    rail(directory)
    with processor(kafka_settings, **environ(directory, port)) as process:
        await until(lambda: reached(True))
        assert await stop_cleanly(process) == 0
    notices = await records_of(kafka_settings, NOTICES, Notice)
    assert [one.state for one in notices] == [NoticeState.RAISED, NoticeState.RESOLVED]
    assert len({one.notice_id for one in notices}) == 1


async def test_the_last_good_files_stand_in_when_the_topic_is_lost_too(kafka_settings: Settings, tmp_path: Path) -> None:
    directory, port = rail(tmp_path / "themes"), free_port()
    first = load_themes(directory).generation
    KeptThemes(Path(environ(directory, port)["NEWSMON_STATE_DIR"]), directory).keep(read_files(directory))
    rail(directory, "id = ")
    with processor(kafka_settings, **environ(directory, port)) as process:

        async def reached(generation: str, well: bool) -> bool:
            return await generation_of(port) == (generation, well)

        await until(lambda: reached(first, False))
        assert await generations_used(kafka_settings, 6) == {first}
        rail(directory, RAIL.replace("weight = 4", "weight = 5"))
        await until(lambda: reached(load_themes(directory).generation, True))
        assert await stop_cleanly(process) == 0


async def test_without_themes_anywhere_it_ends_with_two(kafka_settings: Settings, tmp_path: Path) -> None:
    with processor(kafka_settings, **environ(rail(tmp_path / "themes", "id = "), free_port())) as process:
        assert await asyncio.to_thread(process.wait, 180) == 2
