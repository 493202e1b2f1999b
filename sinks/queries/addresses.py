"""The stored article at an address."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Engine, select

from sinks.database import tables
from sinks.database.engine import reading


def article_id_at(engine: Engine, url: str, article_ids: Sequence[str]) -> str | None:
    """The first of these ids that is stored, or else the newest article with this link; None when there is none."""
    articles = tables.articles
    with reading(engine) as connection:
        stored = set(connection.scalars(select(articles.c.article_id).where(articles.c.article_id.in_(article_ids))))
        found = next((one for one in article_ids if one in stored), None)
        if found is not None:
            return found
        newest = select(articles.c.article_id).where(articles.c.url == url).order_by(articles.c.first_seen_at.desc()).limit(1)
        return connection.scalar(newest)
