"""Bytes of every kind of feed become entries, articles or a named refusal; never an exception, never a bad string."""

from __future__ import annotations

import json
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support import parsed_feeds
from support.drafts import FEED, NOW
from support.places import DATA

from newsmon.records import DateQuality, EntryRejection, FetchResult
from producers.articles.draft import MAX_TITLE_CHARS, Draft
from producers.articles.parse_job import ParsedBody, ParseJob, drafts_of_body
from producers.documents.faults import NotAFeedError
from producers.formats.parse import parse_feed

RSS = b"""<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>The Desk</title><link>https://desk.example/</link>
<ttl>15</ttl>
<item><title>Ministers &amp; envoys meet</title><link>/world/1?utm_source=rss</link><guid isPermaLink="false">g-1</guid>
<description>&lt;p&gt;Talks &lt;b&gt;resumed&lt;/b&gt; on Monday.&lt;/p&gt;</description>
<content:encoded><![CDATA[<p>Talks resumed on Monday.</p><p>They will go on all week.</p>]]></content:encoded>
<pubDate>Mon, 23 Nov 2026 19:30:00 AEDT</pubDate></item>
<item><title>Only a permalink</title><guid>https://desk.example/world/2</guid><pubDate>Mon, 23 Nov 2026 08:31:00 GMT</pubDate></item>
</channel></rss>"""

RDF = b"""<?xml version="1.0"?><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
 xmlns:dc="http://purl.org/dc/elements/1.1/"><channel rdf:about="https://desk.example/"><title>Desk</title><link>https://desk.example/</link></channel>
<item rdf:about="https://desk.example/3"><title>Third</title><link>https://desk.example/3</link><description>In short.</description>
<dc:date>2026-11-23T08:30:00Z</dc:date></item></rdf:RDF>"""

ATOM = """<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://desk.example/base/"><title>Desk</title>
<entry><id>tag:desk.example,2026:4</id><title type="html">Quatri\u00e8me &lt;i&gt;rapport&lt;/i&gt;</title><link rel="alternate" href="four"/>
<summary>R\u00e9sum\u00e9.</summary><content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>Le texte.</p></div></content>
<updated>2026-11-23T09:30:00+01:00</updated></entry></feed>""".encode()

JSON = json.dumps(
    {
        "version": "https://jsonfeed.org/version/1.1", "title": "Desk", "home_page_url": "https://desk.example/",
        "items": [
            {"id": 5, "url": "https://desk.example/5", "title": "Fifth", "content_html": "<p>Text of it.</p>", "date_published": "2026-11-23T08:30:00Z"},
            {"id": "6", "external_url": "https://else.example/6", "content_text": "No title here."}, "not an item", {"id": "7"},
        ],
    }
).encode()  # fmt: skip
FEEDS = {"rss": RSS, "rdf": RDF, "atom": ATOM, "json": JSON}
KEPT = {path.name: path.read_bytes() for path in sorted((DATA / "feeds").iterdir()) if path.is_file()}


def parsed(body: bytes, *, content_type: str = "", max_entries: int = 100) -> ParsedBody:
    return drafts_of_body(ParseJob(FEED, body, content_type, "https://desk.example/feeds/all", max_entries, NOW))


def drafts(body: bytes, *, content_type: str = "") -> list[Draft]:
    answer = parsed(body, content_type=content_type)
    assert answer.result is FetchResult.OK, answer
    return [one for one in answer.drafts if isinstance(one, Draft)]


def test_rss_2_becomes_plain_articles() -> None:
    first, second = drafts(RSS)
    assert (first.title, first.url, first.guid) == ("Ministers & envoys meet", "https://desk.example/world/1?utm_source=rss", "g-1")
    assert (first.lead, first.body) == ("Talks resumed on Monday.", "They will go on all week.")
    assert (first.published.at, first.published.quality) == (NOW - timedelta(days=1, hours=3, minutes=30), DateQuality.STATED)
    assert second.url == "https://desk.example/world/2"
    assert parsed(RSS).ttl_s == 900


