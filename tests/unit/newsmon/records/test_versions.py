"""Records can grow: every version ever written is read, a version in force never changes, and a newer one waits in quarantine."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from support.kept_records import FOLDER, bytes_file, filled, is_within, kept, shape_file, shape_of
from support.samples import article, every_record, match

from newsmon.codec import decode, encode, record_tag
from newsmon.errors import RecordError, RecordFault
from newsmon.records import ALL_RECORDS, Article, FeedState, Match, Record, StoryState, WaitingPage
from newsmon.records.upgrades import STEPS, Step, as_it_is, following, newest
from newsmon.topics import ALL_TOPICS

BY_NAME = {record_tag(kind).partition("/")[0]: kind for kind in ALL_RECORDS}
NEWEST = {name: int(record_tag(kind).partition("/")[2]) for name, kind in BY_NAME.items()}
WEBHOOK = "webhook-alert/1"  # no record: tests/unit/sinks/message/test_message.py reads it
EVERY_TAG = [f"{name}/{version}" for name in BY_NAME for version in range(1, NEWEST[name] + 1)]
EVERY_KEPT = [pytest.param(tag, raw, id=f"{tag}-{line}") for tag in EVERY_TAG for line, raw in enumerate(kept(tag), 1)]


NOW = record_tag(Article)
NEXT = following(NOW)
LATER = following(NEXT)
ONE_STEP = {**STEPS, NOW: as_it_is}


class NextArticle(Article, frozen=True, kw_only=True, tag=NEXT):
    """An article as a newer newsmon may have it."""

    mood: str | None = None


class NextMatch(Match, frozen=True, kw_only=True, tag=record_tag(Match)):
    """A match of that newsmon: its own version is the same, that of the article inside is not."""

    article: NextArticle  # type: ignore[assignment]


class LaterArticle(Record, frozen=True, kw_only=True, tag=LATER):
    """An article as a still newer newsmon may have it: little is left of it."""

    article_id: str
    headline: str
    mood: str


def _to_later(raw: dict[str, Any]) -> dict[str, Any]:
    return {"article_id": raw["article_id"], "headline": raw["title"], "mood": raw.get("mood") or "none"}


def next_article(mood: str = "grim") -> NextArticle:
    return NextArticle(**msgspec.structs.asdict(article()), mood=mood)


# What was written before is read.


def test_the_bytes_of_every_version_are_kept_and_of_nothing_else() -> None:
    assert all(kept(tag) for tag in EVERY_TAG)
    assert set(FOLDER.glob("*.jsonl")) == {bytes_file(tag) for tag in (*EVERY_TAG, WEBHOOK)}
    assert set(FOLDER.glob("*.shape.json")) == {shape_file(record_tag(kind)) for kind in ALL_RECORDS}


def test_there_is_one_step_from_each_version_to_the_next() -> None:
    assert set(STEPS) == {f"{name}/{version}" for name in BY_NAME for version in range(1, NEWEST[name])}


@pytest.mark.parametrize(("tag", "raw"), EVERY_KEPT)
def test_whatever_was_ever_written_is_read(tag: str, raw: bytes) -> None:
    kind = BY_NAME[tag.partition("/")[0]]
    record = decode(raw, kind)
    assert type(record) is kind
    assert decode(b" " + raw, kind) == record, "in whatever layout the JSON is"
    assert decode(encode(record), kind) == record


@pytest.mark.parametrize(("tag", "raw"), EVERY_KEPT)
def test_reading_an_older_version_loses_nothing_that_its_step_does_not_drop(tag: str, raw: bytes) -> None:
    written_again = json.loads(encode(decode(raw, BY_NAME[tag.partition("/")[0]])))
    assert is_within(newest(json.loads(raw)), written_again)


def test_a_step_does_not_change_what_it_is_given() -> None:
    for tag in STEPS:
        for raw in kept(tag):
            given = json.loads(raw)
            newest(given)
            assert given == json.loads(raw)


def test_pulses_of_the_first_shape_are_learned_again_and_the_others_stay() -> None:
    pulses = [decode(raw, StoryState).pulses for raw in kept("story-state/1")]
    given = [json.loads(raw).get("pulses", []) for raw in kept("story-state/1")]
    first_shape = [bool(one) and "spread" in one[0] for one in given]
    assert [bool(one) for one in given] == [False, False, True, False, True, False]
    assert [(len(read), was_first) for read, was_first in zip(pulses, first_shape, strict=True) if was_first] == [(0, True)]
    assert [read[0].since_hour for read in pulses if read] == [3]


# A version in force does not change.


@pytest.mark.parametrize("kind", ALL_RECORDS, ids=lambda kind: kind.__name__)
def test_the_shape_of_a_version_in_force_is_the_kept_one(kind: type[Record]) -> None:
    """Red: raise the record's version, as the docstring of `newsmon.records` says."""
    assert shape_of(kind) == json.loads(shape_file(record_tag(kind)).read_text("utf-8"))


