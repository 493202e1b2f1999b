"""Any bytes in sitemaps, OPML, pages, robots.txt, Link headers and backfill files give a result or a named refusal."""

from __future__ import annotations

import contextlib

from hypothesis import given, settings
from hypothesis import strategies as st
from support.drafts import FEED, NOW

from newsmon.records import FetchResult
from producers.answers.outcome import Fetched
from producers.articles.backfill_lines import piece_of
from producers.documents.faults import NotAFeedError
from producers.formats.feed_links import declared_feeds, news_sitemaps
from producers.formats.hub_links import hub_link
from producers.formats.opml import NotOpmlError, read_opml, write_opml
from producers.formats.parse import parse_feed
from producers.formats.sitemap import JOINT, parse_index, parse_sitemap
from producers.http.robots import read_rules
from producers.lists.feed_import import Added, merged
from producers.reports.subscription import is_genuine

SITEMAP = b"""<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">
<url><loc>https://a.example/1</loc><news:news><news:publication><news:language>uk</news:language></news:publication><news:title>T</news:title></news:news></url></urlset>"""
OPML = b"<opml version='2.0'><body><outline text='A' xmlUrl='https://a.example/f' xmlns:n='urn:newsmon:opml' n:tier='2'/></body></opml>"
PAGE = b"<html><head><base href='/x/'><link rel='alternate' type='application/rss+xml' href='f'><link rel='hub' href='//h.example'></head><a href='/rss'>"
LINE = b'{"title": "A", "text": "B", "url": "https://a.example/1", "published_at": "2024-01-01", "lang": "uk"}'
BUDGET = settings(max_examples=120, deadline=None)


@st.composite
def damaged(draw: st.DrawFn, *seeds: bytes) -> bytes:
    """A well-formed seed with a few bytes changed, pieces cut or doubled; now and then plain noise."""
    body = bytearray(draw(st.sampled_from(seeds)))
    for _change in range(draw(st.integers(0, 6))):
        at = draw(st.integers(0, len(body)))
        kind = draw(st.integers(0, 3))
        piece = draw(st.binary(max_size=12) | st.sampled_from([b"<", b">", b"&", b"]]>", b"\x00", b"<![CDATA[", b"&#x0;", b'"', JOINT]))
        if kind == 0:
            body[at:at] = piece
        elif kind == 1:
            del body[at : at + draw(st.integers(0, 60))]
        elif kind == 2:
            body[at : at + len(piece)] = piece
        else:
            body[at:at] = body[: draw(st.integers(0, 200))]
    return bytes(body)


@BUDGET
@given(damaged(SITEMAP, SITEMAP + JOINT + SITEMAP) | st.binary(max_size=300))
def test_sitemaps(body: bytes) -> None:
    for parse, most in ((lambda: parse_sitemap(body), len(body)), (lambda: parse_feed(body, max_entries=5), 5)):
        with contextlib.suppress(NotAFeedError):
            assert len(parse().entries) <= most
    assert len(parse_index(body, base="https://a.example/", most=3).chosen) <= 3


@BUDGET
@given(damaged(OPML, write_opml([FEED], title="x")) | st.binary(max_size=300))
def test_opml(body: bytes) -> None:
    try:
        outlines = read_opml(body)
    except NotOpmlError:
        return
    for one in merged(outlines, ()):
        assert one.detail
        assert bool(one.table) is (one.result is Added.ADDED)


@BUDGET
@given(damaged(PAGE) | st.binary(max_size=300))
def test_pages_and_robots(body: bytes) -> None:
    assert all(address.startswith(("http://", "https://")) for address in declared_feeds(body, "https://a.example/"))
    assert all(address.startswith(("http://", "https://")) for address in news_sitemaps(body.decode("latin-1"), "https://a.example/"))
    rules = read_rules(Fetched(FetchResult.OK, 200, body))
    assert rules is not None
    assert rules.can_fetch("https://a.example/1", "newsmon") in (True, False)
    assert rules.crawl_delay("newsmon") is None or rules.crawl_delay("newsmon") >= 0


@BUDGET
@given(
    damaged(PAGE, b'{"feed_url":"https://a.example/f","hubs":[{"type":"WebSub","url":"https://h.example"}]}') | st.binary(max_size=200),
    st.text(max_size=80),
)
def test_hubs(body: bytes, header: str) -> None:
    link = hub_link(Fetched(FetchResult.OK, 200, body, {"link": header}, "https://a.example/f"), "https://a.example/f")
    assert link is None or link.hub.startswith(("http://", "https://"))
    assert not is_genuine("secret", body, header)


@BUDGET
@given(st.lists(damaged(LINE) | st.binary(max_size=80), max_size=5))
def test_backfill_lines(lines: list[bytes]) -> None:
    found = piece_of(FEED, 1, list(enumerate(lines, start=1)), now=NOW, max_revisions=24)
    outcome = found.outcome
    assert outcome.entry_count == len(lines) == outcome.new_count + sum(outcome.rejected.values())
    assert len(found.articles) == outcome.new_count
    assert len(found.bad) == sum(outcome.rejected.values())