def test_rss_1_becomes_plain_articles() -> None:
    (only,) = drafts(RDF)
    assert (only.title, only.lead, only.url) == ("Third", "In short.", "https://desk.example/3")
    assert only.published.at == NOW - timedelta(days=1, hours=3, minutes=30)


def test_atom_becomes_plain_articles() -> None:
    (only,) = drafts(ATOM)
    assert (only.title, only.lead, only.body) == ("Quatri\u00e8me rapport", "R\u00e9sum\u00e9.", "Le texte.")
    assert (only.url, only.guid) == ("https://desk.example/base/four", "tag:desk.example,2026:4")


@pytest.mark.parametrize("content_type", ["application/feed+json", "application/json; charset=utf-8", "text/plain", ""])
def test_json_feed_becomes_plain_articles_whatever_it_is_called(content_type: str) -> None:
    first, second = drafts(JSON, content_type=content_type)
    assert (first.title, first.lead, first.guid) == ("Fifth", "Text of it.", "5")
    assert (second.title, second.url) == ("No title here.", "https://else.example/6")
    assert [one for one in parsed(JSON).drafts if isinstance(one, EntryRejection)] == [EntryRejection.DAMAGED_ENTRY, EntryRejection.NO_TEXT]


@pytest.mark.parametrize(
    ("encoding", "text"),
    [("windows-1251", "\u041f\u0435\u0440\u0435\u0433\u043e\u0432\u043e\u0440\u044b"), ("koi8-r", "\u041d\u043e\u0432\u043e\u0441\u0442\u0438"), ("iso-8859-2", "\u017b\u00f3\u0142\u0107"), ("utf-16", "R\u00e9sum\u00e9"), ("utf-8-sig", "\u0456\u0457\u0454")],
)  # fmt: skip
def test_declared_encodings_are_read(encoding: str, text: str) -> None:
    declared = encoding.removesuffix("-sig")
    body = f'<?xml version="1.0" encoding="{declared}"?><rss version="2.0"><channel><item><title>{text}</title></item></channel></rss>'
    assert [one.title for one in drafts(body.encode(encoding))] == [text]


def test_utf_8_that_is_declared_latin_1_by_the_server_is_still_read_where_the_file_says_so() -> None:
    body = '<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><item><title>\u041a\u0438\u0457\u0432</title></item></channel></rss>'
    assert [one.title for one in drafts(body.encode(), content_type="application/rss+xml")] == ["\u041a\u0438\u0457\u0432"]


@pytest.mark.parametrize(
    "body",
    [b"", b"   ", b"<!doctype html><html><body><h1>Welcome</h1></body></html>", b"Not found", b"{}", b'{"items": 3}', b"[1,2]", b"\x00" * 100,
     b"\x89PNG\r\n\x1a\n" + bytes(range(256)), b"<?xml version='1.0'?><note>hello</note>", b"{" * 100_000, b"9" * 5000],
)  # fmt: skip
def test_what_is_no_feed_is_refused_with_a_reason(body: bytes) -> None:
    with pytest.raises(NotAFeedError):
        parse_feed(body)
    answer = parsed(body)
    assert answer.result is FetchResult.NOT_A_FEED
    assert answer.detail


@pytest.mark.parametrize("name", KEPT)
def test_every_kept_feed_becomes_sound_articles(name: str) -> None:
    answer = parsed_feeds.parsed(KEPT[name])
    assert answer.result is FetchResult.OK
    assert bool(answer.drafts) == (name != "no_entries.xml")
    parsed_feeds.assert_sound(answer)


def test_a_title_without_end_is_cut() -> None:
    (only,) = drafts(b"<rss version='2.0'><channel><item><title>" + b"x" * 600_000 + b"</title></item></channel></rss>")
    assert len(only.title) <= MAX_TITLE_CHARS


def test_an_empty_feed_is_a_feed() -> None:
    assert parsed(b'<rss version="2.0"><channel><title>Quiet</title></channel></rss>') == ParsedBody(FetchResult.OK)


def test_bytes_that_look_like_a_path_or_an_address_are_not_opened(tmp_path) -> None:
    secret = tmp_path / "feed.xml"
    secret.write_bytes(RSS)
    for body in (str(secret).encode(), secret.as_uri().encode(), b"http://127.0.0.1:9/feed"):
        assert parsed(body).result is FetchResult.NOT_A_FEED


