"""The demo's recorded feeds as articles, made by the producer's own parsing and cleaning; no server, no broker."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from newsmon import ids
from newsmon.app.demo.recorded.catalogue import Catalogue, RecordedFeed, demo_directory, load_catalogue
from newsmon.records import Article, Feed, Origin
from producers.articles.draft import Draft, draft_of
from producers.formats.parse import parse_feed

NOW = datetime(2026, 11, 24, 3, 15, tzinfo=UTC)
CATALOGUE: Catalogue = load_catalogue(demo_directory())
NO_FEEDS = ("html", "none")


def recorded_versions() -> list[tuple[RecordedFeed, int]]:
    """Every version of every recorded feed that is one."""
    return [(feed, n) for feed in CATALOGUE.feed if feed.format not in NO_FEEDS for n in (1, 2) if n == 1 or feed.file_2]


def recorded_articles(feed: RecordedFeed, version: int) -> Iterator[Article]:
    """The articles of one version as its poll would publish them, were all of them new."""
    url = f"http://127.0.0.1:8000{feed.path}"
    parsed = parse_feed(CATALOGUE.body(feed, version, now=NOW), content_type=feed.content_type_header, url=url)
    configured = Feed(
        feed_id=feed.id, url=url, source=feed.source, language=feed.language, country=feed.country, tier=feed.tier,
        default_zone=feed.default_zone,
    )  # fmt: skip
    for entry in parsed.entries:
        draft = draft_of(entry, configured, base=parsed.base, first_seen_at=NOW)
        if isinstance(draft, Draft):
            yield _article(draft, configured, version)


def _article(draft: Draft, feed: Feed, version: int) -> Article:
    return Article(
        article_id=draft.article_id, revision=version, revision_id=ids.revision_id(draft.article_id, draft.content_hash),
        content_hash=draft.content_hash, origin=Origin.LIVE, feed_id=feed.feed_id, source=feed.source, tier=feed.tier,
        country=feed.country, poll_seq=version, poll_id="p_recorded", url=draft.url, guid=draft.guid, title=draft.title,
        lead=draft.lead, body=draft.body, language=draft.language, published_at=draft.published.at,
        published_raw=draft.published.raw, date_quality=draft.published.quality, first_seen_at=NOW, baseline=version == 1,
    )  # fmt: skip
