"""A person merges and splits stories while the processor runs: later reports follow, also after restarts and when the log is read again."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
from click.testing import CliRunner
from sqlalchemy import Engine
from support.databases import migrated_database
from support.processing import article, caught_up, decide, log_of, put, records_of
from support.processor_process import processor, stop_cleanly
from support.samples import NOON
from support.storing import caught_up as is_stored
from support.storing import eventually, running, with_database

from newsmon.app.cli.stories.stories import command
from newsmon.codec import decode_one_of, encode
from newsmon.records import Alert, AlertState, Corrected, Match, StoryState, state_id
from newsmon.records.corrections import GroupInput, GroupState
from newsmon.settings import Settings
from newsmon.topics import ALERTS, MATCHES, STORY_STATE
from processors.handling.partition_memory import AnswerKind, PartitionMemory
from processors.runner.policies import grouping_factory
from sinks.database.engine import reading
from sinks.ledger.verify import verify
from sinks.queries.stories import members_of, stories_of_article

FERRY = "The Larnholm ferry Sigrid ran aground off Tverrvik harbour with 212 passengers"
FERRY_TEXT = (
    "The Sigrid struck a shoal at six in the morning, two miles from the quay of Tverrvik. Lifeboats brought 212 passengers ashore, and "
    "the coast guard closed the sound to all traffic until the tide rose. Nobody was hurt, said the owner, Larnholm Lines."
)
OPERA = "Composer Ilse Varga gives Brunswald harbour an opera of its own"
OPERA_TEXT = (
    "Ilse Varga has finished her fourth opera, a comedy about clerks who inherit a lighthouse. The city of Brunswald commissioned it for its "
    "jubilee; tenor Paul Denk sings the lead. Rehearsals begin in spring, and the critics who heard the overture praised its wit."
)


def report(number: int, title: str, body: str, *, age: timedelta = timedelta(0)) -> Match:
    """The same report as one more outlet shows it."""
    one = article(number, title, body, source=f"Outlet {number}")
    (match,) = decide(msgspec.structs.replace(one, published_at=one.first_seen_at - age), NOON)[1]
    return match


async def arrive(settings: Settings, engine: Engine, *matches: Match) -> None:
    """Put the matches on the log, and wait until they are grouped and stored."""
    await put(settings, MATCHES, [(one.theme_id.encode(), encode(one)) for one in matches])
    await caught_up(settings)
    await asyncio.to_thread(eventually, lambda: is_stored(settings, engine), "stored")


def story_of(engine: Engine, match: Match) -> str:
    with reading(engine) as connection:
        return str(stories_of_article(connection, match.article.article_id)[-1].story_id)


async def correct(settings: Settings, *arguments: str) -> dict[str, Any]:
    """What `newsmon stories` says of a correction."""
    environ = {
        "NEWSMON_STATE_DIR": str(settings.state_dir),
        "NEWSMON_KAFKA__BOOTSTRAP_SERVERS": ",".join(settings.kafka.bootstrap_servers),
        "NEWSMON_KAFKA__TOPIC_PREFIX": settings.kafka.topic_prefix,
        "NEWSMON_DATABASE__URL": str(settings.database.url),
    }
    given = [*arguments, "--by", "ann", "--wait", "60", "--json"]
    result = await asyncio.to_thread(CliRunner().invoke, command, given, env=environ, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return dict(json.loads(result.output))


async def test_later_reports_follow_a_persons_corrections_over_restarts(kafka_settings: Settings, tmp_path: Path) -> None:
    settings = with_database(kafka_settings, f"sqlite:///{tmp_path / 'newsmon.db'}")
    with migrated_database(settings) as engine, running(settings, engine):
        ferries = [report(number, FERRY, FERRY_TEXT) for number in (1, 2)]
        operas = [report(number, OPERA, OPERA_TEXT, age=timedelta(hours=40)) for number in range(11, 16)]
        with processor(settings) as process:
            await arrive(settings, engine, ferries[0], operas[0])
            ferry, opera = story_of(engine, ferries[0]), story_of(engine, operas[0])
            assert ferry != opera
            merged = await correct(settings, "merge", ferry, opera)
            assert (merged["outcome"], merged["by"]) == ("applied", "ann")
            await arrive(settings, engine, operas[1], operas[2])
            assert {story_of(engine, one) for one in operas[:3]} == {ferry}
            assert (await correct(settings, "merge", ferry, opera))["outcome"] == "already_so"
            split = await correct(settings, "split", ferry, *(one.article.article_id for one in operas[:3]))
            assert split["outcome"] == "applied"
            apart = split["new_story_id"]
            assert apart not in (ferry, opera)
            await arrive(settings, engine, operas[3])
            assert {story_of(engine, one) for one in operas[:4]} == {apart}
            assert await stop_cleanly(process) == 0
        with processor(settings) as process:
            await arrive(settings, engine, ferries[1], operas[4])
            assert {story_of(engine, one) for one in ferries} == {ferry}
            assert {story_of(engine, one) for one in operas} == {apart}
            assert await stop_cleanly(process) == 0
        with reading(engine) as connection:
            assert [len(members_of(connection, one)) for one in (ferry, opera, apart)] == [2, 0, 5]
        of_opera = [one for one in await records_of(settings, ALERTS, Alert) if one.story_id == opera]
        assert [one.state for one in of_opera] == [AlertState.OPENED, AlertState.CLOSED], "who keeps an incident open learns its end"
        ledger = await asyncio.to_thread(verify, settings, since=None, with_log=True)
        lines = {line.name: line for line in ledger.lines}
        assert lines["corrections"].parts["applied"] == 2
        for name in ("corrections", "stories' members", "stories", "log of news.matches", "log of news.stories", "contents"):
            assert lines[name].balanced, lines[name]
    assert await recorded(settings) == dict(await decided_again(settings))


async def recorded(settings: Settings) -> dict[str, GroupState]:
    """The decisions on the state topic, by id."""
    states = [decode_one_of(raw.value, STORY_STATE.records) for raw in await log_of(settings, STORY_STATE) if raw.value is not None]
    return {state_id(state): state for state in states if isinstance(state, StoryState | Corrected)}


async def decided_again(settings: Settings) -> Iterator[tuple[str, GroupState]]:
    """The decisions of a processor that reads the whole log of matches and corrections with an empty memory."""
    memories: dict[int, PartitionMemory] = {}
    found: list[tuple[str, GroupState]] = []
    for raw in await log_of(settings, MATCHES):
        record = decode_one_of(raw.value, MATCHES.records)
        assert isinstance(record, GroupInput)
        memory = memories.setdefault(raw.partition, PartitionMemory(grouping_factory(settings)(), (), 0))
        answer = memory.answer(record, raw.offset)
        if answer.kind is AnswerKind.DECIDED:
            found.append((state_id(answer.state), answer.state))
    return iter(found)
