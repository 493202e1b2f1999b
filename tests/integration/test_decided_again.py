"""After Kafka's data is lost the same articles are decided again, in another order, into other stories: on a database of each kind."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import Connection, Engine, delete, select
from support.databases import migrated_database
from support.delivering import outbox_rows
from support.filled import RECEIVERS, deliver_pending
from support.monitor import defence_story
from support.processing import article, decide
from support.samples import NOON

from newsmon import ids
from newsmon.records import Alert, Classification, Correction, CorrectionKind, Match, Record, StoryRules, StoryState
from newsmon.records.corrections import GroupState
from newsmon.records.resume_reasons import ResumeReason
from newsmon.settings import DatabaseSettings, Settings
from newsmon.topics import ALERTS, ARTICLES, CLASSIFICATIONS, MATCHES, STORIES, STORY_STATE, Topic
from processors.handling.answers import outputs_of
from processors.stories.grouping import Grouping
from sinks.consumer.kafka_record import KafkaRecord, read_record
from sinks.database.engine import reading, writing
from sinks.database.losses import Loss, add_losses
from sinks.database.tables import alerts, members, stories
from sinks.feeds_out.rows import newest
from sinks.ledger import decisions
from sinks.ledger.tally import Horizon
from sinks.outbox.enqueue import enqueue
from sinks.queries.alerts import list_alerts, show_alert
from sinks.queries.corrections import Refused, merge_of, split_of, story_row
from sinks.queries.stories import SUPERSEDED, list_stories, members_of, show_story
from sinks.store.service import writer

FERRY = "The Larnholm ferry Sigrid ran aground off Tverrvik harbour with 212 passengers"
COUNTRIES = ("Arland", "Bostria", "Cordia", "Dovenia")
LATER = NOON + timedelta(hours=5)
TOGETHER, APART = -60.0, 60.0


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    return Settings(state_dir=tmp_path, database=DatabaseSettings(url=database_url))


@pytest.fixture
def engine(settings: Settings) -> Iterator[Engine]:
    with migrated_database(settings) as engine:
        yield engine


def report(number: int, *, at: datetime, separate: float = TOGETHER, title: str = "") -> Match:
    """One outlet's report of the ferry, seen in the first poll of its feed; `separate` decides whether it is one event with the others."""
    text = f"Report {number} says that lifeboats brought {200 + number} passengers ashore."
    one = msgspec.structs.replace(
        article(number, title or f"{FERRY}, says outlet {number}", text, source=f"Outlet {number}"),
        published_at=NOON - timedelta(minutes=number), first_seen_at=at, baseline=True,
    )  # fmt: skip
    (match,) = decide(one, at)[1]
    return msgspec.structs.replace(match, stories=StoryRules(separate=separate))


def spending(number: int) -> Match:
    """One more event of a running story about defence budgets."""
    name, year, share = COUNTRIES[number], 2030 + number, 2.1 + number / 10
    title, body = defence_story(name, year, share)
    one = msgspec.structs.replace(
        article(number, title, body, source=f"Outlet {number}"), published_at=NOON, first_seen_at=NOON, baseline=True
    )
    (match,) = decide(msgspec.structs.replace(one, title=title.replace("spending", "budget")), NOON)[1]
    return match


class Kafka:
    """One life of Kafka: a log that processor, store and deliver read, until it is lost with the processor's memory."""

    def __init__(self, settings: Settings, engine: Engine) -> None:
        self._settings = settings
        self._engine = engine
        self._grouping = Grouping()
        self._ends: dict[Topic, int] = {}

    def arrive(self, *matches: Match) -> list[StoryState]:
        """Group, store and owe these; returns the decisions."""
        decided: list[StoryState] = []
        for match in matches:
            offset = self._ends.get(MATCHES, 0)
            self.wait(match)
            decided.append(self._grouping.decide(match, source_offset=offset))
            self._apply(decided[-1])
        return decided

    def wait(self, match: Match) -> None:
        """Store what the processor has not grouped yet."""
        classification: Classification = decide(match.article, match.matched_at)[0]
        self.put((ARTICLES, match.article), (CLASSIFICATIONS, classification), (MATCHES, match))

    def correct(self, correction: Correction) -> GroupState:
        offset = self._ends.get(MATCHES, 0)
        self.put((MATCHES, correction))
        answer = self._grouping.correct(correction, source_offset=offset)
        self._apply(answer)
        return answer

    def _apply(self, state: GroupState) -> None:
        self._grouping.apply(state)
        self.put(*((one.topic, read_record(one.topic, one.value)) for one in outputs_of(state, 0) if one.topic is not STORY_STATE))

    def put(self, *found: tuple[Topic, Record | None]) -> None:
        """Store these at the ends of their topics, and owe the alerts among them."""
        batch = []
        for topic, record in found:
            offset = self._ends.get(topic, 0)
            self._ends[topic] = offset + 1
            batch.append(KafkaRecord(topic, topic.base_name, 0, offset, None, b"", record=record))
        with writing(self._engine) as connection:
            enqueue(connection, [one for one in batch if isinstance(one.record, Alert)], RECEIVERS, now=NOON + timedelta(hours=6))
            writer(self._settings)(connection, batch)
            deliver_pending(connection)