@pytest.mark.parametrize("kind", ALL_RECORDS, ids=lambda kind: kind.__name__)
def test_what_a_version_in_force_writes_is_kept(kind: type[Record]) -> None:
    assert encode(filled(kind)) in kept(record_tag(kind))


def test_the_shape_tells_of_every_change_that_an_older_program_would_refuse() -> None:
    class Growing(Record, frozen=True, kw_only=True, tag="growing/1"):
        one: str
        two: int = 0

    class More(Record, frozen=True, kw_only=True, tag="growing/1"):
        one: str
        two: int = 0
        three: str | None = None

    class OtherDefault(Record, frozen=True, kw_only=True, tag="growing/1"):
        one: str
        two: int = 1

    shapes = [list(shape_of(kind).values()) for kind in (Growing, More, OtherDefault)]
    assert all(shapes.count(shape) == 1 for shape in shapes)


def test_a_record_inside_another_one_is_no_part_of_its_shape() -> None:
    assert "Article" not in shape_of(Match)
    assert "Evidence" in shape_of(Match)
    assert [list(shape_of(kind).values())[1:] for kind in (Match,)] == [list(shape_of(NextMatch).values())[1:]]


# A chain of versions, and records inside records.


def test_versions_are_climbed_one_by_one() -> None:
    steps = {**ONE_STEP, NEXT: _to_later}
    old = decode(encode(article()), LaterArticle, steps=steps)
    assert (old.headline, old.mood) == (article().title, "none")
    assert decode(encode(next_article()), LaterArticle, steps=steps).mood == "grim"


def test_an_older_record_is_upgraded_where_it_stands_inside_another_one() -> None:
    old = match(article())
    read = decode(encode(old), NextMatch, steps=ONE_STEP)
    assert (type(read.article), read.article.mood, read.article.title) == (NextArticle, None, old.article.title)


@pytest.mark.parametrize(
    "step", [_to_later, lambda raw: raw["title"] + 1, lambda raw: raw["no"]], ids=["other fields", "TypeError", "KeyError"]
)
def test_what_a_step_cannot_make_sense_of_is_of_the_wrong_shape(step: Step) -> None:
    with pytest.raises(RecordError) as caught:
        decode(encode(article()), NextArticle, steps={**STEPS, NOW: step})
    assert caught.value.reason is RecordFault.WRONG_SHAPE


def test_an_unknown_field_is_refused_in_older_versions_too() -> None:
    raw = json.dumps({**json.loads(kept("story-state/1")[0]), "surprise": 1}).encode()
    with pytest.raises(RecordError) as caught:
        decode(raw, StoryState)
    assert caught.value.reason is RecordFault.WRONG_SHAPE


# A newer version is refused as such, wherever it stands.


@pytest.mark.parametrize("kind", ALL_RECORDS, ids=lambda kind: kind.__name__)
def test_a_newer_version_is_told_apart_from_damage(kind: type[Record]) -> None:
    name = record_tag(kind).partition("/")[0]
    newer = {**json.loads(encode(filled(kind))), "record": f"{name}/{NEWEST[name] + 1}", "added": None}
    with pytest.raises(RecordError) as caught:
        decode(json.dumps(newer).encode(), kind)
    assert caught.value.reason is RecordFault.UNKNOWN_VERSION
    assert f"{name}/{NEWEST[name] + 1}" in str(caught.value)


def test_a_newer_record_inside_a_known_one_is_told_apart_from_damage() -> None:
    newer = NextMatch(**msgspec.structs.asdict(match(article())) | {"article": next_article()})
    state = next(one for one in every_record() if isinstance(one, FeedState))
    waiting = WaitingPage(article=next_article(), not_before=article().first_seen_at)  # type: ignore[arg-type]
    for raw, kind in ((encode(newer), Match), (encode(msgspec.structs.replace(state, pages=(waiting,))), FeedState)):
        with pytest.raises(RecordError) as caught:
            decode(raw, kind)
        assert caught.value.reason is RecordFault.UNKNOWN_VERSION
        assert NEXT in str(caught.value)


def test_a_newer_newsmon_reads_the_very_bytes_that_this_one_refused() -> None:
    raw = encode(next_article())
    with pytest.raises(RecordError):
        decode(raw, Article)
    assert decode(raw, NextArticle, steps=ONE_STEP) == next_article()


def test_every_record_of_a_topic_is_one_whose_versions_are_kept() -> None:
    assert {topic.record for topic in ALL_TOPICS if topic.record} <= set(BY_NAME.values())
