"""`newsmon stories list | show`, and which corrections are made, refused or needless, over a real database."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Engine, Row, select, update
from support.filled import fill
from support.samples import NOON
from support.world import small_world

from newsmon.app.cli.alerts.alerts import command as alerts_command
from newsmon.app.cli.stories.stories import command
from newsmon.codec import encode
from newsmon.errors import SettingsError
from newsmon.ids import event_id, split_story_id
from newsmon.records import AlertState, Corrected, Correction, CorrectionKind, CorrectionOutcome, Moved, Record, Story
from newsmon.settings import load_settings
from newsmon.topics import MATCHES, STORIES, Topic
from sinks.consumer.kafka_record import KafkaRecord
from sinks.database.earlier import keep_earlier
from sinks.database.engine import reading, writing
from sinks.database.tables import alerts, matches, members, stories
from sinks.ledger.decisions import LINES
from sinks.ledger.tally import Horizon
from sinks.queries.corrections import AlreadySo, Checked, Refused, Wanted, merge_of, split_of
from sinks.queries.stories import members_of, show_story, stories_of_article
from sinks.store.service import writer

WORLD = small_world(polls=4)


@pytest.fixture
def config(tmp_path: Path) -> Path:
    file = tmp_path / "newsmon.toml"
    file.write_text(f'state_dir = "{tmp_path}"\n', "utf-8")
    return file


@pytest.fixture(autouse=True)
def _filled(config: Path, engine: Engine) -> None:
    fill(load_settings(config, {}), engine, WORLD)


def newsmon(config: Path, action: str, *arguments: str) -> Result:
    return CliRunner().invoke(command, [action, "--config", str(config), *arguments], catch_exceptions=False)


def a_story(engine: Engine, *, of: int = 0) -> Row[Any]:
    """A stored story of three members; the one of that number."""
    with reading(engine) as connection:
        query = (
            select(stories)
            .where(stories.c.article_count == 3, stories.c.state != "closed")
            .order_by(stories.c.theme_id, stories.c.story_id)
        )
        return connection.execute(query).all()[of]


def check(engine: Engine, of: Callable[..., Checked], *arguments: Any) -> Checked:
    with reading(engine) as connection:
        return of(connection, *arguments, by="ann", note="", now=NOON + timedelta(hours=2))


def store(config: Path, engine: Engine, topic: Topic, *records: Record, offset: int = 1_000) -> None:
    batch = [KafkaRecord(topic, topic.base_name, 0, offset + n, None, encode(one), record=one) for n, one in enumerate(records)]
    with writing(engine) as connection:
        writer(load_settings(config, {}))(connection, batch)


def answered(config: Path, engine: Engine, correction: Correction, rows: Sequence[Row[Any]], to_story_id: str) -> None:
    """Store the correction and the processor's answer, which moves these members."""
    of_world = {one.story_id: one for one in WORLD.of(STORIES) if isinstance(one, Story)}
    moved = tuple(
        Moved(
            match_id=row.match_id, article_id=row.article_id, from_story_id=correction.other_story_id or correction.story_id,
            to_story_id=to_story_id, event_id=row.event_id,
        ) for row in rows
    )  # fmt: skip
    changed = msgspec.structs.replace(of_world[correction.story_id], story_id=to_story_id, revision=99, latest=None, event=None)
    answer = Corrected(
        correction=correction, source_offset=1_000, outcome=CorrectionOutcome.APPLIED, decided_at=correction.made_at, moved=moved,
        stories=(changed,),
    )  # fmt: skip
    store(config, engine, MATCHES, correction)
    store(config, engine, STORIES, changed, answer)


def balanced(engine: Engine) -> dict[str, dict[str, int]]:
    with reading(engine) as connection:
        lines = [line(connection, Horizon()) for line in LINES]
    assert all(line.balanced for line in lines), [line for line in lines if not line.balanced]
    return {line.name: {name: count for name, count in line.parts.items() if count} for line in lines}


def test_the_list_is_paged_from_the_story_that_changed_last(config: Path, engine: Engine) -> None:
    whole = [json.loads(line) for line in newsmon(config, "list", "--json").output.splitlines()]
    assert len(whole) > 3
    assert [one["updated_at"] for one in whole] == sorted((one["updated_at"] for one in whole), reverse=True)
    paged: list[str] = []
    page = newsmon(config, "list", "--limit", "2", "--json")
    while lines := page.output.splitlines():
        paged += [json.loads(line)["story_id"] for line in lines]
        page = newsmon(config, "list", "--limit", "2", "--json", "--before", paged[-1])
    assert paged == [one["story_id"] for one in whole]
    trade = newsmon(config, "list", "--theme", "us-trade").output.splitlines()
    assert 0 < len(trade) < len(whole)
    assert all("us-trade" in line for line in trade)
    assert newsmon(config, "list", "--closed").exit_code == 0


