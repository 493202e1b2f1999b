"""The retained articles as the processor read them, from the database, in the order of time.

In: an engine, a moment. Out: `Article` records, one per sighting. I/O: reads the database, a page at a time.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import Engine, func, select

from newsmon.records import Article, DateQuality, Origin
from sinks.database.engine import reading
from sinks.database.tables import revisions, sightings

PAGE_ROWS = 1_000

_COLUMNS = (
    sightings.c.article_id, sightings.c.revision, sightings.c.revision_id, revisions.c.content_hash, sightings.c.origin,
    sightings.c.feed_id, sightings.c.source, sightings.c.tier, sightings.c.country, sightings.c.poll_seq, sightings.c.poll_id,
    sightings.c.url, sightings.c.guid, revisions.c.title, revisions.c.lead, revisions.c.body, revisions.c.language,
    sightings.c.published_at, sightings.c.published_raw, sightings.c.date_quality, sightings.c.first_seen_at, sightings.c.baseline,
    sightings.c.reidentified,
)  # fmt: skip
_NAMES = tuple(column.name for column in _COLUMNS)
_ORIGIN, _QUALITY = _NAMES.index("origin"), _NAMES.index("date_quality")


def stored_count(engine: Engine, *, since: datetime) -> int:
    """How many article records there are from `since` on."""
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
            values = list(row)
            values[_ORIGIN], values[_QUALITY] = Origin(values[_ORIGIN]), DateQuality(values[_QUALITY])
            yield Article(**dict(zip(_NAMES, values, strict=True)))
