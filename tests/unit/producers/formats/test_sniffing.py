"""The body decides what a feed is; its label and what a program printed before it do not."""

from __future__ import annotations

import gzip
import json
import zlib

import pytest
from support import parsed_feeds

from newsmon.records import FetchResult
from producers.documents.sniff import MAX_UNPACKED_BYTES, unpacked
from producers.formats.parse import parse_feed

BODIES = {
    "rss": '<rss version="2.0"><channel><title>Q</title><item><title>Fähre</title><link>https://quay.example/f</link></item></channel></rss>',
    "rss with a declaration": '<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><item><title>Fähre</title></item></channel></rss>',
    "atom": '<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><entry><id>x</id><title>Fähre</title></entry></feed>',
    "rdf": '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"><item><title>Fähre</title></item></rdf:RDF>',
    "sitemap": '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"><url>'
    "<loc>https://quay.example/f</loc><news:news><news:title>Fähre</news:title></news:news></url></urlset>",
    "json": '{"version":"https://jsonfeed.org/version/1.1","items":[{"id":"1","title":"Fähre"}]}',
}
LABELS = (
    "",
    "application/json",
    "application/feed+json",
    "text/plain",
    "text/html; charset=utf-8",
    "text/xml",
    "application/octet-stream",
    "image/png",
    "x",
)
BEFORE = (
    "", "\n\n \t", "\ufeff", "\ufeff\ufeff", "\x00\x00", "<!-- cached -->\n", "PHP Notice: Undefined index: a in /srv/{x}.php on line 4\n",
    "<br />\n<b>Warning</b>:  mysqli_connect() in <b>/srv/x.php</b> on line <b>3</b><br />\n",
)  # fmt: skip


@pytest.mark.parametrize("before", BEFORE, ids=[ascii(before)[:16] for before in BEFORE])
@pytest.mark.parametrize("name", BODIES)
def test_a_feed_is_read_whatever_it_is_called_and_whatever_stands_before_it(name: str, before: str) -> None:
    for label in LABELS:
        found = parse_feed((before + BODIES[name]).encode(), content_type=label)
        assert ([entry.title for entry in found.entries], found.is_cut) == (["Fähre"], False), label


@pytest.mark.parametrize("name", BODIES)
@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-8-sig"])
def test_a_feed_in_utf_16_is_read_whatever_it_is_called(name: str, encoding: str) -> None:
    body = BODIES[name].replace('encoding="utf-8"', f'encoding="{encoding}"').encode(encoding)
    for label in LABELS[:-5]:
        assert [entry.title for entry in parse_feed(body, content_type=label).entries] == ["Fähre"], label


@pytest.mark.parametrize("name", BODIES)
def test_a_gzip_file_is_read_as_its_content(name: str) -> None:
    assert [entry.title for entry in parse_feed(gzip.compress(BODIES[name].encode())).entries] == ["Fähre"]


def test_a_gzip_bomb_is_unpacked_to_a_limit() -> None:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    bomb = b"".join(packer.compress(b"\0" * 1_000_000) for _ in range(100)) + packer.flush()
    assert len(bomb) < 200_000
    assert len(unpacked(bomb)) == MAX_UNPACKED_BYTES


JSON = BODIES["json"]


@pytest.mark.parametrize(
    "body",
    [")]}'\n" + JSON, ")]}'," + JSON, "while(1);" + JSON, "callback(" + JSON + ");", "/**/a.b(" + JSON + ")", "// made by x\n" + JSON, "\n/* x */" + JSON,
     JSON.replace("}]", "},]"), JSON.replace('"}', '",}'), JSON.replace('{"id"', '{/* c */ "id"'), JSON.replace('{"id"', '{// c\n"id"'),
     JSON.replace('"1"', "NaN"), JSON.replace('"title":', '"title":"Other","title":'), JSON + "\n<!-- 0.1 s -->", JSON.replace('"items"', '"a":"\t\n","items"')],
)  # fmt: skip
def test_json_with_small_faults_is_read(body: str) -> None:
    found = parse_feed(body.encode(), content_type="application/json")
    assert ([entry.title for entry in found.entries], found.lost) == (["Fähre"], ())


@pytest.mark.parametrize("place", [0, 1, 2])
def test_json_whose_titles_hold_unescaped_quotes_keeps_every_item(place: int) -> None:
    titles = [f'He said "no" to {number}' if number >= place else f"Plain {number}" for number in range(3)]
    items = ",".join(f'{{"id": "{number}", "title": "{title}", "tags": ["a", "b"]}}' for number, title in enumerate(titles))
    found = parse_feed(f'{{"version":"1","items":[{items}]}}'.encode())
    assert ([entry.title for entry in found.entries], found.lost, found.is_cut) == (titles, (), False)


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (
            "<!doctype html><html><head><title>Sign in</title></head><form><input type='password'></form></html>",
            "a login page with the title 'Sign in'",
        ),
        ("<html><head><title>Just a\nmoment&hellip;</title></head></html>", "an HTML page with the title 'Just a moment…'"),
        (
            '<html><head><title>Moved</title><META content="0; URL=/new?a=1&amp;b=2" http-equiv="Refresh"></head></html>',
            "an HTML page with the title 'Moved' that forwards browsers to /new?a=1&b=2; if the feed is there, use that address",
        ),
        (f"<!DOCTYPE html><html><body>{BODIES['rss']}</body></html>", "an HTML page with the title 'Q'"),
        (f"<html><body><script>{JSON}</script></body></html>", "an HTML page"),
        ('{"error": {"code": 401, "message": "API key missing"}}', "JSON without a list of items, which says: API key missing"),
        ('{"message": "Not Found"}', "JSON without a list of items, which says: Not Found"),
        ("[]", "JSON without a list of items"),
        ("<opml version='2.0'><body><outline text='x'/></body></opml>", "neither RSS, RDF, Atom nor JSON Feed"),
        ("Not found", "neither RSS, RDF, Atom nor JSON Feed"),
        (" \n", "empty"),
    ],
)
def test_what_is_no_feed_is_called_by_its_name(body: str, why: str) -> None:
    for label in LABELS:
        answer = parsed_feeds.parsed(body.encode(), content_type=label)
        assert (answer.result, answer.detail) == (FetchResult.NOT_A_FEED, why)


def test_a_feed_within_json_is_no_feed_and_one_after_a_brace_is() -> None:
    assert parsed_feeds.parsed(json.dumps({"feed": BODIES["rss"]}).encode()).result is FetchResult.NOT_A_FEED
    assert [entry.title for entry in parse_feed(("{$header}\n" + BODIES["rss"]).encode()).entries] == ["Fähre"]