def test_a_story_that_a_loss_left_behind_is_listed_apart_and_says_where_its_articles_are(config: Path, engine: Engine) -> None:
    left, other = a_story(engine), a_story(engine, of=1)
    with writing(engine) as connection:
        rows = connection.execute(select(members).where(members.c.story_id == left.story_id)).mappings().all()
        later = left.updated_at + timedelta(hours=1)
        keep_earlier(connection, [{**row, "story_id": other.story_id, "decided_at": later} for row in rows])
        connection.execute(update(members).where(members.c.story_id == left.story_id).values(story_id=other.story_id, decided_at=later))
        alert_id = connection.scalar(select(alerts.c.alert_id).where(alerts.c.story_id == left.story_id))
    assert left.story_id not in newsmon(config, "list").output
    assert newsmon(config, "list", "--superseded").output.split()[3:6] == ["superseded", left.theme_id, left.story_id]
    where = f"were decided again; now in {other.story_id} ({len(rows)})"
    assert where in newsmon(config, "show", left.story_id).output
    assert json.loads(newsmon(config, "show", left.story_id, "--json").output)["went_to"] == {other.story_id: len(rows)}
    alert = CliRunner().invoke(alerts_command, ["show", "--config", str(config), str(alert_id)], catch_exceptions=False)
    assert where in alert.output
    refused = newsmon(config, "merge", other.story_id, left.story_id)
    assert (refused.exit_code, other.story_id in refused.output) == (1, True)


def test_a_story_is_shown_by_event_with_why_each_article_is_in_and_what_was_told(config: Path, engine: Engine) -> None:
    story = a_story(engine)
    text = newsmon(config, "show", story.story_id[:12]).output
    assert "in because: opened the story; alert: new story" in text
    assert "in because: the same report elsewhere (a_" in text
    assert "told 2026-" in text
    assert "delivered 1" in text
    shown = json.loads(newsmon(config, "show", story.story_id, "--json").output)
    assert shown["story"]["story_id"] == story.story_id
    assert shown["members"][0]["relation"] == "opened"
    assert {one["event_id"] for one in shown["members"]} == {one["event_id"] for one in shown["events"]}
    assert shown["told"][0]["deliveries"]["delivered"] == 1
    assert (shown["member_count"], shown["corrections"]) == (3, [])
    assert "more articles (--limit)" in newsmon(config, "show", story.story_id, "--limit", "1").output


def test_the_members_of_a_story_from_before_events_are_those_of_its_only_event(config: Path, engine: Engine) -> None:
    story = a_story(engine)
    with reading(engine) as connection:
        first = members_of(connection, story.story_id)[0]
    with writing(engine) as connection:
        connection.execute(update(members).where(members.c.story_id == story.story_id).values(event_id=None))
    with reading(engine) as connection:
        assert {row.event_id for row in members_of(connection, story.story_id)} == {event_id(story.story_id)}
        assert stories_of_article(connection, first.article_id)[-1].event_id == event_id(story.story_id)
    assert "not recorded" not in newsmon(config, "show", story.story_id).output


def test_wrong_ids_are_refused_with_the_nearest(config: Path, engine: Engine) -> None:
    story = a_story(engine)
    wrong = f"{story.story_id[:-3]}xyz"
    with pytest.raises(SettingsError, match=f"did you mean {story.story_id}"):
        newsmon(config, "show", wrong)
    with reading(engine) as connection:
        article_id = members_of(connection, story.story_id)[1].article_id
    with pytest.raises(SettingsError, match=f"is not an article of {story.story_id}; did you mean {article_id}"):
        newsmon(config, "split", story.story_id, f"{article_id[:-2]}xy")
    with pytest.raises(SettingsError, match=f"several articles of {story.story_id} start with 'a_'"):
        newsmon(config, "split", story.story_id, "a_")