def test_entries_beyond_the_limit_are_counted_and_not_read() -> None:
    body = b'<rss version="2.0"><channel>' + b"".join(b"<item><title>T%d</title></item>" % n for n in range(30)) + b"</channel></rss>"
    answer = parsed(body, max_entries=10)
    assert answer.drafts.count(EntryRejection.OVER_ENTRY_LIMIT) == 20
    assert len(answer.drafts) == 30


def test_a_feed_cut_off_in_the_middle_gives_the_entries_before_the_cut() -> None:
    assert drafts(RSS[: RSS.index(b"Only a permalink")])[0].title == "Ministers & envoys meet"


def test_nul_and_lone_surrogates_do_not_reach_an_article() -> None:
    body = json.dumps(
        {
            "version": "https://jsonfeed.org/version/1.1",
            "items": [{"id": "\ud800\x00g", "title": "A\x00b\udfffc", "content_text": "x\ud83d y"}],
        }
    )
    (only,) = drafts(body.encode())
    assert (only.title, only.guid) == ("Ab\ufffdc", "g")  # the sign for "there was something unreadable"
    _is_clean(only)


def test_items_that_all_link_to_the_front_page_stay_apart() -> None:
    items = "".join(
        f"<item><title>Flash {n}</title><link>https://desk.example/</link><guid isPermaLink='false'>{n}</guid></item>" for n in range(3)
    )
    assert len({one.article_id for one in drafts(f'<rss version="2.0"><channel>{items}</channel></rss>'.encode())}) == 3


def test_an_error_of_a_feed_generator_is_no_news() -> None:
    body = b'<rss version="2.0"><channel><item><title>Bridge returned error 404! (19837)</title><link>https://b.example/1</link></item></channel></rss>'
    assert parsed(body).drafts == (EntryRejection.BRIDGE_ERROR,)


def test_an_entry_without_address_guid_and_title_has_no_identity_only_when_it_has_no_text_either() -> None:
    body = b'<rss version="2.0"><channel><item><description>Words alone.</description></item><item><link>https://a.example/1</link></item></channel></rss>'
    answer = parsed(body).drafts
    assert isinstance(answer[0], Draft)
    assert answer[0].title == "Words alone."
    assert answer[1] is EntryRejection.NO_TEXT


def _is_clean(one: Draft) -> None:
    for text in (one.title, one.lead, one.body, one.guid or "", one.url or "", one.published.raw or ""):
        text.encode("utf-8")
        assert "\x00" not in text
    assert one.url is None or urlsplit(one.url).scheme in ("http", "https")
    assert one.published.at is None or one.published.at.utcoffset() == timedelta(0)


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_no_mutation_of_a_feed_makes_it_fail_and_equal_bytes_give_equal_ids(data: st.DataObject) -> None:
    body = bytearray(FEEDS[data.draw(st.sampled_from(sorted(FEEDS)))])
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(body)))
        upto = min(len(body), at + data.draw(st.integers(0, 12)))
        body[at:upto] = data.draw(
            st.one_of(
                st.binary(max_size=12),
                st.sampled_from([b"<", b"]]>", b"&#0;", b"&#xD800;", b"\x00", b"\xff\xfe", b"<![CDATA[", b"<!DOCTYPE", b'"']),
            )
        )
    content_type = data.draw(
        st.sampled_from(["", "application/rss+xml", "text/xml; charset=utf-16", "application/json", "text/html; charset=nonsense"])
    )
    answer = parsed(bytes(body), content_type=content_type)
    assert answer.result in (FetchResult.OK, FetchResult.NOT_A_FEED, FetchResult.PARSE_ERROR)
    for one in answer.drafts:
        if isinstance(one, Draft):
            _is_clean(one)
    assert answer == parsed(bytes(body), content_type=content_type)


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=300), st.text(max_size=30))
def test_no_bytes_make_it_fail(body: bytes, content_type: str) -> None:
    assert parsed(body, content_type=content_type).result in (FetchResult.OK, FetchResult.NOT_A_FEED, FetchResult.PARSE_ERROR)
