"""Whose article an aggregator's item is."""

from __future__ import annotations

import pytest
from support.drafts import FEED, NOW, stamp

from newsmon.records import Article, Feed
from producers.articles.comparison import compare
from producers.articles.parse_job import ParseJob, drafts_of_body
from producers.articles.publishers import publishers_of

AGGREGATOR = Feed(feed_id="agg", url="https://news.agg.example/rss?q=x", source="Aggregator", tier=1)
WIRE = Feed(feed_id="wire", url="https://feeds.wire.example/all", source="The Wire", tier=1)
WIRE_SPORT = Feed(feed_id="wire-sport", url="https://feeds.wire.example/sport", source="The Wire", tier=3)


def article(
    source: str,
    *,
    title: str = "Ministers meet - Quay Times",
    feed: Feed = AGGREGATOR,
    feeds: tuple[Feed, ...] = (),
    link: str = "https://news.agg.example/",
) -> Article:
    body = f"""<rss version="2.0"><channel><title>All news</title><link>{link}</link><item><title>{title}</title>
        <link>https://news.agg.example/articles/CBM1</link><guid>CBM1</guid>{source}</item></channel></rss>"""
    parsed = drafts_of_body(ParseJob(feed, body.encode(), "", feed.url, 10, NOW))
    return compare(parsed.drafts, None, feed, stamp(), links=parsed.links, publishers=publishers_of(feeds)).articles[0]


def test_the_publisher_is_the_source_and_the_aggregator_lends_it_no_tier() -> None:
    found = article('<source url="https://www.quay.example">Quay Times</source>')
    assert (found.source, found.tier, found.title, found.feed_id) == ("Quay Times", 4, "Ministers meet", "agg")


@pytest.mark.parametrize(
    "source",
    [
        '<source url="https://www.wire.example">Wire News</source>', '<source url="https://x.example">the  wire</source>',
        '<source url="https://x.example">WIRE</source>', "<source>The Wire</source>", "<source>www.Wire.example</source>",
        "<source>wire.example</source>",
    ],
)  # fmt: skip
def test_a_publisher_that_is_read_itself_has_its_own_name_and_tier(source: str) -> None:
    found = article(source, feeds=(WIRE_SPORT, WIRE, AGGREGATOR))
    assert (found.source, found.tier) == ("The Wire", 1)


@pytest.mark.parametrize(
    ("source", "feed", "link"),
    [
        ("", AGGREGATOR, "https://news.agg.example/"),
        ('<source url="https://agg.example/feed">All news</source>', AGGREGATOR, "https://news.agg.example/"),
        ('<source url="https://www.quay.example/feed">Quay</source>', FEED, "https://quay.example/"),
        ('<source url="https://www.a.example/x">Whatever</source>', FEED, "https://quay.example/"),
        ('<source url="https://burner.example/x">a</source>', FEED, "https://quay.example/"),
    ],
)
def test_a_feed_that_names_itself_is_no_aggregator(source: str, feed: Feed, link: str) -> None:
    found = article(source, feed=feed, link=link)
    assert (found.source, found.tier) == (feed.source, feed.tier)


def test_an_agencys_item_in_a_newspaper_is_the_agencys() -> None:
    found = article(
        '<source url="https://www.wire.example/">The Wire</source>', feed=FEED, feeds=(WIRE, FEED), link="https://quay.example/"
    )
    assert (found.source, found.tier, found.feed_id) == ("The Wire", 1, FEED.feed_id)


@pytest.mark.parametrize("between", [" - ", " – ", " — ", " | "])
def test_the_publishers_name_is_cut_off_the_title(between: str) -> None:
    assert article('<source url="https://q.example">Quay Times</source>', title=f"A - B{between}quay times").title == "A - B"


@pytest.mark.parametrize("title", ["Quay Times", "News of the Quay Times", "- Quay Times", "Ministers meet - Quay", "Ministers meet"])
def test_other_titles_stay(title: str) -> None:
    assert article('<source url="https://q.example">Quay Times</source>', title=title).title == title


def test_a_site_that_many_publishers_are_read_through_is_none_of_them() -> None:
    through = tuple(Feed(feed_id=f"g{n}", url="https://news.agg.example/rss?q=x", source=f"Paper {n}", tier=2) for n in range(3))
    found = article('<source url="https://blog.agg.example">A blog</source>', feed=WIRE, feeds=through)
    assert (found.source, found.tier) == ("A blog", 4)
    assert article('<source url="https://p.example">Paper 2</source>', feed=WIRE, feeds=through).tier == 2