def test_a_split_moves_members_and_the_ledger_counts_it(config: Path, engine: Engine) -> None:
    before = balanced(engine)
    assert before["corrections"] == {}
    story = a_story(engine)
    with reading(engine) as connection:
        first, *_rest, last = members_of(connection, story.story_id)
    wanted = check(engine, split_of, story, [last.article_id])
    assert isinstance(wanted, Wanted)
    assert wanted.correction.article_ids == (last.article_id,)
    assert check(engine, split_of, story, [last.url]) == wanted, "an address names it as well"
    made = split_story_id(story.theme_id, wanted.correction.correction_id)
    answered(config, engine, wanted.correction, [last], made)
    after = balanced(engine)
    assert after["corrections"] == {"applied": 1}
    assert after["stories"]["split off by a person"] == 1
    with reading(engine) as connection:
        assert [row.match_id for row in members_of(connection, made)] == [last.match_id]
        assert last.match_id not in [row.match_id for row in members_of(connection, story.story_id)]
        assert stories_of_article(connection, first.article_id)[-1].story_id == story.story_id
        assert stories_of_article(connection, last.article_id)[-1].story_id == made
        shown = show_story(connection, made, limit=10)
    assert shown is not None
    assert [row.correction_id for row in shown.corrections] == [wanted.correction.correction_id]
    assert f"moved here from {story.story_id}" in newsmon(config, "show", made).output
    assert "by ann: 1 article split off" in newsmon(config, "show", story.story_id).output
    again = check(engine, split_of, story, [last.article_id])
    assert again == AlreadySo(f"{last.article_id} was split off before", made)
    assert newsmon(config, "split", story.story_id, last.article_id).output.startswith("already so")
    assert check(engine, split_of, story, [last.url]) == AlreadySo(f"{last.url} was split off before", made)


def test_what_cannot_be_split_or_merged_is_refused(config: Path, engine: Engine) -> None:
    story, other = a_story(engine), a_story(engine, of=1)
    with reading(engine) as connection:
        rows = members_of(connection, story.story_id)
        foreign = connection.execute(select(stories).where(stories.c.theme_id != story.theme_id)).first()
    everything = check(engine, split_of, story, [row.article_id for row in rows])
    assert isinstance(everything, Refused)
    assert "nothing would be left" in everything.why
    assert isinstance(check(engine, merge_of, story, story), Refused)
    assert isinstance(check(engine, merge_of, story, foreign), Refused)
    assert newsmon(config, "merge", story.story_id, story.story_id).exit_code == 1
    of_world = next(one for one in WORLD.of(STORIES) if isinstance(one, Story) and one.story_id == other.story_id)
    closed = msgspec.structs.replace(of_world, revision=99, state=AlertState.CLOSED, latest=None, event=None, closed_at=NOON)
    store(config, engine, STORIES, closed)
    for checked in (check(engine, split_of, a_closed(engine), [rows[0].article_id]), check(engine, merge_of, story, a_closed(engine))):
        assert isinstance(checked, Refused)
    assert newsmon(config, "merge", story.story_id, other.story_id).exit_code == 1


def a_closed(engine: Engine) -> Row[Any]:
    with reading(engine) as connection:
        return connection.execute(select(stories).where(stories.c.state == "closed")).one()


def test_stories_that_were_merged_are_one_already_and_splitting_their_articles_undoes_it(config: Path, engine: Engine) -> None:
    story, other = a_story(engine), a_story(engine, of=1)
    assert story.theme_id == other.theme_id
    wanted = check(engine, merge_of, story, other)
    assert isinstance(wanted, Wanted)
    assert (wanted.correction.kind, wanted.correction.other_story_id) == (CorrectionKind.MERGE, other.story_id)
    with reading(engine) as connection:
        rows = members_of(connection, other.story_id)
    answered(config, engine, wanted.correction, rows, story.story_id)
    balanced(engine)
    assert check(engine, merge_of, story, other) == AlreadySo(f"{other.story_id} was merged into {story.story_id} before", story.story_id)
    with reading(engine) as connection:
        assert len(members_of(connection, story.story_id)) == 6
        assert members_of(connection, other.story_id) == []
    undone = check(engine, split_of, a_story_now(engine, story.story_id), [row.article_id for row in rows])
    assert isinstance(undone, Wanted)
    assert undone.correction.correction_id != wanted.correction.correction_id


def a_story_now(engine: Engine, story_id: str) -> Row[Any]:
    with reading(engine) as connection:
        return connection.execute(select(stories).where(stories.c.story_id == story_id)).one()


def test_the_words_that_put_an_article_on_theme_are_each_shown_once(config: Path, engine: Engine) -> None:
    story = a_story(engine)
    with reading(engine) as connection:
        row = members_of(connection, story.story_id)[0]
    likeness = {"article_id": "a_1", "verdict": "same", "event_score": 1.0, "story_score": 2.0, "evidence": {"bias": 1.0, "places": 0.5}}
    with writing(engine) as connection:
        connection.execute(update(members).where(members.c.match_id == row.match_id).values(likeness=likeness))
        connection.execute(update(matches).where(matches.c.match_id == row.match_id).values(evidence=row.evidence * 5))
    text = newsmon(config, "show", story.story_id).output
    said = next(line for line in text.splitlines() if "on theme because: " in line)
    assert all(said.count(f"{one['field']} “{one['text']}”") == 1 for one in row.evidence[:4])
    assert "event +1.00, story +2.00 (places 0.5)" in text