def note_loss(engine: Engine, *topics: Topic, reason: ResumeReason = ResumeReason.LOG_REPLACED, now: datetime = LATER) -> None:
    with writing(engine) as connection:
        add_losses(connection, [Loss("store", one.base_name, 0, reason.value, 5, 0, None, "a", "b") for one in topics], now=now)


def faults(engine: Engine) -> list[str]:
    """What the ledger's lines about decisions name."""
    with reading(engine) as connection:
        lines = [line(connection, Horizon()) for line in decisions.LINES]
    return [named for line in lines for named in line.missing.named]


def delivered(engine: Engine) -> list[tuple[str, int]]:
    return sorted((row.alert_id, row.revision) for row in outbox_rows(engine) if row.receiver == "desk" and row.state == "delivered")


def listed(connection: Connection, state: str | None = None) -> list[str]:
    return [row.story_id for row in list_stories(connection, theme_id=None, state=state, since=None, before=None, limit=50)]


def later(one: Match, at: datetime) -> Match:
    """The same article as another feed shows it in its first poll."""
    return msgspec.structs.replace(one, matched_at=at, article=msgspec.structs.replace(one.article, first_seen_at=at, poll_seq=7))


def again(*matches: Match) -> list[Match]:
    """The same articles as their feeds show them when they are read as if for the first time."""
    return [later(one, LATER) for one in matches]


def told_by(state: GroupState) -> tuple[str, int]:
    assert isinstance(state, StoryState)
    assert state.alert is not None
    return state.alert.alert_id, state.alert.revision


def split(state: StoryState, of: Match) -> Correction:
    """A person takes the article out of the story."""
    articles = (of.article.article_id,)
    return Correction(
        correction_id=ids.correction_id(state.theme_id, "split", state.story_id, "", state.story.revision, articles),
        theme_id=state.theme_id, kind=CorrectionKind.SPLIT, story_id=state.story_id, other_story_id=None, article_ids=articles,
        story_revision=state.story.revision, made_at=state.matched_at + timedelta(minutes=5), by="ann", note="",
    )  # fmt: skip


@pytest.mark.parametrize("separate", [TOGETHER, APART])
def test_in_another_order_nothing_is_told_again_and_the_ledger_balances(settings: Settings, engine: Engine, separate: float) -> None:
    first, second = (report(number, at=NOON, separate=separate) for number in (1, 2))
    before = Kafka(settings, engine).arrive(first, second)
    told = delivered(engine)
    note_loss(engine, STORY_STATE, MATCHES, STORIES)
    news = report(4, at=LATER, separate=APART, title="A lighthouse by the harbour")
    after = Kafka(settings, engine).arrive(*again(second, first), news)
    assert faults(engine) == []
    assert not {one.story_id for one in before} & {one.story_id for one in after}
    assert delivered(engine) == sorted([*told, told_by(after[-1])])


def test_what_comes_after_the_loss_is_told_though_the_story_before_had_as_many_revisions(settings: Settings, engine: Engine) -> None:
    """In the same order: a story under its old id would give the news a revision that was delivered already as something else."""
    first, second, news = (spending(number) for number in (1, 2, 3))
    before = Kafka(settings, engine).arrive(first, second)
    told = delivered(engine)
    note_loss(engine, STORY_STATE, MATCHES, STORIES)
    after = Kafka(settings, engine).arrive(*again(first, news))
    assert [state.alert.revision for state in (*before, *after) if state.alert is not None] == [1, 2, 1, 2], "events of one story"
    assert delivered(engine) == sorted([*told, told_by(after[1])])


