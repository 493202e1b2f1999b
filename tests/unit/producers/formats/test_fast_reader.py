"""The fast reader of well-formed feeds gives what feedparser gives, or leaves the feed to it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.parsed_feeds import URL, assert_sound, parsed
from support.places import DATA

from newsmon.records import FetchResult
from producers.formats.encoding import told
from producers.formats.entry import DamagedFeedError, Declined, NotAFeedError, ParsedFeed, Reader
from producers.formats.parse import parse_feed
from producers.formats.xmlfeed import read_xml_feed

FEEDS = {path.name: path.read_bytes() for path in sorted((DATA / "feeds").iterdir())}
DECLINED = {
    "aggregator_media.xml": Declined.SEVERAL_TITLES,
    "declined_ampersand.xml": Declined.NOT_WELL_FORMED,
    "declined_base64.xml": Declined.UNUSUAL_NESTING,
    "declined_cdf.xml": Declined.UNKNOWN_ROOT,
    "declined_cut_off.xml": Declined.NOT_WELL_FORMED,
    "declined_doctype.xml": Declined.DOCTYPE,
    "declined_entity.xml": Declined.NOT_WELL_FORMED,
    "declined_markup.xml": Declined.MARKUP_IN_TEXT,
    "declined_nested.xml": Declined.UNUSUAL_NESTING,
    "declined_no_entries.xml": Declined.EMPTY,
    "declined_prefix.xml": Declined.UNUSUAL_PREFIX,
    "declined_source.xml": Declined.UNUSUAL_NESTING,
    "declined_xhtml.xml": Declined.UNUSUAL_TYPE,
    "media_title_only.xml": Declined.SEVERAL_TITLES,
}


def reference(body: bytes, *, content_type: str = "", max_entries: int = 2_000) -> ParsedFeed | None:
    try:
        return parse_feed(body, content_type=content_type, url=URL, max_entries=max_entries, fast=False)
    except (NotAFeedError, DamagedFeedError):
        return None


def fast(body: bytes, *, content_type: str = "", max_entries: int = 2_000) -> ParsedFeed | Declined:
    body, content_type = told(body, content_type)
    return read_xml_feed(body, content_type=content_type, url=URL, max_entries=max_entries)


@pytest.mark.parametrize("content_type", ["", "application/rss+xml", "application/xml; charset=utf-8", "text/xml", "text/html"])
@pytest.mark.parametrize("name", FEEDS)
def test_a_feed_read_fast_is_what_feedparser_reads(name: str, content_type: str) -> None:
    found = fast(FEEDS[name], content_type=content_type)
    if isinstance(found, ParsedFeed):
        assert found == reference(FEEDS[name], content_type=content_type)
    if not content_type:
        assert (found if isinstance(found, Declined) else None) == DECLINED.get(name)


@pytest.mark.parametrize("name", FEEDS)
def test_the_poll_gets_the_entries_whoever_read_them(name: str) -> None:
    answer = parsed(FEEDS[name])
    assert answer.result is FetchResult.OK
    assert answer.reader is (Reader.FEEDPARSER if name in DECLINED else Reader.FAST)
    assert bool(answer.drafts) == (name != "declined_no_entries.xml")
    assert_sound(answer)


def test_entries_beyond_the_limit_are_counted_alike() -> None:
    body = FEEDS["permalinks.xml"]
    found = fast(body, max_entries=2)
    assert isinstance(found, ParsedFeed)
    assert (len(found.entries), found.over_limit) == (2, 4)
    assert found == reference(body, max_entries=2)


def test_bombs_are_declined_before_they_cost_anything() -> None:
    deep = b"<rss version='2.0'><channel><item>" + b"<x>" * 100_000 + b"</x>" * 100_000 + b"</item></channel></rss>"
    assert fast(deep) is Declined.NOT_WELL_FORMED
    laughs = (
        b'<!DOCTYPE rss [<!ENTITY a "'
        + b"ha" * 1000
        + b'"><!ENTITY b "'
        + b"&a;" * 1000
        + b'">]><rss><channel><item><title>&b;</title></item></channel></rss>'
    )
    assert fast(laughs) is Declined.DOCTYPE
    assert fast(b"<rss><channel><item><title>" + b"x" * 600_000 + b"</title></item></channel></rss>") is Declined.TOO_LONG


PIECES = (
    b"<title>Other</title>", b"<link>https://b.example/2</link>", b'<link href="/x" rel="alternate"/>', b"<guid>/g</guid>", b"<id>tag:x</id>",
    b"<description>More words.</description>", b"<summary>Sum.</summary>", b"<content>Con.</content>", b"<media:title>M</media:title>",
    b"<dc:date>2026-11-01</dc:date>", b"<pubDate>today</pubDate>", b"<updated/>", b"<source>S</source>", b"<image>i</image>", b"<author><name>N</name></author>",
    b"<enclosure url='https://b.example/e' type='audio/mpeg'/>", b"<x xmlns='urn:x'>y</x>", b"<!-- c -->", b"<![CDATA[<p>d</p>]]>", b"&#233;", b"&amp;amp;",
    b"\xc3\x83\xc2\xa9", b" xml:base='sub/'", b" type='html'", b" isPermaLink='false'", b"<item>", b"</item>", b"<item><title>Q</title></item>", b"<date>2026</date>",
    b"<body>b</body>", b"<itunes:summary>is</itunes:summary>", b"<category term='t'/>", b"<comments>/c</comments>", b"<ttl>5</ttl>", b"<language>de</language>",
)  # fmt: skip


@pytest.mark.parametrize(
    ("name", "at", "piece"),
    [
        ("media.xml", b"<title>The Harbour", b"<content>Con.</content>"),  # found by the test below: feedparser remembers a content
        ("media.xml", b"<title>The Harbour", b"<summary>Sum.</summary>"),  # of the feed's own, and a second description is one
        ("plain_rss.xml", b"15</ttl>", b"<summary>Sum.</summary>"),
        (
            "bom_no_declaration.xml",
            b"<channel>",
            b'<link href="/x" rel="alternate"/>',
        ),  # beside the channel: the feed's address all the same
        ("bom_no_declaration.xml", b"</rss>", b'<link href="/x" rel="alternate"/>'),
        ("bom_no_declaration.xml", b"</rss>", b"<ttl>5</ttl>"),
        ("aggregator.xml", b"https://harbour.example/</link>", b"&amp;amp;"),  # escaped twice in the feed's own address
        ("bom_no_declaration.xml", b"</rss>", b'<x><link href="/x" rel="alternate"/></x>'),
    ],
)
def test_what_stands_outside_entries_may_change_how_they_are_read(name: str, at: bytes, piece: bytes) -> None:
    body = FEEDS[name].replace(at, piece + at, 1)
    assert piece in body
    found = fast(body)
    assert isinstance(found, Declined) or found == reference(body)


@settings(max_examples=400, deadline=None)
@given(st.data())
def test_whatever_is_put_into_a_feed_the_two_agree_or_the_fast_one_declines(data: st.DataObject) -> None:
    body = FEEDS[data.draw(st.sampled_from([name for name in FEEDS if name not in ("utf_16.xml",)]))]
    edges = [at for at, byte in enumerate(body) if byte in b"<>"]
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.sampled_from(edges)) + data.draw(st.integers(0, 1))
        upto = at + data.draw(st.sampled_from([0, 0, 0, 0, 1, 7]))
        body = body[:at] + data.draw(st.sampled_from(PIECES)) + body[upto:]
    found = fast(body)
    if isinstance(found, ParsedFeed):
        assert found == reference(body)
