"""Reads the retained articles from the database as the processor read them, in order of time.

In: an engine, a moment. Out: `Article` records, one per sighting. I/O: reads the database, a page at a time.

Each article comes back as it was on its topic, but for its text: that is stored once for all feeds that show the same
words, as the first of them had it, so white space and capitals may be another feed's.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, Engine, Row, func, select

from newsmon.records import Article
from sinks.database.engine import reading
from sinks.database.tables import revisions, sightings

PAGE_ROWS = 1_000


def _column(name: str) -> ColumnElement[Any]:
    """The column of an article's field: in its sighting, else with its text, which also fills in for older sightings."""
    if name not in sightings.c:
        return revisions.c[name]
    own = sightings.c[name]
    return func.coalesce(own, revisions.c[name]).label(name) if own.nullable and name in revisions.c else own


_NAMES = Article.__struct_fields__
_COLUMNS = tuple(_column(name) for name in _NAMES)
_OPTIONAL = frozenset(field.name for field in msgspec.structs.fields(Article) if not field.required)


def stored_article(connection: Connection, article_id: str) -> Article | None:
    """The newest text of an article, from the feed that showed it first; None when it is not stored."""
    query = select(*_COLUMNS).join(revisions, revisions.c.revision_id == sightings.c.revision_id)
    newest = (sightings.c.revision.desc(), sightings.c.first_seen_at, sightings.c.feed_id)
    row = connection.execute(query.where(sightings.c.article_id == article_id).order_by(*newest).limit(1)).first()
    return None if row is None else _article(row)


def stored_count(engine: Engine, *, since: datetime) -> int:
    """The number of article records from `since` on."""
    with reading(engine) as connection:
        return connection.execute(select(func.count()).where(sightings.c.first_seen_at >= since)).scalar_one()


def stored_articles(engine: Engine, *, since: datetime) -> Iterator[Article]:
    """Every article record first seen at or after `since`, by that time; ties by feed, poll and article."""
    query = (
        select(*_COLUMNS)
        .join(revisions, revisions.c.revision_id == sightings.c.revision_id)
        .where(sightings.c.first_seen_at >= since)
        .order_by(sightings.c.first_seen_at, sightings.c.feed_id, sightings.c.poll_seq, sightings.c.article_id)
    )
    with reading(engine) as connection:
        for row in connection.execution_options(yield_per=PAGE_ROWS).execute(query):
            yield _article(row)


def _article(row: Row[Any]) -> Article:
    # a column younger than the row is null: then the record's own default holds
    known = {name: value for name, value in zip(_NAMES, row, strict=True) if value is not None or name not in _OPTIONAL}
    return msgspec.convert(known, Article)
