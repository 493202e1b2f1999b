"""The ledger's lines from the poll to the stored article."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, exists, func, select

from newsmon.topics import FETCHES
from sinks.database.tables import articles, fetches, quarantined, revisions, sightings
from sinks.ledger.balance import Line, Missing, line_of
from sinks.ledger.tally import NAMED_AT_MOST, Horizon, tally

CHUNK = 1_000


def entries(connection: Connection, horizon: Horizon) -> Line:
    """Entries = new + revised + known + rejected, in total and for each poll."""
    recent = horizon.recent(fetches.c.started_at)
    parts = [fetches.c.new_count, fetches.c.revised_count, fetches.c.known_count, fetches.c.rejected_count]
    sums = [func.coalesce(func.sum(part), 0) for part in (fetches.c.entry_count, *parts)]
    total, *counts = connection.execute(select(*sums).where(recent)).one()
    wrong = and_(recent, fetches.c.entry_count != parts[0] + parts[1] + parts[2] + parts[3])
    count = connection.scalar(select(func.count()).select_from(fetches).where(wrong)) or 0
    named = connection.execute(
        select(fetches.c.feed_id, fetches.c.poll_seq, fetches.c.entry_count, *parts)
        .where(wrong).order_by(fetches.c.feed_id, fetches.c.poll_seq).limit(NAMED_AT_MOST)
    )  # fmt: skip
    texts = tuple(f"{feed} poll {seq}: {said} entries, but {' + '.join(map(str, counted))}" for feed, seq, said, *counted in named)
    return Line(
        "entries", "entries", int(total), dict(zip(("new", "revised", "known", "rejected"), map(int, counts), strict=True)),
        Missing(count, texts), note=_rejections(connection, horizon.since),
    )  # fmt: skip


def _rejections(connection: Connection, since: datetime | None) -> str:
    query = select(fetches.c.rejected).where(fetches.c.rejected_count > 0)
    if since is not None:
        query = query.where(fetches.c.started_at >= since)
    reasons: Counter[str] = Counter()
    for (rejected,) in connection.execution_options(yield_per=CHUNK).execute(query):
        reasons.update(rejected)
    return ", ".join(f"{reason} {count}" for reason, count in sorted(reasons.items()))


def polls(connection: Connection, horizon: Horizon) -> Line:
    """The polls of each feed are numbered without a gap."""
    numbered = (
        select(
            fetches.c.feed_id,
            fetches.c.poll_seq,
            func.lag(fetches.c.poll_seq).over(partition_by=fetches.c.feed_id, order_by=fetches.c.poll_seq).label("before"),
        )
        .where(horizon.recent(fetches.c.started_at))
        .subquery()
    )
    stored = connection.scalar(select(func.count()).select_from(numbered)) or 0
    gap = numbered.c.poll_seq > numbered.c.before + 1
    lost = connection.scalar(select(func.coalesce(func.sum(numbered.c.poll_seq - numbered.c.before - 1), 0)).where(gap)) or 0
    named = connection.execute(select(numbered).where(gap).order_by(numbered.c.feed_id, numbered.c.poll_seq).limit(NAMED_AT_MOST))
    texts = tuple(f"{feed} poll {before + 1}" + (f" to {after - 1}" if after > before + 2 else "") for feed, after, before in named)
    feed_count = connection.scalar(select(func.count(func.distinct(numbered.c.feed_id)))) or 0
    return line_of("polls", "polls", {"stored": stored}, Missing(int(lost), texts), note=f"{feed_count} feeds")


def announced(connection: Connection, horizon: Horizon) -> Line:
    """The new and revised articles each poll announced are stored as its sightings."""
    key = (sightings.c.feed_id, sightings.c.poll_seq)
    seen = select(*key, sightings.c.poll_id, func.count().label("n")).group_by(*key, sightings.c.poll_id).subquery()
    in_quarantine = (
        select(quarantined.c.feed_id, quarantined.c.poll_seq, func.count().label("n"))
        .where(quarantined.c.stage == "store", quarantined.c.poll_seq.is_not(None), ~_stored_after_all())
        .group_by(quarantined.c.feed_id, quarantined.c.poll_seq)
        .subquery()
    )
    source = fetches.outerjoin(
        seen, and_(seen.c.feed_id == fetches.c.feed_id, seen.c.poll_seq == fetches.c.poll_seq, seen.c.poll_id == fetches.c.poll_id)
    ).outerjoin(in_quarantine, and_(in_quarantine.c.feed_id == fetches.c.feed_id, in_quarantine.c.poll_seq == fetches.c.poll_seq))
    due = and_(horizon.recent(fetches.c.started_at), horizon.before_end(fetches, FETCHES))
    said = fetches.c.new_count + fetches.c.revised_count
    found, quarantined_count = func.coalesce(seen.c.n, 0), func.coalesce(in_quarantine.c.n, 0)
    total, stored, in_quarantine_count = connection.execute(
        select(*(func.coalesce(func.sum(part), 0) for part in (said, found, quarantined_count))).select_from(source).where(due)
    ).one()
    wrong = and_(due, said != found + quarantined_count)
    count = connection.scalar(select(func.count()).select_from(source).where(wrong)) or 0
    named = connection.execute(
        select(fetches.c.feed_id, fetches.c.poll_seq, said, found + quarantined_count)
        .select_from(source).where(wrong).order_by(fetches.c.feed_id, fetches.c.poll_seq).limit(NAMED_AT_MOST)
    )  # fmt: skip
    texts = tuple(f"{feed} poll {seq}: announced {a}, stored {b}" for feed, seq, a, b in named)
    parts = {"sightings": int(stored), "quarantined": int(in_quarantine_count)}
    return Line("announced articles", "new + revised", int(total), parts, Missing(count, texts))


def _stored_after_all() -> ColumnElement[bool]:
    return exists().where(
        sightings.c.feed_id == quarantined.c.feed_id,
        sightings.c.poll_seq == quarantined.c.poll_seq,
        sightings.c.revision_id == quarantined.c.subject,
    )


def sighted(connection: Connection, horizon: Horizon) -> Line:
    """Every sighting belongs to a stored poll, to a poll that was cut off and repeated, or to a poll still under way."""
    same_poll = and_(fetches.c.feed_id == sightings.c.feed_id, fetches.c.poll_seq == sightings.c.poll_seq)
    newest = select(func.coalesce(func.max(fetches.c.poll_seq), 0)).where(fetches.c.feed_id == sightings.c.feed_id).scalar_subquery()
    counts, missing = tally(
        connection,
        sightings,
        (
            ("of stored polls", exists().where(same_poll, fetches.c.poll_id == sightings.c.poll_id)),
            ("of polls cut off", exists().where(same_poll)),
            ("of polls under way", sightings.c.poll_seq > newest),
        ),
        where=horizon.recent(sightings.c.first_seen_at),
        named=(sightings.c.feed_id, sightings.c.poll_seq, sightings.c.article_id),
        name_format="{0} poll {1}, which is not stored: {2}",
    )
    return line_of("sightings", "sightings", counts, missing)


def texts(connection: Connection, horizon: Horizon) -> Line:
    """The text and the article of every sighting are stored."""
    counts, missing = tally(
        connection,
        sightings,
        (
            (
                "with text and article",
                and_(
                    exists().where(revisions.c.revision_id == sightings.c.revision_id),
                    exists().where(articles.c.article_id == sightings.c.article_id),
                ),
            ),
        ),
        where=horizon.recent(sightings.c.first_seen_at),
        named=(sightings.c.revision_id, sightings.c.article_id, sightings.c.feed_id, sightings.c.poll_seq),
        name_format="{0} of {1} ({2} poll {3})",
    )
    return line_of("texts", "sightings", counts, missing)


LINES = (entries, polls, announced, sighted, texts)
