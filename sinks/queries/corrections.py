"""A person's correction of stories: checks it against what is stored, makes it, publishes it and looks up the answer.

In: story and article ids as a person gives them. Out: `Correction` records on news.matches, among the matches of their theme; what the
grouping stage answered. I/O: the database, Kafka.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, Row, and_, or_, select

from newsmon import ids
from newsmon.codec import encode
from newsmon.kafka.admin import ensure_topics
from newsmon.kafka.connect import open_producer, reaching_kafka
from newsmon.kafka.publisher import abandon
from newsmon.records import Correction, CorrectionKind, CorrectionOutcome
from newsmon.settings import Settings
from newsmon.topics import MATCHES
from sinks.database.earlier import is_void
from sinks.database.engine import reading
from sinks.database.tables import corrected, corrections, members, moves, stories
from sinks.queries.stories import NAMED_AT_MOST, ROW, SUPERSEDED, members_of, went_to

ACK_TIMEOUT_S = 30.0
LOOK_EVERY_S = 0.2


@dataclass(frozen=True, slots=True)
class Refused:
    """The reason why the correction cannot be made, for people; `named`: the argument at fault."""

    why: str
    named: str | None = None
    known: Mapping[str, str] | None = None  # what the argument may be, with its title


@dataclass(frozen=True, slots=True)
class AlreadySo:
    """The stories already are as the person wants them, through an earlier correction or decision."""

    why: str
    story_id: str  # where the articles are, or the story that both are


@dataclass(frozen=True, slots=True)
class Wanted:
    """The correction to publish. `staying_copies`: how many copies of its articles stay where they are, because they were not named."""

    correction: Correction
    titles: tuple[str, ...]
    staying_copies: int = 0


Checked = Wanted | AlreadySo | Refused


def split_of(
    connection: Connection, story: Row[Any], articles: Sequence[str], *, by: str, note: str, now: datetime
) -> Checked:  # fmt: skip
    """The split that takes these articles (ids, their beginnings, or addresses) out of the story, with all their revisions."""
    if (left := _left_behind(connection, story)) is not None:
        return left
    mine = members_of(connection, story.story_id)
    by_article = {row.article_id: row.title for row in mine}
    urls = {row.url: row.article_id for row in mine if row.url is not None}
    wanted: list[str] = []
    gone: dict[str, str] = {}
    for name in articles:
        begins = [one for one in by_article if one.startswith(name)]
        found = name if name in by_article else urls.get(name) or (begins[0] if len(begins) == 1 else None)
        if found is not None:
            wanted.append(found)
            continue
        if len(begins) > 1:
            return Refused(f"several articles of {story.story_id} start with {name!r}: {', '.join(begins[:NAMED_AT_MOST])}", name, {})
        moved_to = _moved_from(connection, story.story_id, name)
        if moved_to is None:
            return Refused(f"{name!r} is not an article of {story.story_id}", name, by_article)
        gone[name] = moved_to
    if not wanted:
        name, where = next(iter(gone.items()))
        return AlreadySo(f"{name} was split off before", where)
    if gone:
        return Refused(f"{next(iter(gone))} was split off before, the other articles were not: name these alone")
    if story.state == "closed":
        return _closed(story)
    if len(set(wanted)) == len(by_article):
        return Refused(f"these are all articles of {story.story_id}: nothing would be left to split them from")
    correction = _correction(CorrectionKind.SPLIT, story, other=None, articles=wanted, by=by, note=note, now=now)
    staying = {row.article_id for row in mine if row.copy_of in wanted and row.article_id not in wanted}
    return Wanted(correction, tuple(by_article[one] for one in correction.article_ids), len(staying))


def merge_of(
    connection: Connection, story: Row[Any], other: Row[Any], *, by: str, note: str, now: datetime
) -> Checked:  # fmt: skip
    """The merge of `other` into `story`."""
    if story.story_id == other.story_id:
        return Refused("a story cannot be merged with itself")
    if story.theme_id != other.theme_id:
        return Refused(f"{story.story_id} belongs to theme {story.theme_id}, {other.story_id} to {other.theme_id}: a story has one theme")
    for here, there in ((story, other), (other, story)):
        if _was_merged(connection, into=here.story_id, gone=there.story_id):
            return AlreadySo(f"{there.story_id} was merged into {here.story_id} before", here.story_id)
    for one in (story, other):
        if (left := _left_behind(connection, one)) is not None:
            return left
        if one.state == "closed":
            return _closed(one)
    correction = _correction(CorrectionKind.MERGE, story, other=other.story_id, articles=(), by=by, note=note, now=now)
    return Wanted(correction, (story.title, other.title))


def _correction(
    kind: CorrectionKind, story: Row[Any], *, other: str | None, articles: Sequence[str], by: str, note: str, now: datetime
) -> Correction:  # fmt: skip
    chosen = tuple(sorted(set(articles)))
    return Correction(
        correction_id=ids.correction_id(story.theme_id, kind.value, story.story_id, other or "", story.revision, chosen),
        theme_id=story.theme_id, kind=kind, story_id=story.story_id, other_story_id=other, article_ids=chosen,
        story_revision=story.revision, made_at=now, by=by, note=note,
    )  # fmt: skip


def _closed(story: Row[Any]) -> Refused:
    """The refusal of a closed story. Grouping has forgotten it, and a correction is for what grouping does next."""
    at = f" on {story.closed_at:%Y-%m-%d %H:%M}Z" if story.closed_at is not None else ""
    return Refused(
        f"{story.story_id} has closed{at} and stays as it is: nothing can join it any more, so a correction would change no message. "
        "If its event is reported again, the new story can be corrected"
    )


def _left_behind(connection: Connection, story: Row[Any]) -> Refused | None:
    """The refusal of a story that a loss left behind; it names those that its articles are in now."""
    if story.state != SUPERSEDED:
        return None
    now = ", ".join(list(went_to(connection, story.story_id))[:NAMED_AT_MOST])
    return Refused(f"{story.story_id} is superseded: after a loss its articles were decided again and are in {now}; correct these instead")


def _moved_from(connection: Connection, story_id: str, name: str) -> str | None:
    """The story that a correction has moved the article of this id or address to, out of this story."""
    meant = or_(moves.c.article_id.startswith(name, autoescape=True), members.c.url == name)
    moved = (
        select(moves.c.to_story_id)
        .join(members, members.c.match_id == moves.c.match_id)
        .where(moves.c.from_story_id == story_id, ~is_void())
    )
    where: str | None = connection.scalar(moved.where(meant).limit(1))
    return where


def _was_merged(connection: Connection, *, into: str, gone: str) -> bool:
    done = and_(corrected.c.correction_id == corrections.c.correction_id, corrected.c.outcome == CorrectionOutcome.APPLIED.value)
    asked = (corrections.c.kind == CorrectionKind.MERGE.value, corrections.c.story_id == into, corrections.c.other_story_id == gone)
    return connection.execute(select(corrections.c.correction_id).join(corrected, done).where(*asked)).first() is not None


def story_row(connection: Connection, story_id: str) -> Row[Any] | None:
    """The newest stored revision of a story, with the state that it is shown with."""
    return connection.execute(select(*ROW).where(stories.c.story_id == story_id)).one_or_none()


def send(settings: Settings, correction: Correction) -> None:
    """Publish the correction and wait until Kafka has acknowledged it; DependencyError when it does not."""
    ensure_topics(settings, (MATCHES,))
    producer = open_producer(settings, client_id="newsmon-correction")
    try:
        with reaching_kafka(settings):
            topic = MATCHES.named(settings.kafka.topic_prefix)
            producer.send(topic, key=correction.theme_id.encode(), value=encode(correction)).get(timeout=ACK_TIMEOUT_S)
    finally:
        abandon(producer)


def answer_within(engine: Engine, correction_id: str, *, wait_s: float) -> Row[Any] | None:
    """The grouping stage's answer as soon as it is stored; None when it is not within `wait_s`."""
    until = time.monotonic() + wait_s
    while True:
        with reading(engine) as connection:
            row = connection.execute(select(corrected).where(corrected.c.correction_id == correction_id)).one_or_none()
        if row is not None or time.monotonic() >= until:
            return row
        time.sleep(LOOK_EVERY_S)
