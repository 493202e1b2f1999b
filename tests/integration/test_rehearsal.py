"""A rehearsal decides as the running service does: the same articles through a real broker and a real processor, and through `rehearse`."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
from click.testing import CliRunner
from support.past_news import lines
from support.places import ROOT
from support.processing import caught_up, put_articles, records_of
from support.processor_process import processor, stop_cleanly
from support.storing import with_database

from newsmon.app.cli.past.rehearse import command
from newsmon.codec import encode
from newsmon.kafka.partitions import partition_of
from newsmon.records import Alert, AlertReason, Article, Origin, Relation, StoryState
from newsmon.settings import Settings
from newsmon.topics import ALERTS, ARTICLES, MATCHES, STORY_STATE
from processors.handling.decision_result import Failed
from processors.replay.rehearsal import rehearse
from processors.runner.policies import decisions_for
from processors.themes import load_themes
from producers.articles.archive_lines import Line
from producers.articles.past_articles import PastArticles
from sinks.consumer.kafka_record import KafkaRecord
from sinks.database.engine import create_engine_for, writing
from sinks.database.schema import migrate
from sinks.store.service import writer

RECEIVER = """
[[receivers]]
id = "everything"
url = "https://desk.example/"
secret_env = "DESK"
notify_closed = true
group_wait_s = 0
closed_wait_s = 0
"""
PAST_PROCESSOR = str(ROOT / "tests" / "support" / "past_processor.py")


def past_articles(rows: list[dict[str, Any]]) -> list[Article]:
    """The articles as a producer publishes them; every ninth came from a backfill, and some of two feeds show the same text."""
    past = PastArticles({}, source="none", max_revisions=24)
    found: list[Article] = []
    for number, row in enumerate(rows, start=1):
        article = past.article(msgspec.convert(row, Line), datetime.fromisoformat(row["first_seen_at"]), number)
        assert isinstance(article, Article)
        found.append(msgspec.structs.replace(article, origin=Origin.BACKFILL) if number % 9 == 0 else article)
        if number % 7 == 0:
            found.append(msgspec.structs.replace(article, feed_id="second-feed", poll_seq=number + 1_000))
    return found


def stored(settings: Settings, articles: list[Article]) -> None:
    engine = create_engine_for(settings)
    migrate(engine)
    records = [KafkaRecord(ARTICLES, ARTICLES.base_name, 0, number, None, encode(one), record=one) for number, one in enumerate(articles)]
    with writing(engine) as connection:
        writer(settings)(connection, records)
    engine.dispose()


def rehearsed(settings: Settings, tmp_path: Path) -> list[dict[str, Any]]:
    """What `newsmon rehearse --json` prints about what is stored."""
    config = tmp_path / "newsmon.toml"
    config.write_text(f'[database]\nurl = "{settings.database.url}"\n{RECEIVER}')
    options = ["--since", "30d", "--json", "--config", str(config), "--receiver", "everything"]
    answer = CliRunner().invoke(command, options, catch_exceptions=False)
    assert answer.exit_code == 0
    return [json.loads(line) for line in answer.stdout.splitlines()]


def without_offset(state: StoryState) -> StoryState:
    """The decision without the place of its match on the log."""
    return msgspec.structs.replace(state, source_offset=0)


def fail(article: Article, failed: Failed) -> None:
    raise AssertionError(f"{article.title}: {failed.trace}")


async def test_the_running_service_decides_what_a_rehearsal_of_the_same_articles_decides(kafka_settings: Settings, tmp_path: Path) -> None:
    settings = with_database(kafka_settings, f"sqlite:///{tmp_path / 'newsmon.db'}")
    articles = past_articles(lines())
    assert len(articles) >= 90
    stored(settings, articles)
    await put_articles(settings, articles, partition=0)  # one partition: the order in which they were first seen
    with processor(settings, command=(PAST_PROCESSOR,), NEWSMON_PROCESSOR__BATCH_SIZE="1") as process:  # days never share a batch
        await caught_up(settings)
        assert await stop_cleanly(process) == 0
    states = {one.match_id: one for one in await records_of(settings, STORY_STATE, StoryState)}
    alerts = {(one.alert_id, one.revision): one for one in await records_of(settings, ALERTS, Alert)}
    rows = rehearsed(settings, tmp_path)

    decisions = decisions_for(settings, load_themes(settings.themes.directory))
    then = rehearse(articles, decisions, lambda theme_id: partition_of(MATCHES, theme_id.encode()), on_failed=fail)
    assert {one.state.match_id: without_offset(one.state) for one in then} == {
        match_id: without_offset(state) for match_id, state in states.items()
    }, "every field of every decision"

    live = list(states.values())
    assert {
        (one.theme_id, one.story_id, one.event_id, one.article_id, one.relation, one.story.alert_decision) for one in live
    } == {
        (row["theme"], row["running"], row["story"], row["article_id"], row["relation"], row["decision"])
        for row in rows if row["article_id"] is not None
    }  # fmt: skip
    assert {(key, one.state, one.reason, one.severity, one.title, one.theme_id, one.raised_at) for key, one in alerts.items()} == {
        ((told["alert"], told["revision"]), told["kind"], told["reason"], told["severity"], told["title"], row["theme"],
         datetime.fromisoformat(row["at"]).astimezone(UTC))
        for row in rows if (told := row["told"]) is not None
    }  # fmt: skip

    assert len({one.theme_id for one in live}) == 3
    assert {Relation.OPENED, Relation.JOINED, Relation.COPY, Relation.UPDATE} <= {one.relation for one in live}
    reasons = Counter(one.story.alert_decision for one in live)
    assert {AlertReason.NEW_STORY, AlertReason.NOT_LIVE, AlertReason.STALE, AlertReason.COPY_OF_MEMBER} <= set(reasons)
    assert any(one.closed for one in live), "a story closed in between"
