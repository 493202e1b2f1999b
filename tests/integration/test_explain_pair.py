"""`newsmon explain --pair` measures two stored articles by the words that the service has counted."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from click.testing import CliRunner
from kafka import KafkaProducer
from sqlalchemy import Engine
from support.filled import fill
from support.samples import NOON
from support.world import small_world

from newsmon.app.cli.themes.explain import command
from newsmon.codec import encode
from newsmon.kafka.admin import ensure_topics
from newsmon.kafka.clients import producer_config
from newsmon.records import Article, Story, WordCounts
from newsmon.settings import Settings
from newsmon.topics import ARTICLES, STORIES, WORD_COUNTS
from processors.likeness.traits import stamped_traits
from processors.rarity.shares import KeyShares
from processors.rarity.shipped import shipped_shares


def explained(settings: Settings, story: Story) -> dict[str, Any]:
    environ = {
        "NEWSMON_STATE_DIR": str(settings.state_dir),
        "NEWSMON_KAFKA__BOOTSTRAP_SERVERS": ",".join(settings.kafka.bootstrap_servers),
        "NEWSMON_KAFKA__TOPIC_PREFIX": settings.kafka.topic_prefix,
        "NEWSMON_DATABASE__URL": str(settings.database.url),
    }
    names = [one.article_id for one in story.members[:2]]
    result = CliRunner().invoke(command, ["--pair", *names, "--json"], env=environ, catch_exceptions=False)
    return dict(json.loads(result.output))


def keep_counts(settings: Settings, *records: WordCounts) -> None:
    """As a worker keeps them."""
    ensure_topics(settings, (WORD_COUNTS,))
    producer = KafkaProducer(**producer_config(settings, client_id="test"))
    for one in records:
        producer.send(WORD_COUNTS.named(settings.kafka.topic_prefix), key=f"{one.day}/{one.partition}".encode(), value=encode(one))
    producer.flush()
    producer.close()


def test_words_are_as_common_as_the_service_has_counted(settings: Settings, engine: Engine) -> None:
    world = small_world(polls=2)
    fill(settings, engine, world)
    story = max((one for one in world.of(STORIES) if isinstance(one, Story)), key=lambda one: one.article_count)
    keep_counts(settings)
    before = explained(settings, story)
    assert before["rarity"] == "as newsmon has counted on 0 days before the later article came"
    article = next(one for one in world.of(ARTICLES) if isinstance(one, Article) and one.article_id == story.members[0].article_id)
    common = dict.fromkeys(stamped_traits(article, KeyShares(shipped_shares())).rarity, 900)
    days = [(NOON - timedelta(days=ago)).date().isoformat() for ago in range(1, 6)]
    keep_counts(
        settings,
        *(
            WordCounts(day=day, partition=0, through_offset=1, articles_log=None, articles={article.language: 1_000}, keys=common)
            for day in days
        ),
    )
    after = explained(settings, story)
    assert after["rarity"] == "as newsmon has counted on 5 days before the later article came"
    rarest = [max(one["rarity"] for one in said["shared"]) for said in (before, after)]
    assert rarest[1] < rarest[0]
