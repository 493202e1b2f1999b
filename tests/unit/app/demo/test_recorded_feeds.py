"""The recorded feeds are what the catalogue promises, and the expectations speak of entries that exist."""

from __future__ import annotations

import json
import re
from collections import Counter
from datetime import UTC, datetime
from typing import Any

import feedparser
import pytest

from newsmon.app.demo.findings.expectations import Expectations, load_expectations
from newsmon.app.demo.recorded.catalogue import Catalogue, RecordedFeed, demo_directory, load_catalogue
from newsmon.ids import normalised

NOW = datetime(2026, 11, 24, 3, 15, tzinfo=UTC)
CATALOGUE: Catalogue = load_catalogue(demo_directory())
EXPECTED: Expectations = load_expectations(demo_directory() / "expected.toml")
VERSIONS = [(feed, version) for feed in CATALOGUE.feed for version in (1, 2) if feed.file and (version == 1 or feed.file_2)]
FEEDS = [pair for pair in VERSIONS if pair[0].format not in ("html", "none")]
PARSED_AS = {"rss2": "rss20", "rss1": "rss10", "atom": "atom10"}


def items(feed: RecordedFeed, version: int) -> list[dict[str, Any]]:
    """The feed's items as an independent parser sees them: title, link, guid and whether there is a date."""
    body = CATALOGUE.body(feed, version, now=NOW)
    if feed.format == "json":
        return [
            {"title": item["title"], "link": item["url"], "guid": item["id"], "text": item.get("content_html") or item["content_text"]}
            for item in json.loads(body)["items"]
        ]
    parsed = feedparser.parse(body, response_headers={"content-type": feed.content_type_header})
    return [
        {"title": entry.get("title", ""), "link": entry.get("link"), "guid": entry.get("id"), "text": entry.get("summary", "")}
        for entry in parsed.entries
    ]


def named(pair: object) -> str:
    return f"{pair.id}" if isinstance(pair, RecordedFeed) else str(pair)


@pytest.mark.parametrize(("feed", "version"), FEEDS, ids=named)
def test_a_recorded_feed_parses_as_its_format_with_the_promised_number_of_entries(feed: RecordedFeed, version: int) -> None:
    promised = feed.entries if version == 1 else feed.entries_2
    assert len(items(feed, version)) == promised
    if feed.format != "json":
        parsed = feedparser.parse(CATALOGUE.body(feed, version, now=NOW), response_headers={"content-type": feed.content_type_header})
        assert parsed.version == PARSED_AS[feed.format]
        assert parsed.encoding == feed.encoding
        assert bool(parsed.bozo) is (feed.id == "cut-off")


@pytest.mark.parametrize(("feed", "version"), FEEDS, ids=named)
def test_no_placeholder_is_left_and_no_letter_is_lost_on_the_wire(feed: RecordedFeed, version: int) -> None:
    text = CATALOGUE.body(feed, version, now=NOW).decode(feed.encoding)
    assert "{{" not in text
    assert "\ufffd" not in text


@pytest.mark.parametrize(("feed", "version"), FEEDS, ids=named)
def test_every_address_belongs_to_an_invented_outlet(feed: RecordedFeed, version: int) -> None:
    text = CATALOGUE.body(feed, version, now=NOW).decode(feed.encoding)
    outside = {"www.w3.org", "purl.org", "jsonfeed.org"}  # names of XML vocabularies, never dialled
    hosts = set(re.findall(r"https?://([^/\"'<\s]+)", text)) - outside
    assert hosts
    assert all(host.endswith(".example") for host in hosts)


def test_the_corpus_is_as_wide_as_promised() -> None:
    formats = Counter(feed.format for feed, version in FEEDS if version == 1)
    assert sum(formats.values()) >= 14
    assert {"rss2", "rss1", "atom", "json"} <= set(formats)
    assert {"en", "de", "fr", "es", "pl", "uk"} <= {feed.language for feed, _version in FEEDS}
    assert sum(len(items(feed, 1)) for feed, version in FEEDS if version == 1) >= 200
    titles = {normalised(item["title"]) for feed, _version in FEEDS for item in items(feed, 1)}
    assert len(titles) >= 200


def test_texts_differ_beyond_the_declared_copies() -> None:
    declared = {(entry.feed, normalised(entry.title)) for entry in EXPECTED.entry if entry.copy_of or entry.same_as}
    openings: dict[str, str] = {}
    for feed, _version in (pair for pair in FEEDS if pair[1] == 1):
        for item in items(feed, 1):
            if (feed.id, normalised(item["title"])) in declared or feed.id == "harbour-times-politics":
                continue
            opening = normalised(re.sub(r"<[^>]+>", " ", item["text"]))[:60]
            if opening:
                assert openings.setdefault(opening, item["title"]) == item["title"], "two entries begin alike"


def test_matching_is_the_exception() -> None:
    entries = sum(feed.entries for feed, version in FEEDS if version == 1)
    assert 40 <= sum(bool(entry.themes) for entry in EXPECTED.entry) <= entries * 0.35
    assert len(EXPECTED.look_alikes) >= 40


@pytest.mark.parametrize("entry", EXPECTED.entry, ids=lambda entry: entry.key)
def test_an_expectation_speaks_of_exactly_one_entry_of_its_feed(entry: Any) -> None:
    feed = next(feed for feed in CATALOGUE.feed if feed.id == entry.feed)
    titles = [normalised(item["title"]) for item in items(feed, entry.version)]
    assert titles.count(normalised(entry.title)) == 1
    if entry.version == 2:
        assert normalised(entry.title) not in [normalised(item["title"]) for item in items(feed, 1)]


def test_a_feed_with_a_second_version_really_changes() -> None:
    for feed, version in FEEDS:
        if version == 2:
            assert CATALOGUE.body(feed, 1, now=NOW) != CATALOGUE.body(feed, 2, now=NOW)


def test_guid_churn_keeps_titles_and_changes_every_guid() -> None:
    feed = next(feed for feed in CATALOGUE.feed if feed.id == "open-terrace")
    before, after = items(feed, 1), items(feed, 2)
    assert {item["title"] for item in before} < {item["title"] for item in after}
    assert not {item["guid"] for item in before} & {item["guid"] for item in after}
    assert not any(item["link"] for item in before + after)
