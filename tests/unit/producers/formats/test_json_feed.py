"""JSON Feed as its specification says, and as programs write it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from support import parsed_feeds

from producers.articles.draft import Draft
from producers.formats.entry import Entry
from producers.formats.parse import parse_feed


def feed(*items: dict[str, Any], **about: Any) -> bytes:
    return json.dumps({"version": "https://jsonfeed.org/version/1.1", "title": "Quay", "items": items} | about).encode()


def entry(**item: Any) -> Entry:
    (only,) = parse_feed(feed({"id": "1", "title": "T"} | item)).entries
    return only


def draft(body: bytes) -> Draft:
    (only,) = parsed_feeds.parsed(body).drafts
    assert isinstance(only, Draft)
    return only


@pytest.mark.parametrize(
    ("item", "link"),
    [
        ({"id": "https://quay.example/1"}, "https://quay.example/1"),
        ({"id": "https://quay.example/1", "url": "https://quay.example/2"}, "https://quay.example/2"),
        ({"id": "https://quay.example/1", "external_url": "https://else.example/"}, "https://quay.example/1"),
        ({"id": "1", "external_url": "https://else.example/a"}, "https://else.example/a"),
        ({"id": "1", "url": None, "external_url": ""}, None),
        ({"id": "1", "url": " /a b "}, "/a b"),
        ({"id": "httpx"}, None),
    ],
)
def test_the_link_is_the_items_own_page_where_one_is_named(item: dict[str, Any], link: str | None) -> None:
    assert entry(**item).link == link


@pytest.mark.parametrize("number", ["1", "1.0", "1e21", "12345678901234567890123", "-0", "0.1000"])
def test_a_number_as_id_is_kept_as_written(number: str) -> None:
    body = feed({"id": "X", "title": "T"}).replace(b'"X"', number.encode())
    assert parse_feed(body).entries[0].guid == number


@pytest.mark.parametrize("value", [None, True, [], {}, "", "  "])
def test_an_id_that_is_no_id_is_none(value: object) -> None:
    assert entry(id=value).guid is None


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Leak names <General Orlov>", "Leak names <General Orlov>"),
        ("a < b & c", "a < b & c"),
        ("if x<b then", "if x<b then"),
        ("<b>Talks</b> resume", "Talks resume"),
        ("Ministers &amp; envoys", "Ministers & envoys"),
        ("Caf&#233; &hellip;", "Café …"),
        ("AT&T; Q&A;", "AT&T; Q&A;"),
    ],
)
def test_titles_are_plain_text_unless_they_are_clearly_markup(written: str, read: str) -> None:
    assert draft(feed({"id": "1", "title": written})).title == read
    assert draft(feed({"id": "1", "title": "T", "summary": written})).lead == read


def test_content_text_is_plain_and_content_html_is_not() -> None:
    assert (
        draft(feed({"id": "1", "title": "T", "content_text": "Oil a<b, <i>x</i> &amp; <resumed>."})).lead
        == "Oil a<b, <i>x</i> &amp; <resumed>."
    )
    assert draft(feed({"id": "1", "title": "T", "content_html": "<p>A &amp; b</p>", "content_text": "no"})).lead == "A & b"
    assert draft(feed({"id": "1", "title": "T", "content_html": " ", "content_text": "a <b"})).lead == "a <b"


def test_an_items_language_goes_before_the_feeds() -> None:
    found = parse_feed(feed({"id": "1", "title": "T", "language": "pl-PL"}, {"id": "2", "title": "T", "language": "?"}, language="de-AT"))
    assert ([one.language for one in found.entries], found.language) == (["pl", None], "de")
    assert draft(feed({"id": "1", "title": "Tusk, Scholz, Macron, Meloni", "language": "pl"})).language == "pl"


def test_the_second_date_is_kept_for_when_the_first_cannot_be_read() -> None:
    found = entry(date_published="soon", date_modified="2026-11-23T08:30:00Z")
    assert (found.published_raw, found.other_dates) == ("soon", ("2026-11-23T08:30:00Z",))
    assert entry(date_modified="2026-11-23T08:30:00Z").published_raw == "2026-11-23T08:30:00Z"


@pytest.mark.parametrize(
    ("about", "base"),
    [
        ({"home_page_url": "https://quay.example/news/", "feed_url": "https://cdn.example/f.json"}, "https://quay.example/news/"),
        ({"home_page_url": "/", "feed_url": "https://cdn.example/f.json"}, "https://cdn.example/f.json"),
        ({"home_page_url": 5}, "https://asked.example/feed.json"),
    ],
)
def test_relative_links_are_relative_to_the_home_page_then_the_feed(about: dict[str, Any], base: str) -> None:
    assert parse_feed(feed(**about), url="https://asked.example/feed.json").base == base
