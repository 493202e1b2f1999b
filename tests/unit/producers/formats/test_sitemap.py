"""News sitemaps give entries with title, date and language; indexes are bounded; hostile XML is survived."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime

import pytest

from newsmon.records import EntryRejection, Feed, FetchResult
from producers.answers.outcome import Fetched
from producers.articles.draft import Draft
from producers.articles.parse_job import ParseJob, drafts_of_body
from producers.documents.faults import NotAFeedError
from producers.formats.entry import Reader
from producers.formats.parse import parse_feed
from producers.formats.sitemap import JOINT, parse_index, root_of
from producers.http.sitemap_fetch import MOST_SITEMAPS, unpacked, whole_sitemap

NS = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"'
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def url(number: int, *, title: str = "Titel", date: str = "2026-11-24T08:00:00+01:00", language: str = "de") -> str:
    return f"""<url><loc>https://blatt.example/{number}</loc><news:news><news:publication><news:name>Das Blatt</news:name>
    <news:language>{language}</news:language></news:publication><news:publication_date>{date}</news:publication_date>
    <news:title>{title} {number}</news:title></news:news></url>"""


def urlset(*urls: str) -> bytes:
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<!-- made by x -->\n<urlset {NS}>{"".join(urls)}</urlset>'.encode()


def index(*rows: tuple[str, str | None]) -> bytes:
    inner = "".join(f"<sitemap><loc>{loc}</loc>{f'<lastmod>{mod}</lastmod>' if mod else ''}</sitemap>" for loc, mod in rows)
    return f"<sitemapindex {NS}>{inner}</sitemapindex>".encode()


def test_each_url_is_an_entry_with_title_date_language_and_address() -> None:
    found = parse_feed(urlset(url(1), url(2, language="zh-cn"), url(3, language="Deutsch")))
    assert found.reader is Reader.SITEMAP
    first = found.entries[0]
    assert (first.link, first.title, first.published_raw, first.language) == (
        "https://blatt.example/1",
        "Titel 1",
        "2026-11-24T08:00:00+01:00",
        "de",
    )
    assert [entry.language for entry in found.entries] == ["de", "zh", None]


def test_the_entries_become_articles_by_the_usual_path() -> None:
    feed = Feed(feed_id="blatt", url="https://blatt.example/news.xml", source="Das Blatt")
    parsed = drafts_of_body(
        ParseJob(feed, urlset(url(1, title="Bundestag &amp; Rat beschließen Haushalt")), "application/xml", feed.url, 100, NOW)
    )
    (draft,) = parsed.drafts
    assert isinstance(draft, Draft)
    assert (draft.title, draft.language, draft.url) == ("Bundestag & Rat beschließen Haushalt 1", "de", "https://blatt.example/1")
    assert draft.published.at == datetime(2026, 11, 24, 7, tzinfo=UTC)


def test_the_language_a_sitemap_states_decides_a_title_that_leaves_it_open() -> None:
    feed = Feed(feed_id="f", url="https://f.example/", source="F", language="en")
    drafts = drafts_of_body(ParseJob(feed, urlset(url(1, title="Trump", language="pl")), "", feed.url, 9, NOW)).drafts
    assert [draft.language for draft in drafts if isinstance(draft, Draft)] == ["pl"]


def test_a_url_without_news_in_a_news_sitemap_is_counted_as_an_entry_without_text() -> None:
    feed = Feed(feed_id="f", url="https://f.example/", source="F")
    plain = "<url><loc>https://blatt.example/about</loc></url>"
    drafts = drafts_of_body(ParseJob(feed, urlset(url(1), plain), "", feed.url, 9, NOW)).drafts
    assert [draft if isinstance(draft, EntryRejection) else "article" for draft in drafts] == ["article", EntryRejection.NO_TEXT]


def test_a_sitemap_of_something_else_is_no_feed_and_an_empty_one_is() -> None:
    with pytest.raises(NotAFeedError, match="a sitemap without news"):
        parse_feed(urlset("<url><loc>https://a.example/</loc></url>"))
    assert parse_feed(urlset()).entries == ()


def test_beyond_the_limit_the_oldest_are_left_out_and_counted() -> None:
    found = parse_feed(urlset(*(url(day, date=f"2026-11-{day:02}T00:00:00Z") for day in range(1, 11))), max_entries=3)
    assert ([entry.title for entry in found.entries], len(found.lost)) == (["Titel 8", "Titel 9", "Titel 10"], 7)


@pytest.mark.parametrize(
    "body",
    [
        urlset(url(1), url(2))[:-60],  # cut off
        urlset(url(1)).replace(b"</url>", b"</url><url><loc>x & y</loc>"),
        b"\xef\xbb\xbf" + urlset(url(1)),
        urlset(url(1)).replace(b"<urlset", b"<s:urlset").replace(b"</urlset", b"</s:urlset").replace(b"xmlns=", b"xmlns:s="),
    ],
)
def test_damage_costs_only_what_it_hit(body: bytes) -> None:
    assert parse_feed(body).entries[0].title == "Titel 1"


def test_entities_are_not_expanded_and_no_file_is_read() -> None:
    bomb = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
    doctype = f'<!DOCTYPE urlset [<!ENTITY e0 "aaaaaaaaaa">{bomb}<!ENTITY f SYSTEM "file:///etc/hostname">]>'
    body = f"<urlset {NS}>{url(1, title='&e9; &f;')}{url(2)}</urlset>".encode()
    assert parse_feed(body).entries[-1].title == "Titel 2"
    with_doctype = body.replace(b"<urlset", doctype.encode() + b"<urlset", 1)
    try:
        titles = [entry.title for entry in parse_feed(with_doctype).entries]
    except NotAFeedError:
        titles = []
    assert all(len(title) < 3_000 and "aaaa" not in title for title in titles)


def test_a_feed_that_speaks_of_sitemaps_is_a_feed() -> None:
    rss = b"<rss version='2.0'><channel><item><title>The &lt;urlset&gt; element</title><link>https://a.example/1</link></item></channel></rss>"
    assert root_of(rss) is None
    assert parse_feed(rss).reader is Reader.FEEDPARSER


def test_of_an_index_the_newest_are_read_and_before_others_those_named_news() -> None:
    body = index(("/archive-1.xml", None), ("/news.xml", None), ("https://a.example/old.xml", "2020-01-01"), ("/n.xml", "2026-11-24"))
    found = parse_index(body, base="https://a.example/index.xml", most=3)
    assert found.count == 4
    assert found.chosen == ("https://a.example/news.xml", "https://a.example/n.xml", "https://a.example/old.xml")


async def joined(first: bytes, others: dict[str, Fetched], *, max_bytes: int = 1_000_000) -> tuple[Fetched, list[str]]:
    asked: list[str] = []

    async def fetch(address: str) -> Fetched:
        asked.append(address)
        return others[address]

    start = Fetched(FetchResult.OK, 200, first, {"etag": '"1"', "content-type": "text/xml"}, "https://a.example/index.xml")
    return await whole_sitemap(start, fetch, max_bytes=max_bytes, spacing_s=0.0), asked


def ok(body: bytes) -> Fetched:
    return Fetched(FetchResult.OK, 200, body)


async def test_an_index_becomes_one_body_of_its_sitemaps_without_validators() -> None:
    first = index(("/news-1.xml", "2026-11-24"), ("/news-2.xml.gz", "2026-11-23"))
    found, asked = await joined(
        first, {"https://a.example/news-1.xml": ok(urlset(url(1))), "https://a.example/news-2.xml.gz": ok(gzip.compress(urlset(url(2))))}
    )
    assert asked == ["https://a.example/news-1.xml", "https://a.example/news-2.xml.gz"]
    assert (found.result, dict(found.headers), found.detail) == (FetchResult.OK, {}, "2 of 2 sitemaps read")
    assert [entry.title for entry in parse_feed(found.body).entries] == ["Titel 1", "Titel 2"]


async def test_an_index_of_thousands_costs_five_requests_and_other_sites_none() -> None:
    rows = [(f"/s{number}.xml", f"2026-01-01T00:{number % 60:02}:00Z") for number in range(3_000)]
    answers = {f"https://a.example/s{number}.xml": ok(urlset(url(number))) for number in range(3_000)}
    found, asked = await joined(index(*rows, ("https://evil.example/news.xml", "2027")), answers)
    assert len(asked) == MOST_SITEMAPS - 1
    assert found.detail == f"{MOST_SITEMAPS - 1} of 3001 sitemaps read; a sitemap on another site left out"


async def test_a_sitemap_that_fails_is_named_and_the_others_count() -> None:
    first = index(("/a.xml", "2"), ("/b.xml", "1"))
    found, _asked = await joined(
        first, {"https://a.example/a.xml": Fetched(FetchResult.TIMEOUT), "https://a.example/b.xml": ok(urlset(url(2)))}
    )
    assert (found.result, found.detail) == (FetchResult.OK, "1 of 2 sitemaps read; a sitemap not read: timeout")


async def test_when_none_can_be_read_the_poll_failed_and_changes_nothing() -> None:
    found, _asked = await joined(index(("/a.xml", "2")), {"https://a.example/a.xml": Fetched(FetchResult.TIMEOUT)})
    assert found.result is FetchResult.TIMEOUT


async def test_sitemaps_together_stay_within_the_bytes_of_one_body() -> None:
    first = index(("/a.xml", "2"), ("/b.xml", "1"))
    big = urlset(*(url(number) for number in range(50)))
    found, _asked = await joined(first, {"https://a.example/a.xml": ok(big), "https://a.example/b.xml": ok(big)}, max_bytes=len(big) + 10)
    assert found.detail == "1 of 2 sitemaps read; a sitemap not read: too_large"
    assert len(found.body) < len(big) + len(first) + 2 * len(JOINT)


def test_a_packed_bomb_stops_at_the_limit_and_a_broken_one_is_left_as_it_is() -> None:
    assert unpacked(gzip.compress(b"\0" * 5_000_000), 1_000_000) is None
    broken = gzip.compress(urlset(url(1)))[:40]
    assert unpacked(broken, 1_000_000) == broken


async def test_a_feed_passes_untouched() -> None:
    start = Fetched(FetchResult.OK, 200, b"<rss/>", {"etag": '"1"'}, "https://a.example/feed")

    async def fetch(_address: str) -> Fetched:
        raise AssertionError("nothing to fetch")

    assert await whole_sitemap(start, fetch, max_bytes=1_000, spacing_s=0.0) is start


def test_white_space_before_the_root_costs_no_time() -> None:
    """Found by a real feed with a kilobyte of blanks before its root: the pattern tried every way to share them out."""
    assert root_of(b'<?xml version="1.0"?>' + b" \n" * 2_900 + b"<rss>") is None
    assert root_of(b"\n" * 5_000 + b"<urlset>") == "urlset"
