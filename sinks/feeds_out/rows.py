"""The newest alerts of one theme or of all, as feed entries.

In: the alerts table. Out: entries. I/O: the caller's connection.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, Row, and_, func, select

from newsmon.records import Origin
from sinks.database.tables import alerts
from sinks.message.syndication import Entry

SHOWN_EVIDENCE = 8


def newest(connection: Connection, theme_id: str | None, *, limit: int) -> tuple[Entry, ...]:
    """Up to `limit` live alerts in their newest revision, last raised first; `theme_id` None means every theme."""
    wanted = alerts.c.origin == Origin.LIVE.value
    if theme_id is not None:
        wanted = and_(wanted, alerts.c.theme_id == theme_id)
    later = alerts.alias("later")
    newest_revision = select(func.max(later.c.revision)).where(later.c.alert_id == alerts.c.alert_id).correlate(alerts).scalar_subquery()
    rows = connection.execute(
        select(alerts).where(wanted, alerts.c.revision == newest_revision)
        .order_by(alerts.c.raised_at.desc(), alerts.c.alert_id).limit(limit)
    )  # fmt: skip
    return tuple(_entry(row) for row in rows)


def _entry(row: Row[Any]) -> Entry:
    first = row.articles[0] if row.articles else {}
    state = "" if row.state == "opened" else f" ({row.state})"
    return Entry(
        id=f"urn:newsmon:alert:{row.alert_id}", url=first.get("url"), title=f"{row.title}{state}", text="\n".join(_lines(row)),
        categories=(row.theme_label, row.severity), published_at=row.opened_at, updated_at=row.raised_at,
    )  # fmt: skip


def _lines(row: Row[Any]) -> Iterator[str]:
    if row.lead:
        yield row.lead
    counts = f"{row.outlet_count} outlets, {row.source_count} independent, {row.article_count} articles"
    yield f"{row.severity}: {counts}; revision {row.revision}"
    for article in row.articles:
        yield " ".join(part for part in (f"{article['source']}:", article["title"], article.get("url")) if part)
    evidence = sorted(row.evidence, key=lambda one: -one["contribution"])
    why = ", ".join(f"“{one['text']}” ({one['contribution']:+.3g})" for one in evidence[:SHOWN_EVIDENCE])
    more = f" and {len(evidence) - SHOWN_EVIDENCE} more" if len(evidence) > SHOWN_EVIDENCE else ""
    yield f"Why: {why}{more}; score {row.score:.6g}, threshold {row.threshold:.6g}"
