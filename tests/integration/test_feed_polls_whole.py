"""Every script of `support.feed_polls` at once through the whole: polled by a real producer, classified, grouped, stored, balanced.

They are played once for all tests of this file; each test then looks at what one script left on Kafka and in the database.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from click.testing import CliRunner
from sqlalchemy import select
from support.broker import settings_of_their_own
from support.databases import migrated_database
from support.feed_polls.all_scripts import MAX_ENTRIES, all_scripts
from support.feed_polls.entry_scripts import AGGREGATED, SPELT_TWICE
from support.feed_polls.script import Script
from support.feed_polls.script_server import script_server
from support.ledgers import assert_balanced, deliver_all
from support.processing import caught_up
from support.processor_process import processor
from support.producing import producing, records, write_config
from support.separate_themes import separate_themes
from support.storing import eventually, store_all, with_database

from newsmon.app.cli.health.verify import command
from newsmon.kafka.admin import ensure_topics
from newsmon.kafka.broker.process import LocalBroker
from newsmon.records import Alert, Article, FetchOutcome, Notice, NoticeKind
from newsmon.settings import Settings
from newsmon.topics import ALERTS, ARTICLES, FETCHES, NOTICES
from producers.answers.outcome import SUCCESSES
from sinks.database.engine import reading
from sinks.database.tables import sightings

NAMES = sorted(name for name, script in all_scripts(datetime.now(UTC)).items() if script.poll_bound)
OF_THE_FEEDS = {NoticeKind.FEED_REJECTS, NoticeKind.FEED_LIES, NoticeKind.FEED_FAILING, NoticeKind.FEED_GAP, NoticeKind.FEED_MOVED}


@dataclass(frozen=True)
class Played:
    """What all the scripts left behind; `rows` are (article id, feed id) in the database."""

    scripts: dict[str, Script]
    settings: Settings
    articles: list[Article]
    outcomes: list[FetchOutcome]
    notices: list[Notice]
    alerts: list[Alert]
    rows: set[tuple[str, str]]


@pytest.fixture(scope="module")
def played(broker: LocalBroker, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Played]:
    directory = tmp_path_factory.mktemp("scripts")
    scripts = {name: script for name, script in all_scripts(datetime.now(UTC)).items() if script.poll_bound}
    with settings_of_their_own(broker, directory) as settings, script_server(scripts) as server:
        ensure_topics(settings)
        config = write_config(directory, settings, [(name, server.url(name)) for name in scripts], interval_s=2)
        text = config.read_text("utf-8").replace("max_interval_s = 60.0", f"max_interval_s = 4\nmax_entries = {MAX_ENTRIES}")
        config.write_text(text, "utf-8")
        with producing(config, directory / "log"):
            eventually(lambda: server.has_played(more=3), "every script is played to its end", within_s=400)
        with processor(settings, NEWSMON_THEMES__DIRECTORY=str(separate_themes(directory))):
            asyncio.run(caught_up(settings, within_s=240))
        settings = with_database(settings, f"sqlite:///{directory / 'newsmon.db'}")
        with migrated_database(settings) as engine:
            store_all(settings, engine)
            deliver_all(settings, engine)
            with reading(engine) as connection:
                rows = {(row.article_id, row.feed_id) for row in connection.execute(select(sightings.c.article_id, sightings.c.feed_id))}
        yield Played(
            scripts, settings, records(settings, ARTICLES, Article), records(settings, FETCHES, FetchOutcome),
            records(settings, NOTICES, Notice), records(settings, ALERTS, Alert), rows,
        )  # fmt: skip


def test_everything_polled_is_accounted_for(played: Played) -> None:
    assert_balanced(played.settings)
    environ = {
        "NEWSMON_DATABASE__URL": played.settings.database.url,
        "NEWSMON_KAFKA__BOOTSTRAP_SERVERS": ",".join(played.settings.kafka.bootstrap_servers),
        "NEWSMON_KAFKA__TOPIC_PREFIX": played.settings.kafka.topic_prefix,
        "NEWSMON_STATE_DIR": str(played.settings.state_dir),
    }
    done = CliRunner().invoke(command, [], env=environ)
    assert done.exit_code == 0, done.output
    for one in played.outcomes:
        assert one.entry_count == one.new_count + one.revised_count + one.known_count + sum(one.rejected.values())


@pytest.mark.parametrize("name", NAMES)
def test_what_a_script_leaves_behind(played: Played, name: str) -> None:
    script = played.scripts[name]
    outcomes = [one for one in played.outcomes if one.feed_id == name]
    if script.results is None:
        assert SUCCESSES.issuperset(one.result for one in outcomes)
    seen = [one for one in played.articles if one.feed_id == name]
    assert len({one.article_id for one in seen}) == script.article_count
    assert {article_id for article_id, feed_id in played.rows if feed_id == name} == {one.article_id for one in seen}
    assert sum(one.revised_count for one in outcomes) == script.revised_count
    rejected = sum((Counter({reason.value: count for reason, count in one.rejected.items()}) for one in outcomes), Counter[str]())
    wanted = Counter(script.rejected or {})
    assert (rejected.keys(), rejected >= wanted) == (wanted.keys(), True)  # the last answer was given more often than once
    assert script.titles <= {one.title for one in seen}
    assert script.urls <= {one.url for one in seen}
    notices = [one for one in played.notices if one.subject == f"feed:{name}" and one.kind in OF_THE_FEEDS]
    assert [(one.kind, one.state) for one in sorted(notices, key=lambda one: one.at)] == list(script.told)


@pytest.mark.parametrize("name", NAMES)
def test_what_a_script_alerts(played: Played, name: str) -> None:
    of_it = [one for one in played.alerts if any(member.source == name for member in one.articles)]
    alerted = played.scripts[name].alerted
    if alerted is not None:
        assert {one.title for one in of_it} == alerted
        assert len({one.alert_id for one in of_it}) == len(alerted)
    assert all(member.url for one in of_it for member in one.articles)


def test_two_spellings_of_an_address_in_two_feeds_are_one_article(played: Played) -> None:
    told = [one for one in played.articles if SPELT_TWICE in one.title]
    assert len({one.feed_id for one in told}) == 2
    assert len({one.article_id for one in told}) == 1


@pytest.mark.parametrize("word", [AGGREGATED, SPELT_TWICE], ids=["an aggregator that names the outlet", "the outlet's other spelling"])
def test_what_is_the_same_outlet_is_no_second_source(played: Played, word: str) -> None:
    of_it = [one for one in played.alerts if word in one.title]
    assert len({one.alert_id for one in of_it}) == 1
    assert {one.source_count for one in of_it} == {1}
