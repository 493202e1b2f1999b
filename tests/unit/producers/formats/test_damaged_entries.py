"""Nothing that one entry contains costs another one; what cannot be read is a counted rejection in its place."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from support import parsed_feeds

from newsmon.records import EntryRejection
from producers.articles.draft import Draft
from producers.formats.entry import ParsedFeed
from producers.formats.parse import parse_feed

URL = "https://desk.example/feed"
COUNT = 10
MODULES = (
    'xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/" '
    'xmlns:media="http://search.yahoo.com/mrss/" xmlns:gml="http://www.opengis.net/gml"'
)


def rss_item(number: int) -> str:
    return (
        f"<item><title>Story {number} &amp; é</title><link>https://desk.example/{number}?a=1&amp;b=2</link>"
        f'<guid isPermaLink="false">g{number}</guid><description><![CDATA[<p>Lead {number}</p>]]></description>'
        f"<content:encoded><![CDATA[<p>Lead {number}</p><p>Body &amp; more</p>]]></content:encoded>"
        f"<pubDate>Mon, 23 Nov 2026 08:{number:02}:00 GMT</pubDate></item>\n"
    )


def atom_entry(number: int) -> str:
    return (
        f'<entry><id>tag:desk.example,2026:{number}</id><title type="html">Story {number} &amp;amp; more</title>'
        f'<link rel="alternate" href="/{number}?a=1&amp;b=2"/><summary>Lead {number}</summary>'
        f'<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>Body <b>{number}</b></p></div></content>'
        f"<updated>2026-11-23T08:{number:02}:00Z</updated></entry>\n"
    )


def rdf_item(number: int) -> str:
    return (
        f'<item rdf:about="https://desk.example/{number}"><title>Story {number}</title><link>https://desk.example/{number}</link>'
        f"<description>Lead &lt;b&gt;{number}&lt;/b&gt;</description><dc:date>2026-11-23T08:{number:02}:00Z</dc:date></item>\n"
    )


def sitemap_url(number: int) -> str:
    return (
        f"<url><loc>https://desk.example/{number}</loc><news:news><news:publication><news:language>de</news:language></news:publication>"
        f"<news:publication_date>2026-11-23T08:{number:02}:00Z</news:publication_date><news:title>Üb {number}</news:title></news:news></url>\n"
    )


def json_item(number: int) -> str:
    return json.dumps(
        {"id": number, "url": f"https://desk.example/{number}", "title": f"Story {number}", "authors": [{"name": "J"}],
         "content_html": f'<p class="a">Body {number}</p>', "date_published": f"2026-11-23T08:{number:02}:00Z"}
    )  # fmt: skip


RDF_CHANNEL = '<channel rdf:about="https://desk.example/"><title>Desk</title><link>https://desk.example/</link></channel>\n'
FORMATS: dict[str, tuple[str, Callable[[int], str], str, str]] = {
    "rss": (
        f'<?xml version="1.0" encoding="utf-8"?>\n<rss version="2.0" {MODULES}><channel><title>Desk</title><link>https://desk.example/</link>\n',
        rss_item, "", "</channel></rss>\n",
    ),
    "atom": (
        '<feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://desk.example/x/" xml:lang="de"><link href="https://desk.example/"/>\n',
        atom_entry, "", "</feed>\n",
    ),
    "rdf": (
        f'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" {MODULES}>{RDF_CHANNEL}',
        rdf_item, "", "</rdf:RDF>",
    ),
    "sitemap": (
        '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">\n',
        sitemap_url, "", "</urlset>",
    ),
    "json": ('{"version":"https://jsonfeed.org/version/1.1","title":"Desk","home_page_url":"https://desk.example/","items":[', json_item, ",", "]}"),
}  # fmt: skip
XML = ("rss", "atom", "rdf", "sitemap")


def document(name: str, changed: dict[int, str] | None = None) -> bytes:
    head, entry, between, tail = FORMATS[name]
    entries = [(changed or {}).get(number, entry(number)) for number in range(COUNT)]
    return (head + between.join(entries) + tail).encode("utf-8", "surrogatepass")


def read(body: bytes) -> ParsedFeed:
    return parse_feed(body, content_type="application/xml; charset=utf-8", url=URL)


GOOD = {name: read(document(name)) for name in FORMATS}


def assert_others_are_kept(name: str, changed: str, place: int) -> ParsedFeed:
    found = read(document(name, {place: changed}))
    others = [entry for number, entry in enumerate(GOOD[name].entries) if number != place]
    assert [entry for entry in found.entries if entry in others] == others
    assert (found.base, found.is_cut) == (GOOD[name].base, False)
    return found


REFERENCES = {
    "&#55357;&#56832;": "\U0001f600", "&#xD83D;&#xDE00;": "\U0001f600", "&#xd83d;": "\ufffd", "&#99999999;": "\ufffd", "&#0;": "\ufffd",
    "&#xFFFE;": "\ufffd", "&#x110000;": "\ufffd", f"&#{'9' * 6_000};": "\ufffd", "&#1;": "", "&#x1b;": "", "&nbsp;": "\xa0", "&hellip;": "…",
    "&bogus;": "&bogus;", "& ": "& ", "&": "&", "&&&": "&&&", "\x00": "", "\x0b": "", "\ufffe": "", "\ud83d": "\ufffd", "&#8217 ": "’ ",
}  # fmt: skip


@pytest.mark.parametrize("name", ["rss", "atom", "rdf", "sitemap"])
@pytest.mark.parametrize(("written", "meant"), REFERENCES.items(), ids=[ascii(written)[:20] for written in REFERENCES])
def test_a_reference_or_character_that_xml_forbids_costs_at_most_itself(name: str, written: str, meant: str) -> None:
    entry = FORMATS[name][1](4)
    at = entry.index("4", entry.index(">", entry.index("title")))
    found = assert_others_are_kept(name, f"{entry[:at]}{written}4{entry[at + 1 :]}", 4)
    assert found.lost == ()
    assert f"{meant}4" in found.entries[4].title.replace("&amp;", "&")


DAMAGE = (
    "<![CDATA[", "<!--", "]]>", "-->", "<", "</", "<a", '<a href="x', "<a href=x>", '<a b="1" b="2">', "</p>", "<p>", "</title>", "<title>", "<x:y>",
    "<x:y/>", '<foo xmlns:dc="urn:y"/>', '<foo xmlns:content="http://purl.org/dc/elements/1.1/"/>', '"', "'", "<?", "<?php echo 1 ?>",
    "<!DOCTYPE x>", '<!ENTITY a "b">', '<content type="application/octet-stream" mode="base64">####</content>', '<content mode="base64">4pyT</content>',
    '<a xml:base="http://["/>', '<link href="http://[" rel="alternate"/>', "<link>http://[::/x</link>", "<link href=[/>",
    "<gml:pos>north</gml:pos>", "<gml:posList>1 x</gml:posList>", "<pubDate>99999999999999999999</pubDate>", "<dc:date>2026-W99-9T</dc:date>",
    "<source>", "<image>", "<textinput>", "<svg>", "<content:encoded>", "<description>", '<content type="xhtml"><div>', "<author><name>",
    "<channel>", "<rss>", "<feed>", "<script>if(a<b && c>d){}</script>", "<b>" * 3_000, "\ud83d", "<" * 50, "&" * 50, "<a " * 60,
)  # fmt: skip


@pytest.mark.parametrize("name", XML)
@pytest.mark.parametrize("damage", DAMAGE, ids=[ascii(damage)[:30] for damage in DAMAGE])
def test_damage_in_one_entry_costs_no_other_one(name: str, damage: str) -> None:
    entry = FORMATS[name][1](4)
    for at in (entry.index(">") + 1, entry.index("4", entry.index(">", entry.index("title")))):
        found = assert_others_are_kept(name, entry[:at] + damage + entry[at:], 4)
        assert len(found.entries) + len(found.lost) >= COUNT


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_no_mutation_of_one_entry_changes_the_other_nine(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(XML))
    place = data.draw(st.integers(0, COUNT - 1))
    entry = FORMATS[name][1](place)
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(6, len(entry) - 9))
        upto = min(len(entry) - 9, at + data.draw(st.integers(0, 15)))
        written = st.sampled_from((*DAMAGE, *REFERENCES)) | st.text(max_size=8).filter(lambda text: ">" not in text)
        entry = entry[:at] + data.draw(written) + entry[upto:]
    assert_others_are_kept(name, entry, place)


JSON_DAMAGE = ('"', "\\", "{", "}", "[", "]", ",", ":", "NaN", "\x00", "\t", "\n", "/*", "//", '"x":', "},{", '},{"id":', "'", "\ud83d")


@settings(max_examples=80, deadline=None)
@given(
    place=st.integers(0, COUNT - 1),
    at=st.integers(1, 200),
    gone=st.integers(0, 10),
    damage=st.sampled_from(JSON_DAMAGE) | st.text(max_size=5),
)
@example(place=4, at=20, gone=0, damage='"')
@example(place=9, at=20, gone=0, damage='"')
def test_no_damage_within_a_json_item_costs_another_one(place: int, at: int, gone: int, damage: str) -> None:
    item = json_item(place)
    at = min(at, len(item) - 1)
    found = read(document("json", {place: item[:at] + damage + item[min(at + gone, len(item) - 1) :]}))
    others = [entry for number, entry in enumerate(GOOD["json"].entries) if number != place]
    assert [entry for entry in found.entries if entry in others] == others


@pytest.mark.parametrize("name", XML)
@pytest.mark.parametrize("place", [0, 4, 9])
@pytest.mark.parametrize("mark", ["-->", "x", ":y", "--"])
def test_an_entry_whose_start_tag_is_misspelt_is_counted(name: str, place: int, mark: str) -> None:
    entry = FORMATS[name][1](place)
    found = assert_others_are_kept(name, re.sub("^<[a-z]+", lambda tag: tag[0] + mark, entry), place)
    assert [at for at, _reason in found.lost] == [place]


def test_a_lost_entry_is_rejected_in_its_place() -> None:
    body = document("json", {4: "7"})
    drafts = parsed_feeds.parsed(body).drafts
    assert [number for number, draft in enumerate(drafts) if isinstance(draft, Draft)] == [0, 1, 2, 3, 5, 6, 7, 8, 9]
    assert drafts[4] is EntryRejection.DAMAGED_ENTRY
    assert GOOD["json"].entries[3:6:2] == read(body).entries[3:5]


def test_an_entry_loses_only_the_child_that_its_parser_cannot_take() -> None:
    entry = rss_item(4).replace("<guid", "<gml:pos>north</gml:pos><guid")
    assert assert_others_are_kept("rss", entry, 4).entries == GOOD["rss"].entries


def test_a_prefix_nobody_declares_means_what_it_means_elsewhere() -> None:
    undeclared = document("rss").replace(MODULES.encode(), b"")
    assert read(undeclared).entries == GOOD["rss"].entries


def test_items_that_are_never_closed_are_items() -> None:
    body = document("rss").replace(b"</item>", b"")
    found = read(body)
    assert [entry.title for entry in found.entries] == [entry.title for entry in GOOD["rss"].entries]
    assert not found.is_cut


def test_a_broken_root_costs_no_entry() -> None:
    for broken in (b'<rss version="2.0"', b"<rss version=2.0", b'<rss version="2.0" version="2.0"', b"<rss version=\"2.0\" a='<'"):
        found = read(document("rss").replace(b'<rss version="2.0"', broken))
        assert found.entries == GOOD["rss"].entries


def test_a_damaged_channel_costs_no_entry() -> None:
    for damage in ("<title>A & B", "<image><url>x", "&#0;", "<![CDATA[x", "<a href='"):
        found = read(document("rss").replace(b"<title>Desk", damage.encode() + b"<title>Desk"))
        assert [entry.link for entry in found.entries] == [entry.link for entry in GOOD["rss"].entries], damage


def test_entries_of_a_comment_are_no_entries() -> None:
    found = read(document("rss", {4: f"<!-- {rss_item(4)} -->", 5: rss_item(5).replace("&amp;", "&")}))
    assert [entry.guid for entry in found.entries] == [f"g{number}" for number in range(COUNT) if number != 4]


@pytest.mark.parametrize("place", [4, 8, 9])
@pytest.mark.parametrize(
    ("sound", "broken"),
    [('"name": "J"}]', '"name": "J"}, {"name'), ('{"id', '{...id'), ('{"id', '{"id": "a "b" c", "x'), ('"title"', '"authors": [{"title"')],
)  # fmt: skip
def test_a_json_item_that_runs_on_into_those_after_it_costs_none_of_them(place: int, sound: str, broken: str) -> None:
    found = read(document("json", {place: json_item(place).replace(sound, broken, 1)}))
    assert [entry for entry in GOOD["json"].entries if entry in found.entries][:9] == [
        entry for number, entry in enumerate(GOOD["json"].entries) if number != place
    ]
    assert len(found.entries) + len(found.lost) == COUNT


def test_every_one_of_thousands_of_damaged_json_items_is_read_or_counted() -> None:
    items = [f'{{"id": "{number}", "title": "She said "no" {number}", "url": "https://desk.example/{number}"}}' for number in range(3_000)]
    items[1_500] = '{"id": "1500", "title": []'
    found = parse_feed(f'{{"items": [{",".join(items)}]}}'.encode(), max_entries=5_000)
    assert (len(found.entries), len(found.lost)) == (2_999, 1)
    assert found.entries[0].title == 'She said "no" 0'
