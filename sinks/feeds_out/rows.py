"""The newest alerts of one theme or of all, as feed entries.

In: the alerts table. Out: entries. I/O: the caller's connection.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import ColumnElement, Connection, FromClause, Row, ScalarSelect, and_, exists, func, literal, select

from newsmon.records import AlertState, Origin
from sinks.database.earlier import told_earlier
from sinks.database.tables import alerts
from sinks.message.syndication import Entry

SHOWN_EVIDENCE = 8
LEAST_SHOWN = 5e-4  # a contribution that would be written +0


def newest(connection: Connection, theme_id: str | None, *, limit: int) -> tuple[Entry, ...]:
    """Up to `limit` events of live alerts in the newest revision that tells them, last raised first; `theme_id` None means every theme.

    What a superseded alert told is not told again by the alert that took its place. What tells no event, such as the end of a story,
    belongs to the one that the alert told first.
    """
    wanted = alerts.c.origin == Origin.LIVE.value
    if theme_id is not None:
        wanted = and_(wanted, alerts.c.theme_id == theme_id)
    later = alerts.alias("later")
    same = and_(later.c.alert_id == alerts.c.alert_id, _event_of(later) == _event_of(alerts))
    newest_revision = select(func.max(later.c.revision)).where(same).correlate(alerts).scalar_subquery()
    is_news = and_(~told_earlier(alerts), ~_ends_what_was_told_earlier())
    rows = connection.execute(
        select(alerts, _first_told(alerts).label("first_event")).where(wanted, is_news, alerts.c.revision == newest_revision)
        .order_by(alerts.c.raised_at.desc(), alerts.c.alert_id).limit(limit)
    )  # fmt: skip
    return tuple(_entry(row) for row in rows)


def _ends_what_was_told_earlier() -> ColumnElement[bool]:
    """The row ends an alert that told nothing but what another alert had told before a loss."""
    revision = alerts.alias("told_by_it")
    mine = and_(revision.c.alert_id == alerts.c.alert_id, revision.c.match_id.is_not(None))
    known, news = (exists().where(mine, told) for told in (told_earlier(revision), ~told_earlier(revision)))
    return and_(alerts.c.state == AlertState.CLOSED.value, known, ~news)


def _event_of(table: FromClause) -> ColumnElement[str]:
    """The id of the event that a row tells; of the one that its alert told first where it names none."""
    return func.coalesce(table.c.event_id, _first_told(table))


def _first_told(table: FromClause) -> ScalarSelect[str]:
    """The id of the event in the alert's first revision; one from before events has its story's, as `newsmon.ids.event_id` makes it."""
    first = alerts.alias()
    told = func.coalesce(first.c.event_id, literal("e_").concat(func.substr(first.c.story_id, 3)))
    return select(told).where(first.c.alert_id == table.c.alert_id).order_by(first.c.revision).limit(1).correlate(table).scalar_subquery()


def _entry(row: Row[Any]) -> Entry:
    is_first = row.event_id is None or row.event_id == row.first_event
    first = row.articles[0] if row.articles else {}
    state = "" if row.state == "opened" else f" ({row.state})"
    return Entry(
        id=f"urn:newsmon:alert:{row.alert_id}{'' if is_first else f':{row.event_id}'}", url=first.get("url"),
        title=f"{row.title}{state}", text="\n".join(_lines(row)),
        categories=(row.theme_label, row.severity), published_at=row.opened_at, updated_at=row.raised_at,
    )  # fmt: skip


def _lines(row: Row[Any]) -> Iterator[str]:
    if row.lead:
        yield row.lead
    if row.new_facts:
        yield f"New: {', '.join(row.new_facts)}"
    told = row.event or {name: getattr(row, name) for name in ("outlet_count", "source_count", "article_count")}
    counts = f"{told['outlet_count']} outlets, {told['source_count']} independent, {told['article_count']} articles"
    yield f"{row.severity}: {counts}; revision {row.revision}"
    if row.event and row.event_count > 1:
        yield f"Story: {row.story_title} ({row.event_count} events, {row.article_count} articles)"
    for article in row.articles:
        yield " ".join(part for part in (f"{article['source']}:", article["title"], article.get("url")) if part)
    evidence = sorted((one for one in row.evidence if abs(one["contribution"]) >= LEAST_SHOWN), key=lambda one: -one["contribution"])
    why = ", ".join(f"“{one['text']}” ({one['contribution']:+.3g})" for one in evidence[:SHOWN_EVIDENCE])
    more = f" and {len(evidence) - SHOWN_EVIDENCE} more" if len(evidence) > SHOWN_EVIDENCE else ""
    yield f"Why: {why}{more}; score {row.score:.6g}, threshold {row.threshold:.6g}"
