"""The address of an entry's article: which link it is, and what a relative one is relative to."""

from __future__ import annotations

from itertools import permutations

import pytest
from support.feed_documents import atom, draft, drafts, rss

Q = "https://quay.example"


@pytest.mark.parametrize(
    ("item", "wanted"),
    [
        ("<link>a/b</link>", f"{Q}/a/b"),
        (f"<link>\n  {Q}/a\n  </link>", f"{Q}/a"),
        (f"<link><![CDATA[ {Q}/a?x=1&y=2 ]]></link>", f"{Q}/a?x=1&y=2"),
        (f"<link>{Q}/a?x=1&amp;amp;y=2</link>", f"{Q}/a?x=1&y=2"),
        (f"<link><![CDATA[{Q}/a?x=1&#038;y=2]]></link>", f"{Q}/a?x=1&y=2"),
        (f'<link/><atom:link rel="alternate" href="{Q}/a"/>', f"{Q}/a"),
        (f'<link>{Q}/a</link><atom:link rel="self" href="{Q}/s"/>', f"{Q}/a"),
        (f'<atom:link rel="self" href="{Q}/s"/><atom:link rel="replies" href="{Q}/r"/>', None),
        (f"<link/><guid>{Q}/g</guid>", f"{Q}/g"),
        (f"<guid>{Q}/g</guid><link></link>", f"{Q}/g"),
        (f'<guid isPermaLink="false">{Q}/g</guid>', None),
        ("<guid>12345</guid>", None),
        ('<guid isPermaLink="true">12345</guid>', None),
        ("<guid>/a/b</guid>", None),
        ("<guid>tag:quay.example,2026:1</guid>", None),
        ("<guid>urn:uuid:4e1f</guid>", None),
        (f"<comments>{Q}/c</comments><guid>5</guid>", None),
        (f"<link>mailto:desk@quay.example</link><guid>{Q}/g</guid>", f"{Q}/g"),
        ("<link>javascript:void(0)</link>", None),
        ("<link>data:text/html,x</link>", None),
        ('<enclosure url="https://quay.example/a.mp3" type="audio/mpeg" length="1"/>', None),
        ("<link>www.quay.example/a</link>", "https://www.quay.example/a"),
        ("<link>//cdn.quay.example/a</link>", "https://cdn.quay.example/a"),
        (f"<link>{Q}/a</link><image><link>{Q}/i</link></image>", f"{Q}/a"),
        ('<link xml:base="https://b.example/c/">d</link>', "https://b.example/c/d"),
        (f"<link>{Q}/новини/порт</link>", f"{Q}/новини/порт"),
        (f"<link>{Q}/press release 12.pdf</link>", f"{Q}/press%20release%2012.pdf"),
    ],
)
def test_the_link_of_an_rss_item(item: str, wanted: str | None) -> None:
    assert draft(rss(f"<title>t</title>{item}")).url == wanted


@pytest.mark.parametrize("original", ["feedburner:origLink", "pheedo:origLink"])
def test_the_address_behind_a_redirector_is_the_articles(original: str) -> None:
    for parts in permutations(("<link>https://feeds.redirect.example/~r/1</link>", f"<{original}>{Q}/a</{original}>", "<guid>7</guid>")):
        assert draft(rss("<title>t</title>" + "".join(parts))).url == f"{Q}/a"


@pytest.mark.parametrize(
    ("entry", "wanted"),
    [
        (f'<link rel="alternate" type="text/html" href="{Q}/1"/><link rel="alternate" type="text/html" href="{Q}/2"/>', f"{Q}/1"),
        (f'<link rel="alternate" type="application/json" href="{Q}/j"/><link rel="alternate" type="text/html" href="{Q}/h"/>', f"{Q}/h"),
        (f'<link rel="alternate" type="application/pdf" href="{Q}/p"/>', f"{Q}/p"),
        (f'<link rel="amphtml" href="{Q}/amp"/><link href="{Q}/h"/>', f"{Q}/h"),
        (f'<link rel="related" href="{Q}/r"/><link rel="via" href="{Q}/v"/><link rel="edit" href="{Q}/e"/>', None),
        (f'<link rel="enclosure" href="{Q}/e.mp3"/><link href="/h"/>', f"{Q}/h"),
        (f"<id>{Q}/id</id>", f"{Q}/id"),
        (f'<content src="{Q}/src" type="text/html"/>', f"{Q}/src"),
        (f'<link rel="http://www.iana.org/assignments/relation/alternate" href="{Q}/i"/>', f"{Q}/i"),
    ],
)
def test_the_link_of_an_atom_entry(entry: str, wanted: str | None) -> None:
    assert draft(atom(f"<title>t</title>{entry}")).url == wanted


@pytest.mark.parametrize(
    ("channel", "wanted"),
    [
        ("<link>https://quay.example/</link>", f"{Q}/a/b"),
        ("<link>https://quay.example</link>", f"{Q}/a/b"),
        ("<link>/news/</link>", "https://cdn.feeds.example/news/a/b"),
        ("", "https://cdn.feeds.example/a/b"),
        ("<link>javascript:x</link>", "https://cdn.feeds.example/a/b"),
        ('<atom:link rel="self" href="https://self.example/f"/>', "https://cdn.feeds.example/a/b"),
        ('<atom:link rel="self" href="https://self.example/f"/><link>https://quay.example/</link>', f"{Q}/a/b"),
        ("<image><link>https://img.example/</link></image><link>https://quay.example/</link>", f"{Q}/a/b"),
    ],
)
def test_a_relative_link_is_relative_to_the_channels_page_then_to_the_feed(channel: str, wanted: str) -> None:
    assert draft(rss("<title>t</title><link>a/b</link>", channel=channel)).url == wanted


def test_xml_base_comes_first_and_holds_only_inside_its_element() -> None:
    assert draft(atom('<title>t</title><link href="x"/>', root='xml:base="https://b.example/r/"')).url == "https://b.example/r/x"
    assert (
        draft(atom('<title>t</title><link xml:base="l/" href="x"/>', root='xml:base="https://b.example/r/"')).url
        == "https://b.example/r/l/x"
    )
    assert draft(atom('<title>t</title><link href="x"/>', root='xml:base="/r/"')).url == f"{Q}/r/x"
    first, second = drafts(
        atom('<title>1</title><link href="x"/></entry><entry><title>2</title><link href="y"/>').replace(
            b"<entry>", b'<entry xml:base="https://b.example/r/">', 1
        )
    )
    assert (first.url, second.url) == ("https://b.example/r/x", f"{Q}/y")


def test_the_feeds_own_site_is_the_base_where_all_its_absolute_links_lead_there() -> None:
    body = rss("<title>1</title><link>https://cdn.feeds.example/1</link></item><item><title>2</title><link>/y</link>")
    assert [one.url for one in drafts(body)] == ["https://cdn.feeds.example/1", "https://cdn.feeds.example/y"]


def test_an_rdf_item_without_a_link_is_at_the_address_it_is_about() -> None:
    body = b"""<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"><channel rdf:about="c">
    <link>https://quay.example/</link></channel><item rdf:about="https://quay.example/about"><title>x</title></item></rdf:RDF>"""
    assert draft(body).url == f"{Q}/about"