def test_a_decision_that_changed_without_a_loss_is_named(settings: Settings, engine: Engine) -> None:
    first, second = report(1, at=NOON), report(2, at=NOON)
    opened = Kafka(settings, engine).arrive(first, second)[0]
    note_loss(engine, ALERTS)  # no decision depends on it
    note_loss(engine, STORY_STATE, now=NOON - timedelta(days=1))  # the decision was made after it
    Kafka(settings, engine).arrive(*again(second, first))
    assert any(opened.story_id in name for name in faults(engine))
    assert any(told_by(opened)[0] in name for name in faults(engine))


def test_a_member_that_vanished_is_named_after_a_loss_as_before(settings: Settings, engine: Engine) -> None:
    first, second = report(1, at=NOON), report(2, at=NOON)
    opened = Kafka(settings, engine).arrive(first, second)[0]
    note_loss(engine, STORY_STATE, MATCHES, STORIES)
    Kafka(settings, engine).arrive(*again(second, first))
    with writing(engine) as connection:
        connection.execute(delete(members).where(members.c.match_id == first.match_id))
    named = faults(engine)
    assert any(first.match_id in name for name in named)
    assert any(opened.story_id in name for name in named)


def test_people_see_the_story_that_goes_on_and_are_told_where_the_other_went(settings: Settings, engine: Engine) -> None:
    first, second, left = (report(number, at=NOON) for number in (1, 2, 3))
    old = Kafka(settings, engine).arrive(first, second, left)[0]
    note_loss(engine, STORY_STATE, MATCHES, STORIES)
    new = Kafka(settings, engine).arrive(*again(second, first))[0]
    with reading(engine) as connection:
        assert (listed(connection), listed(connection, "open"), listed(connection, "superseded")) == (
            [new.story_id], [new.story_id], [old.story_id],
        )  # fmt: skip
        shown = show_story(connection, old.story_id, limit=9)
        assert shown is not None
        assert (shown.story.state, shown.went_to, [row.match_id for row in shown.members]) == (
            SUPERSEDED, {new.story_id: 2}, [left.match_id],
        )  # fmt: skip
        alerts = list_alerts(connection, theme_id=None, severity=(), since=None, unacknowledged=False, limit=9)
        assert [one.row.story_id for one in alerts] == [new.story_id]
        assert show_alert(connection, told_by(old)[0]).went_to == {new.story_id: 2}
        assert show_alert(connection, alerts[0].row.alert_id).went_to == {}
        rows = [story_row(connection, name) for name in (old.story_id, new.story_id)]
        assert None not in rows
        for checked in (
            split_of(connection, rows[0], [left.article.article_id], by="ann", note="", now=LATER),  # type: ignore[arg-type]
            merge_of(connection, rows[1], rows[0], by="ann", note="", now=LATER),  # type: ignore[arg-type]
        ):
            assert isinstance(checked, Refused)
            assert new.story_id in checked.why


def test_readers_of_the_alert_feed_see_each_event_once(settings: Settings, engine: Engine) -> None:
    first, second = report(1, at=NOON), report(2, at=NOON)
    Kafka(settings, engine).arrive(first, second)
    with reading(engine) as connection:
        before = [entry.id for entry in newest(connection, None, limit=9)]
    note_loss(engine, STORY_STATE, MATCHES, STORIES)
    news = report(4, at=LATER, separate=APART, title="A lighthouse by the harbour")
    kafka = Kafka(settings, engine)
    after = kafka.arrive(*again(second, first), news)
    with reading(engine) as connection:
        assert [entry.id for entry in newest(connection, None, limit=9)] == [f"urn:newsmon:alert:{told_by(after[-1])[0]}", *before]
    kafka.arrive(later(report(5, at=LATER, separate=APART, title="A pier in the harbour"), LATER + timedelta(days=9)))
    with reading(engine) as connection:
        shown = {entry.id for entry in newest(connection, None, limit=9)}
        assert {row.state for row in list_stories(connection, theme_id=None, state="closed", since=None, before=None, limit=9)} == {
            "closed"
        }
    assert f"urn:newsmon:alert:{told_by(after[0])[0]}" not in shown, "nor that a story they know under another id is over"
    assert shown >= {*before, f"urn:newsmon:alert:{told_by(after[-1])[0]}"}


