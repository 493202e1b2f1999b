"""`newsmon processor` as a process, and the watchdog beside it, against the real broker."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import urllib.request

import pytest
from support.processing import article, caught_up, decide, decisions, put, put_articles, records_of, until
from support.processor_process import processor, stop_cleanly
from support.samples import NOON
from support.signals import stand_still

from newsmon.codec import encode
from newsmon.kafka.clients import group_id
from newsmon.liveness.progress_watch import ProgressWatch
from newsmon.net.monitoring import Health
from newsmon.records import Alert, Match, Notice, NoticeKind, StoryState, WordCounts
from newsmon.settings import Settings
from newsmon.topics import ALERTS, ARTICLES, MATCHES, NOTICES, STORY_STATE, WORD_COUNTS
from processors.handling.partition_memory import PartitionMemory
from processors.rarity.observation import is_counted
from processors.runner.assignment import Assignment
from processors.runner.watchdog import CommittedWork
from processors.stories.grouping import Grouping


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def get(port: int, path: str) -> str:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=60) as answer:
        return str(answer.read().decode())


async def is_ready(port: int) -> bool:
    try:
        return bool(json.loads(await asyncio.to_thread(get, port, "/readyz"))["status"] == "ready")
    except OSError:
        return False  # 503 and its reasons


async def test_the_process_raises_an_alert_shows_its_metrics_and_stops_with_zero(kafka_settings: Settings) -> None:
    port = free_port()
    one = article(1, "Arland ministers agreed to send a peacekeeping force of 3,000 troops to Ukraine after a ceasefire")
    await put_articles(kafka_settings, [one])
    with processor(kafka_settings, NEWSMON_MONITORING__PROCESSOR_PORT=str(port)) as process:
        await caught_up(kafka_settings)
        await until(lambda: is_ready(port), "ready")
        assert json.loads(await asyncio.to_thread(get, port, "/healthz"))["status"] == "healthy"
        metrics = await asyncio.to_thread(get, port, "/metrics")
        assert await stop_cleanly(process) == 0
    assert [alert.theme_id for alert in await records_of(kafka_settings, ALERTS, Alert)] == ["ukraine-peacekeeping"]
    prefix, group = kafka_settings.kafka.topic_prefix, group_id(kafka_settings, "processor")
    for line in (
        'newsmon_articles_classified_total{outcome="matched"} 1.0',
        'newsmon_matches_total{theme="ukraine-peacekeeping"} 1.0',
        'newsmon_matches_grouped_total{relation="opened",theme="ukraine-peacekeeping"} 1.0',
        'newsmon_alert_decisions_total{reason="new_story",theme="ukraine-peacekeeping"} 1.0',
        'newsmon_stories_live{theme="ukraine-peacekeeping"} 1.0',
        'newsmon_stories_live{theme="us-trade"} 0.0',
        'newsmon_quarantined_records_total{reason="not_json",stage="classify"} 0.0',
        f'newsmon_kafka_assigned_partitions{{group="{group}",topic="{prefix}news.articles"}} 6.0',
    ):
        assert line in metrics, line


async def test_work_that_waits_uncommitted_ends_the_process_by_the_brokers_word_alone(kafka_settings: Settings) -> None:
    patience = kafka_settings.processor.model_copy(update={"stall_exit_s": 1.5})
    settings = kafka_settings.model_copy(update={"processor": patience})
    names = [topic.named(settings.kafka.topic_prefix) for topic in (ARTICLES, MATCHES)]
    group = group_id(settings, "processor")
    assignment = Assignment(group, names, Health("processor"))
    assignment.assign((name, partition) for name in names for partition in range(6))
    last_words: asyncio.Queue[str] = asyncio.Queue()
    loop = asyncio.get_running_loop()
    health = Health("processor")
    work = CommittedWork(settings, assignment, group=group, topics=names)
    watch = ProgressWatch(settings, health, work, end_process=lambda why: loop.call_soon_threadsafe(last_words.put_nowait, why))
    watch.start()
    try:
        with pytest.raises(TimeoutError):  # nothing to do is no stall
            await asyncio.wait_for(last_words.get(), 4)
        await put_articles(settings, [article(1, "A harbour article")], partition=4)
        why = await asyncio.wait_for(last_words.get(), 120)
    finally:
        watch.stop()
    assert f"{names[0]}-4" in why
    assert health.unhealthy_because() == {"progress": why}
    (notice,) = await records_of(settings, NOTICES, Notice)
    assert (notice.kind, notice.subject, notice.stage) == (NoticeKind.STAGE_STALLED, "processor", "processor")
    assert why in notice.text


async def test_poison_on_the_state_topic_is_quarantined_and_memory_is_what_remains(kafka_settings: Settings) -> None:
    from support.processing import headers_of, log_of, running

    from newsmon.topics import QUARANTINE
    from processors.runner.app import run_faust
    from processors.runner.parts import new_parts

    event = "The Larnholm ferry Sigrid ran aground off Tverrvik harbour with 212 passengers"
    log: list[Match] = [decide(article(n, event, f"Detail {n}.", source=f"Outlet {n}"), NOON)[1][0] for n in range(3)]
    memory = PartitionMemory(Grouping(), (), 0)
    first, second = (memory.answer(match, offset).state for offset, match in enumerate(log[:2]))
    await put(
        kafka_settings, MATCHES, [(b"harbour", b"not this one"), (b"harbour", b"nor this"), (b"harbour", encode(log[2]))], partition=3
    )
    for key, value in ((first.match_id, encode(first)), ("m_gone", b'{"record":'), (second.match_id, encode(second))):
        await put(kafka_settings, STORY_STATE, [(key.encode(), value)], partition=3)
    async with running(run_faust, new_parts(kafka_settings, decisions())):
        await caught_up(kafka_settings)
    states = [state for state in await records_of_readable(kafka_settings) if state.match_id == log[2].match_id]
    assert [(state.story_id, state.story.revision) for state in states] == [(first.story_id, 3)]
    quarantined = [headers_of(record) for record in await log_of(kafka_settings, QUARANTINE)]
    assert sorted(headers["newsmon-topic"].removeprefix(kafka_settings.kafka.topic_prefix) for headers in quarantined) == [
        "news.matches", "news.matches", "news.story-state",
    ]  # fmt: skip


async def records_of_readable(settings: Settings) -> list[StoryState]:
    from support.processing import log_of

    from newsmon.codec import decode
    from newsmon.errors import RecordError

    found = []
    for record in await log_of(settings, STORY_STATE):
        try:
            found.append(decode(record.value, StoryState))
        except RecordError:
            continue
    return found


async def test_suspended_for_longer_than_its_session_it_goes_on_as_if_nothing_had_been(kafka_settings: Settings) -> None:
    """A zombie: SIGSTOP past the session time-out while another worker takes over, then SIGCONT."""
    event = "{name} will lift defence spending to 3.{n} per cent of GDP by 2032, the defence ministry said"
    names = ("Arland", "Bostria", "Cordia", "Dovenia", "Estmark", "Frelund")
    batches = [[article(100 * b + n, event.format(name=name, n=n), source=f"Outlet {b}") for n, name in enumerate(names)] for b in range(3)]
    with processor(kafka_settings) as first:
        await put_articles(kafka_settings, batches[0], partition=0)
        await caught_up(kafka_settings)  # so the first has every partition
        await put_articles(kafka_settings, batches[1], partition=0)
        stand_still(first.pid)
        with processor(kafka_settings) as second:
            try:
                await caught_up(kafka_settings)  # so the second has taken them over
            finally:
                os.kill(first.pid, signal.SIGCONT)
            await put_articles(kafka_settings, batches[2], partition=0)
            await caught_up(kafka_settings)
            assert await stop_cleanly(first) == 0
            assert await stop_cleanly(second) == 0
    states = await records_of(kafka_settings, STORY_STATE, StoryState)
    by_match: dict[str, set[bytes]] = {}
    for state in states:
        by_match.setdefault(state.match_id, set()).add(encode(state))
    assert len(by_match) == 18
    assert all(len(said) == 1 for said in by_match.values())
    revisions = sorted((state.story_id, state.story.revision) for state in {state.match_id: state for state in states}.values())
    assert len(set(revisions)) == len(revisions)  # two owners never decided past each other


async def test_word_counts_go_on_after_a_restart_and_count_no_article_twice(kafka_settings: Settings) -> None:
    from support.processing import running

    from processors.runner.app import run_faust
    from processors.runner.parts import new_parts

    async def counted() -> tuple[int, int]:
        newest = {(one.day, one.partition): one for one in await records_of(kafka_settings, WORD_COUNTS, WordCounts)}
        return sum(sum(one.articles.values()) for one in newest.values()), sum(one.keys.get("w:ferry", 0) for one in newest.values())

    articles = [article(number, f"Ferry {number} aground in the harbour", f"Report {number}.") for number in range(40)]
    numbers = [sum(is_counted(one.article_id) for one in some) for some in (articles[:20], articles[20:])]
    for some in (articles[:20], articles[20:]):
        await put_articles(kafka_settings, some)
        async with running(run_faust, new_parts(kafka_settings, decisions())):
            await caught_up(kafka_settings)
    assert await counted() == (sum(numbers), sum(numbers))
