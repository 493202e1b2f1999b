"""`newsmon verify` on a real log: it balances, it finds what only the log can tell, and it knows what is merely under way."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Engine, delete, func, select, update
from support.ledgers import commit_as_processor, deliver_all
from support.logs import cut_records, delete_topics, replace_topics
from support.samples import NOON, article
from support.storing import caught_up, end_offsets, eventually, publish, running, store_all, with_database
from support.world import small_world

from newsmon.app.ledger_table import as_table
from newsmon.settings import Settings
from newsmon.topics import ALERTS, ARTICLES, CLASSIFICATIONS, DELIVERIES, FEEDBACK, FETCHES, MATCHES, NOTICES
from sinks.database import tables
from sinks.database.engine import reading, writing
from sinks.database.losses import acknowledge_losses
from sinks.ledger.balance import Ledger, Line
from sinks.ledger.verify import verify

GARBAGE = b"no record at all"


@pytest.fixture
def settings(kafka_settings: Settings, tmp_path: Path) -> Settings:
    return with_database(kafka_settings, f"sqlite:///{tmp_path / 'newsmon.db'}")


@pytest.fixture
def full(settings: Settings, engine: Engine) -> Engine:
    """A database that has stored, and a log that holds, a small world from end to end; one record in it is garbage."""
    publish(settings, small_world(feeds=2, polls=4, articles_per_poll=4).by_topic)
    publish(settings, {ARTICLES: [GARBAGE]})
    with running(settings, engine):
        eventually(lambda: caught_up(settings, engine) and quarantined_count(engine) == 1, "everything stored, the garbage as such")
    commit_as_processor(settings)
    deliver_all(settings, engine)
    return engine


def quarantined_count(engine: Engine) -> int:
    with reading(engine) as connection:
        return connection.scalar(select(func.count()).select_from(tables.quarantined)) or 0


def look(settings: Settings) -> dict[str, Line]:
    return {line.name: line for line in ledger_of(settings).lines}


def ledger_of(settings: Settings) -> Ledger:
    return verify(settings, since=None, with_log=True, catch_up_s=1)


def test_a_complete_store_balances_by_rows_and_by_log(settings: Settings, full: Engine) -> None:
    ledger = ledger_of(settings)
    assert ledger.balanced, "\n".join(as_table(ledger))
    assert ledger.log_skipped is None
    lines = {line.name: line for line in ledger.lines}
    assert lines["log of news.articles"].parts == {"in the database": 32, "quarantined": 1, "not yet read": 0}
    logs = {f"log of {topic.base_name}" for topic in (DELIVERIES, FEEDBACK, NOTICES)}
    assert {name for name, line in lines.items() if not line.total} <= logs | {"messages", "losses", "corrections"}, (
        "nothing else is empty here"
    )


def test_topics_that_were_deleted_are_missed_though_nothing_of_them_is_left_to_compare(settings: Settings, full: Engine) -> None:
    """Their log is as empty as what was found of it: without the positions, 0 = 0."""
    delete_topics(settings, ARTICLES, MATCHES, ALERTS)
    lines = look(settings)
    assert {name: lines[name].total for name in ("log of news.articles", "log of news.matches")} == {
        "log of news.articles": 0,
        "log of news.matches": 0,
    }
    assert not lines["positions"].balanced
    named = " ".join(lines["positions"].missing.named)
    for topic in (ARTICLES, MATCHES, ALERTS):
        assert f"{topic.base_name}/" in named
    assert "the topic does not exist" in named


def test_topics_created_again_are_told_before_anybody_has_read_them(settings: Settings, full: Engine) -> None:
    replace_topics(settings, ARTICLES)
    publish(settings, {ARTICLES: [article(number=5000 + number) for number in range(90)]})  # beyond every stored offset
    line = look(settings)["positions"]
    assert line.missing.count == ARTICLES.partitions
    assert "the topic was created again" in line.missing.named[0]


@pytest.mark.parametrize("by", [-1, 1, 5])
def test_a_position_changed_by_hand_is_missed(settings: Settings, full: Engine, by: int) -> None:
    offsets = tables.consumed_offsets
    with writing(full) as connection:
        chosen = select(offsets.c.topic, offsets.c.partition).where(offsets.c.topic.endswith(FETCHES.base_name))
        at = connection.execute(chosen.order_by(offsets.c.partition)).first()
        assert at is not None
        place = (offsets.c.topic == at.topic, offsets.c.partition == at.partition, offsets.c.consumer == "store")
        changed = update(offsets).where(*place).values(next_offset=offsets.c.next_offset + by)
        assert connection.execute(changed).rowcount == 1
    for with_log in (True, False):
        ledger = verify(settings, since=None, with_log=with_log, catch_up_s=0)
        (line,) = [line for line in ledger.lines if line.name == "positions"]
        assert (line.missing.count, "changed from outside" in line.missing.named[0]) == (1, True)


def test_a_loss_is_missing_until_somebody_acknowledges_it(settings: Settings, full: Engine) -> None:
    read = {partition: end for (_topic, partition), end in end_offsets(settings, [ARTICLES]).items()}
    publish(settings, {ARTICLES: [article(number=5000 + number) for number in range(90)]})
    cut_records(settings, ARTICLES, {0: read[0] + 3})
    store_all(settings, full)
    commit_as_processor(settings)
    lines = look(settings)
    assert (lines["losses"].missing.count, lines["losses"].balanced) == (1, False)
    assert "news.articles/0 expired: 3 records" in lines["losses"].missing.named[0]
    assert lines["written"].parts["lost unread"] == 3
    assert lines["written"].balanced
    with writing(full) as connection:
        acknowledge_losses(connection, by="someone", now=NOON)
    lines = look(settings)
    assert lines["losses"].balanced
    assert lines["losses"].parts == {"expired": 1}


def test_the_log_tells_of_a_last_poll_the_rows_cannot_miss(settings: Settings, full: Engine) -> None:
    with writing(full) as connection:
        newest = (tables.fetches.c.feed_id == "feed-0", tables.fetches.c.poll_seq == 4)
        connection.execute(delete(tables.fetches).where(*newest))
    lines = look(settings)
    assert lines["polls"].balanced, "by the rows the poll is still under way"
    log = lines["log of news.fetches"]
    assert log.missing.count == 1
    assert "no row fetches feed-0 4" in log.missing.named[0]


def test_garbage_that_is_not_in_quarantine_is_missed_by_its_place_in_the_log(settings: Settings, full: Engine) -> None:
    with writing(full) as connection:
        place = connection.execute(select(tables.quarantined.c.partition, tables.quarantined.c.offset)).one()
        connection.execute(delete(tables.quarantined))
    lines = look(settings)
    (named,) = lines["log of news.articles"].missing.named
    assert f"news.articles/{place.partition}/{place.offset} cannot be read, and is not in quarantine" in named
    assert lines["log of news.quarantine"].missing.count == 1


def test_what_the_store_has_not_read_is_lag_and_no_imbalance(settings: Settings, full: Engine) -> None:
    publish(settings, {ARTICLES: [article(number=1000 + number) for number in range(7)]})
    ledger = ledger_of(settings)
    assert ledger.balanced, "\n".join(as_table(ledger))
    assert ledger.behind_count == 7
    assert {line.name: line for line in ledger.lines}["log of news.articles"].parts["not yet read"] == 7


def test_an_article_is_under_way_until_the_processor_has_committed_it_and_missing_afterwards(settings: Settings, engine: Engine) -> None:
    world = small_world(feeds=1, polls=1, articles_per_poll=3)
    publish(settings, {FETCHES: world.of(FETCHES), ARTICLES: world.of(ARTICLES)})
    store_all(settings, engine)
    ledger = ledger_of(settings)
    assert ledger.balanced, "\n".join(as_table(ledger))
    assert {line.name: line for line in ledger.lines}["classifications"].parts["under way"] == 3
    commit_as_processor(settings, [ARTICLES])
    line = look(settings)["classifications"]
    assert (line.parts["under way"], line.missing.count) == (0, 3)
    publish(settings, {CLASSIFICATIONS: world.of(CLASSIFICATIONS)})
    store_all(settings, engine)
    assert look(settings)["classifications"].balanced
