"""The articles to rehearse: those of an archive, or those stored.

In: a file, or the settings of a database. Out: `Article`s in the order they were first seen. I/O: reads the file or the database.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from newsmon.records import Article
from newsmon.settings import Settings
from newsmon.settings.feeds import load_feeds
from producers.articles.archive_lines import Refusal
from producers.articles.backfill_lines import BadLine
from producers.articles.past_articles import PastArticles
from producers.articles.publishers import publishers_of
from producers.backfill.past import in_order
from sinks.database.engine import create_engine_for
from sinks.queries.history import stored_articles


def archived(settings: Settings, archive: Path, *, end: datetime | None, on_bad_line: Callable[[BadLine], None]) -> Iterator[Article]:
    """The archive's articles as the producer would have published them, up to `end`. Bad lines are reported before the first article."""
    publishers = publishers_of(load_feeds(settings.producer.feeds_file))
    past = PastArticles(publishers, source=archive.name, max_revisions=settings.producer.max_revisions)
    for at, number, line in in_order(archive, now=datetime.now(UTC), on_bad_line=on_bad_line):
        if end is not None and at >= end:
            return
        article = past.article(line, at, number)
        if isinstance(article, Refusal):
            on_bad_line(BadLine(number, article.reason, article.why))
        else:
            yield article


def stored(settings: Settings, *, since: datetime, end: datetime | None) -> Iterator[Article]:
    """The stored articles from `since` on, up to `end`."""
    engine = create_engine_for(settings, must_exist=True)
    try:
        for article in stored_articles(engine, since=since):
            if end is not None and article.first_seen_at >= end:
                return
            yield article
    finally:
        engine.dispose()
