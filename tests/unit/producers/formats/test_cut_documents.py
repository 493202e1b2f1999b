"""A feed that is cut at any byte gives the entries that are whole, unchanged, and no half one."""

from __future__ import annotations

import json

import pytest
from support import parsed_feeds

from newsmon.records import EntryRejection, FetchResult
from producers.articles.draft import Draft
from producers.articles.parse_job import CUT_DETAIL
from producers.documents.faults import NotAFeedError
from producers.formats.parse import parse_feed

URL = "https://desk.example/feed"


def rss(text: str, encoding: str = "utf-8") -> bytes:
    items = "".join(
        f"<item><title>{text} {number}</title><link>https://desk.example/{number}?a=1&amp;b=2</link>"
        f"<description><![CDATA[<p>{text}</p>]]></description></item>\n"
        for number in range(2)
    )
    head = f'<?xml version="1.0" encoding="{encoding}"?>\n<rss version="2.0"><channel><title>{text}</title>'
    return f"{head}\n{items}</channel></rss>\n".encode(encoding)


ATOM = (
    '<feed xmlns="http://www.w3.org/2005/Atom"><title>Desk</title>'
    + "".join(
        f'<entry><id>{number}</id><title>Å {number}</title><link href="https://desk.example/{number}"/>'
        f'<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>Text</p></div></content></entry>\n'
        for number in range(2)
    )
    + "</feed>\n"
).encode()
RDF = (
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"><channel rdf:about="/"><title>D</title>'
    "</channel>"
    + "".join(
        f'<item rdf:about="https://desk.example/{n}"><title>É {n}</title><link>https://desk.example/{n}</link></item>\n' for n in range(2)
    )
    + "</rdf:RDF>"
).encode()
SITEMAP = (
    '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">'
    + "".join(f"<url><loc>https://desk.example/{n}</loc><news:news><news:title>Ü {n}</news:title></news:news></url>\n" for n in range(2))
    + "</urlset>"
).encode()
JSON_ITEMS = [
    {"id": n, "url": f"https://desk.example/{n}", "title": f"Ü {{{n}}}", "tags": ["a"], "authors": [{"name": "x"}, {"name": "y"}],
     "content_html": '<p class="a">b \\ [c</p>', "_x": {"y": []}} for n in range(2)
]  # fmt: skip
JSON = {"version": "https://jsonfeed.org/version/1.1", "title": "Q", "items": JSON_ITEMS, "description": "x"}
DOCUMENTS: dict[str, tuple[bytes, bytes]] = {  # a document, and what ends each entry
    "rss": (rss("Zażółć – «jaźń»"), b"</item>"),
    "rss in windows-1251": (rss("Переговоры", "windows-1251"), b"</item>"),
    "rss in Shift_JIS": (rss("東京で会談表", "shift_jis"), b"</item>"),
    "rss in gb18030": (rss("会谈在日内瓦", "gb18030"), b"</item>"),
    "rss in UTF-16": (rss("Зустріч", "utf-16"), "</item>".encode("utf-16-le")),
    "atom": (ATOM, b"</entry>"),
    "rdf": (RDF, b"</item>"),
    "sitemap": (SITEMAP, b"</url>"),
    "json": (json.dumps(JSON, ensure_ascii=False).encode(), b'"y": []}}'),
    "json on lines": (json.dumps(JSON, ensure_ascii=False, indent=1).encode(), b'"y": []\n   }\n  }'),
}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_cut_anywhere_gives_the_whole_entries_before_it_and_no_half_one(name: str) -> None:
    document, ending = DOCUMENTS[name]
    whole = parse_feed(document, url=URL)
    assert (len(whole.entries), whole.is_cut, whole.lost) == (2, False, ())
    last_entry_ends = document.rindex(ending) + len(ending)
    was_read = False
    for at in range(1, len(document)):
        try:
            found = parse_feed(document[:at], url=URL)
        except NotAFeedError:
            assert not was_read  # only before the root is there
            continue
        was_read = True
        complete = document[:at].count(ending)
        assert found.entries == whole.entries[:complete], at
        assert found.is_cut or at > last_entry_ends, at
        assert all(reason is EntryRejection.CUT_OFF for _place, reason in found.lost)
    assert was_read


def test_a_cut_is_said_and_counted() -> None:
    answer = parsed_feeds.parsed(rss("A")[: rss("A").rindex(b"</title>")])
    assert (answer.result, answer.is_cut, answer.detail) == (FetchResult.OK, True, CUT_DETAIL)
    assert isinstance(answer.drafts[0], Draft)
    assert answer.drafts[1:] == (EntryRejection.CUT_OFF,)


@pytest.mark.parametrize("gone", [b"</channel></rss>\n", b"</rss>\n", b"\n"])
def test_end_tags_alone_that_are_missing_cost_no_entry(gone: bytes) -> None:
    found = parse_feed(rss("A").removesuffix(gone))
    assert (len(found.entries), found.lost) == (2, ())


@pytest.mark.parametrize(
    "last", [b"<item><title><![CDATA[Third</title></item>", b"<item><title>Third", b"<item><title>Third<!-- x</title></item>"]
)
def test_damage_in_the_last_entry_is_no_cut_when_the_document_ends(last: bytes) -> None:
    found = parse_feed(rss("A").replace(b"</channel>", last + b"</channel>"))
    assert (found.is_cut, found.lost) == (False, ())
    assert found.entries[2].title.startswith("Third")


def test_words_after_the_end_are_no_cut() -> None:
    for rest in (b"<!-- 0.2 s -->", b"<script src='x'></script>", b"PHP Warning: x", b"\0\0", b"</rss>"):
        found = parse_feed(rss("A").rstrip() + rest)
        assert (len(found.entries), found.is_cut, found.lost) == (2, False, ()), rest


def test_the_next_poll_brings_the_entry_that_was_cut_as_one_article() -> None:
    first = parsed_feeds.parsed(rss("A")[:-60])
    second = parsed_feeds.parsed(rss("A"))
    ids = [draft.article_id for draft in second.drafts if isinstance(draft, Draft)]
    assert [draft.article_id for draft in first.drafts if isinstance(draft, Draft)] == ids[:1]
    assert len(set(ids)) == 2
