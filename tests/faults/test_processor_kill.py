"""`newsmon processor` killed with -9 in mid-stream, again and again, decides what the control (a plain loop) decides undisturbed."""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from pathlib import Path

import msgspec
from support.made_up_events import EVENTS, MONTHS, made_up_place
from support.plain_runner import run_plain
from support.processing import article, caught_up, lag, put_articles, records_of, running
from support.processor_process import outcome_of, processor, record_count, stop_cleanly

from newsmon import ids
from newsmon.kafka.admin import ensure_topics
from newsmon.records import Alert, Article, Classification, Story, StoryState
from newsmon.settings import Settings
from newsmon.topics import ALERTS, ARTICLES, CLASSIFICATIONS, STORIES, STORY_STATE
from processors.runner.parts import new_parts
from processors.runner.policies import decisions_for
from processors.themes import load_themes

ARTICLES_COUNT = 1_800
KILLS = 5
SEED = 20_261_124
SMALL_BATCHES = {"NEWSMON_PROCESSOR__BATCH_SIZE": "25", "NEWSMON_PROCESSOR__COMMIT_INTERVAL_S": "0.5"}

SMALL_NEWS = "The {name} {thing} reopened after {n} days; visitors queued from early morning."
THINGS = ("library", "museum", "bridge", "market hall", "swimming pool", "orchestra", "bakery", "cycle path")


def mixed(chance: random.Random) -> list[Article]:
    """Small news between stories of one to five reports, some of them copies or revised, all from one seed."""
    found: list[Article] = []
    number = 0
    while len(found) < ARTICLES_COUNT:
        number += 10
        name = made_up_place(chance, 4)
        if chance.random() < 0.6:
            thing, days = chance.choice(THINGS), chance.randrange(3, 900)
            found.append(article(number, f"{name} {thing} open again", SMALL_NEWS.format(name=name, thing=thing, n=days)))
            continue
        n, p, q, year = (
            chance.randrange(1000, 9000),
            chance.randrange(11, 99),
            round(2 + 3 * chance.random(), 2),
            chance.randrange(2028, 2045),
        )
        event = chance.choice(EVENTS).format(name=name, n=n, p=p, q=q, year=year, month=chance.choice(MONTHS))
        body = f"{event}. Officials in {name} gave the figure {n} and said the plan had been under discussion for {p} weeks. "
        reports = [
            article(number + k, event, body + f"Reporter {k} adds detail {chance.randrange(10**6)}.", source=f"Outlet {k}")
            for k in range(chance.randrange(1, 5))
        ]
        if chance.random() < 0.3:
            reports.append(article(number + 8, event, reports[0].body, source="Copying Post"))
        if chance.random() < 0.3:
            reports.append(revised(reports[0], f" Later {name} spoke of {n + 500}."))
        found += reports
    return found


def revised(first: Article, added: str) -> Article:
    body = first.body + added
    content = ids.content_hash(first.title, first.lead, body)
    return msgspec.structs.replace(
        first, revision=2, body=body, content_hash=content, revision_id=ids.revision_id(first.article_id, content)
    )


async def test_killed_in_mid_stream_again_and_again_it_decides_what_an_undisturbed_run_decides(
    kafka_settings: Settings, tmp_path: Path
) -> None:
    chance = random.Random(SEED)
    articles = mixed(chance)
    # One partition: the log of articles, and so the order of each theme's matches, is the same in both runs.
    undisturbed = another_monitor(kafka_settings, tmp_path)
    await put_articles(undisturbed, articles, partition=0)
    rules = decisions_for(undisturbed, load_themes(undisturbed.themes.directory))
    async with running(run_plain, new_parts(undisturbed, rules)):
        await caught_up(undisturbed, within_s=240)
    expected = await outcome_of(undisturbed)

    mid_stream = 0
    portion = len(articles) // (KILLS + 1)
    await put_articles(kafka_settings, articles[:portion], partition=0)
    for kill in range(KILLS):  # always a portion more than it may do before the kill: on a busy machine that comes late
        await put_articles(kafka_settings, articles[(kill + 1) * portion : (kill + 2) * portion], partition=0)
        step = chance.randrange(20, portion)
        before = await record_count(kafka_settings)
        with processor(kafka_settings, **SMALL_BATCHES) as process:
            await grown_by(step, before, kafka_settings)
            await asyncio.sleep(chance.random() * 0.2)
            process.kill()
        mid_stream += await lag(kafka_settings, ARTICLES) > 0
    await put_articles(kafka_settings, articles[(KILLS + 1) * portion :], partition=0)
    with processor(kafka_settings, **SMALL_BATCHES) as process:
        await caught_up(kafka_settings, within_s=240)
        assert await stop_cleanly(process) == 0

    assert mid_stream >= 2, "no kill came in mid-stream: this test proved nothing"
    found = await outcome_of(kafka_settings)
    assert {one[0] for one in found.classified} == {one.revision_id for one in articles}
    assert found == expected
    assert found.quarantined == 0
    assert len(found.matches) > 300
    assert len(found.alerts) > 100
    assert {relation for members in found.members.values() for _match, relation in members} == {"opened", "joined", "copy", "update"}
    await repeats_say_the_same(kafka_settings)


async def repeats_say_the_same(settings: Settings) -> None:
    """The kills made repeats, and every repeat is the record it repeats."""
    answered = Counter(one.revision_id for one in await records_of(settings, CLASSIFICATIONS, Classification))
    assert answered.total() > len(answered), "nothing was done twice: the kills came between commits"
    for topic, kind, key in (
        (STORY_STATE, StoryState, lambda one: one.match_id),
        (STORIES, Story, lambda one: (one.story_id, one.revision)),
        (ALERTS, Alert, lambda one: (one.alert_id, one.revision)),
    ):  # fmt: skip
        said: dict[object, object] = {}
        for one in await records_of(settings, topic, kind):
            assert said.setdefault(key(one), one) == one, topic.base_name


def another_monitor(settings: Settings, directory: Path) -> Settings:
    kafka = settings.kafka.model_copy(
        update={"topic_prefix": f"{settings.kafka.topic_prefix}calm.", "group_prefix": f"{settings.kafka.group_prefix}calm"}
    )
    calm = settings.model_copy(update={"kafka": kafka, "state_dir": directory / "calm"})
    ensure_topics(calm)
    return calm


async def grown_by(step: int, before: int, settings: Settings) -> None:
    deadline = time.monotonic() + 180
    while await record_count(settings) < before + step:
        assert time.monotonic() < deadline, "the processor does not get on"
        await asyncio.sleep(0.02)
