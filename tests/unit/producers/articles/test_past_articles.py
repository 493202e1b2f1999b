"""A line of an archive becomes the article that the producer would have published when the line was news."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from newsmon.records import Article, DateQuality, EntryRejection, Feed, Origin
from producers.articles import past_articles
from producers.articles.archive_lines import Line, Refusal
from producers.articles.comparison import PollStamp, compare
from producers.articles.draft import draft_of
from producers.articles.past_articles import PastArticles
from producers.articles.publishers import publishers_of
from producers.formats.entry import Entry

SEEN_AT = datetime(2026, 11, 20, 9, tzinfo=UTC)
FEED = Feed(feed_id="kestrel", url="https://www.kestrel.example/rss", source="Kestrel Post", country="NO", language="en", tier=2)
LINE = Line(
    title="Harbour wall repaired", text="<p>The wall stands again.</p><p>It cost 3 million.</p>", id="7", source="kestrel post",
    url="https://www.kestrel.example/wall?utm_source=x", published_at="2026-11-20T10:30:00+02:00",
)  # fmt: skip


def made(*lines: Line, max_revisions: int = 24) -> list[Article | Refusal]:
    past = PastArticles(publishers_of([FEED]), source="archive", max_revisions=max_revisions)
    return [past.article(line, SEEN_AT + timedelta(minutes=number), number) for number, line in enumerate(lines)]


def one(line: Line) -> Article:
    (found,) = made(line)
    assert isinstance(found, Article)
    return found


def changed(**fields: object) -> Line:
    return msgspec.structs.replace(LINE, **fields)


def test_it_is_the_article_that_a_poll_of_the_publishers_feed_gives() -> None:
    entry = Entry(guid=LINE.id, link=LINE.url, title=LINE.title, summary="", content=LINE.text, published_raw=LINE.published_at)
    stamp = PollStamp(poll_seq=0, poll_id="", first_seen_at=SEEN_AT, max_revisions=24)
    (polled,) = compare([draft_of(entry, FEED, base=FEED.url, first_seen_at=SEEN_AT)], None, FEED, stamp).articles
    assert one(LINE) == msgspec.structs.replace(polled, baseline=False)


@pytest.mark.parametrize("source", [None, "Kestrel Post", "The Kestrel Post", "kestrel.example", "feeds.kestrel.example"])
def test_a_publisher_is_known_by_name_site_or_the_articles_address(source: str | None) -> None:
    found = one(changed(source=source))
    assert (found.source, found.tier, found.country, found.feed_id) == ("Kestrel Post", 2, "NO", "kestrel")


def test_an_unknown_publisher_keeps_its_name_and_has_the_lowest_tier_unless_the_line_says_more() -> None:
    stranger = changed(source="Nobody's Blog", url="https://nobody.example/1")
    found = one(stranger)
    assert (found.source, found.tier, found.country) == ("Nobody's Blog", 4, None)
    found = one(msgspec.structs.replace(stranger, tier=1, country="DE", lang="de"))
    assert (found.tier, found.country, found.language) == (1, "DE", "de")


def test_it_is_live_news_of_its_own_time() -> None:
    found = one(LINE)
    assert (found.origin, found.first_seen_at, found.baseline) == (Origin.LIVE, SEEN_AT, False)
    assert found.published_at == datetime(2026, 11, 20, 8, 30, tzinfo=UTC)
    undated = one(changed(published_at=None))
    assert (undated.published_at, undated.date_quality) == (None, DateQuality.MISSING)


def test_another_text_is_a_revision_and_the_same_text_another_sighting() -> None:
    first, again, edited, back = made(LINE, LINE, changed(text="It leaks."), LINE)
    assert all(isinstance(one, Article) for one in (first, again, edited, back))
    assert [one.revision for one in (first, again, edited, back) if isinstance(one, Article)] == [1, 1, 2, 3]
    assert isinstance(first, Article)
    assert isinstance(again, Article)
    assert isinstance(edited, Article)
    assert again.revision_id == first.revision_id != edited.revision_id
    assert edited.article_id == first.article_id


def test_more_revisions_than_a_feed_may_make_are_refused() -> None:
    *_others, last = made(LINE, changed(text="2"), changed(text="3"), max_revisions=2)
    assert isinstance(last, Refusal)
    assert last.reason is EntryRejection.TOO_MANY_REVISIONS


def test_the_articles_known_longest_are_forgotten_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(past_articles, "MAX_KNOWN", 2)
    others = [changed(url=f"https://www.kestrel.example/{name}") for name in "ab"]
    *_others, again = made(LINE, *others, changed(text="new"))
    assert isinstance(again, Article)
    assert again.revision == 1