def test_a_correction_from_before_the_loss_is_over_and_a_new_one_holds(settings: Settings, engine: Engine) -> None:
    first, second = report(1, at=NOON), report(2, at=NOON)
    kafka = Kafka(settings, engine)
    old = kafka.arrive(first, second)[0]
    kafka.correct(split(old, second))
    note_loss(engine, STORY_STATE, MATCHES, STORIES)
    kafka = Kafka(settings, engine)
    new = kafka.arrive(*again(second, first))[0]
    with reading(engine) as connection:
        assert [row.match_id for row in members_of(connection, new.story_id)] == [second.match_id, first.match_id]
    correction = split(new, first)
    kafka.correct(correction)
    with reading(engine) as connection:
        assert [row.match_id for row in members_of(connection, new.story_id)] == [second.match_id]
        made = ids.split_story_id(correction.theme_id, correction.correction_id)
        assert [row.match_id for row in members_of(connection, made)] == [first.match_id]
    assert faults(engine) == []


def test_what_was_under_way_when_its_log_was_lost_is_counted_and_what_vanished_before_is_named(settings: Settings, engine: Engine) -> None:
    first, second, third, fourth = (report(number, at=NOON) for number in (1, 2, 3, 4))
    kafka = Kafka(settings, engine)
    kafka.wait(first)
    old = kafka.arrive(second)[0]
    kafka.wait(third)
    kafka.put((ARTICLES, fourth.article), (MATCHES, split(old, second)))
    named = faults(engine)
    assert [name for name in named for one in (first, third) if one.match_id in name] != []
    note_loss(engine, ARTICLES, MATCHES, CLASSIFICATIONS, STORIES, STORY_STATE)
    assert faults(engine) == [f"{first.match_id} (harbour) is in no story"]


def test_articles_that_expired_before_the_processor_read_them_are_counted(settings: Settings, engine: Engine) -> None:
    unread, other = report(1, at=NOON), report(2, at=NOON)
    Kafka(settings, engine).put((ARTICLES, unread.article), (ARTICLES, other.article))
    with writing(engine) as connection:
        loss = Loss("processor", ARTICLES.base_name, 0, ResumeReason.EXPIRED.value, 0, 1, 1, None, None)
        add_losses(connection, [loss], now=LATER)
    [named] = faults(engine)
    assert other.article.revision_id in named


def test_what_expired_before_the_store_read_it_is_counted_and_what_vanished_otherwise_is_named(settings: Settings, engine: Engine) -> None:
    first, second, third = (later(report(number, at=NOON, separate=APART), NOON + timedelta(hours=number)) for number in (1, 2, 3))
    states = Kafka(settings, engine).arrive(first, second, third)
    gone = states[1]
    with writing(engine) as connection:
        place = connection.execute(select(members.c.kafka_offset).where(members.c.match_id == gone.match_id)).scalar_one()
        for table in (members, stories, alerts):
            connection.execute(delete(table).where(table.c.story_id == gone.story_id))
    assert faults(engine) == [f"{gone.match_id} (harbour) is in no story"]
    with writing(engine) as connection:
        loss = Loss("store", STORIES.base_name, 0, ResumeReason.EXPIRED.value, place, place + 1, 1, None, None)
        add_losses(connection, [loss], now=LATER)
    assert faults(engine) == []
    with writing(engine) as connection:
        connection.execute(delete(members).where(members.c.match_id == states[2].match_id))
    assert any(states[2].match_id in name for name in faults(engine))


def test_an_article_that_comes_back_after_its_story_closed_needs_no_loss(settings: Settings, engine: Engine) -> None:
    first = report(1, at=NOON)
    kafka = Kafka(settings, engine)
    kafka.arrive(first)
    kafka.arrive(later(report(2, at=NOON, separate=APART, title="A lighthouse by the harbour"), NOON + timedelta(days=4)))
    told = delivered(engine)
    kafka.arrive(later(first, NOON + timedelta(days=4, hours=1)))
    assert faults(engine) == []
    assert delivered(engine) == told
