"""Full-page extraction end to end: the feed's article at once, the page's text as its revision, the ledger balanced."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.feedserver import FeedServer, feed_server, rss
from support.ledgers import assert_log_is_stored_and_balances
from support.producing import producing, records, write_config
from support.storing import eventually

from newsmon.records import Article, FeedState, FetchKind, FetchOutcome, TextSource
from newsmon.settings import Settings
from newsmon.topics import ARTICLES, FEED_STATE, FETCHES


@pytest.fixture
def server() -> Iterator[FeedServer]:
    with feed_server() as running:
        yield running


def entry(server: FeedServer, number: int) -> dict[str, str]:
    url = server.url(f"/{number}.html")
    return {
        "title": f"Harbour report number {number}",
        "link": url,
        "guid": url,
        "description": f"The harbour report of the day ({number}).",
    }


def page(number: int) -> bytes:
    text = "".join(
        f"<p>Harbour report number {number} counts its paragraph {part} among the news of a long day at sea.</p>" for part in range(9)
    )
    return f"<html><body><article><h1>Harbour report number {number}</h1>{text}</article></body></html>".encode()


def config_for(settings: Settings, server: FeedServer, directory: Path, name: str = "a") -> Path:
    config = write_config(directory, settings, [("a", server.url("/a"))], interval_s=0.5, name=name)
    feeds = directory / f"feeds-{name}.toml"
    feeds.write_text(feeds.read_text("utf-8") + "full_text = true\n", "utf-8")
    config.write_text(config.read_text("utf-8") + "[pages]\nhost_spacing_s = 0.0\nretry_s = 2.0\n", "utf-8")
    return config


def by_title(settings: Settings) -> dict[str, list[Article]]:
    found: dict[str, list[Article]] = {}
    for article in sorted(records(settings, ARTICLES, Article), key=lambda one: (one.poll_seq, one.revision)):
        found.setdefault(article.title, []).append(article)
    return found


def last_state(settings: Settings) -> FeedState:
    eventually(lambda: bool(records(settings, FEED_STATE, FeedState)), "a state")
    return records(settings, FEED_STATE, FeedState)[-1]


def test_the_page_comes_as_a_revision_after_the_feeds_article_and_everything_adds_up(
    kafka_settings: Settings, server: FeedServer, tmp_path: Path
) -> None:
    server.bodies |= {"/robots.txt": b"User-agent: *\nDisallow: /3.html", "/1.html": page(1), "/2.html": page(2), "/3.html": page(3)}
    server.bodies["/a"] = rss([entry(server, 1)])
    with producing(config_for(kafka_settings, server, tmp_path), tmp_path / "log"):
        eventually(lambda: len(records(kafka_settings, ARTICLES, Article)) == 1, "the first poll")
        server.bodies["/a"] = rss([entry(server, number) for number in (4, 3, 2, 1)])  # of 4 there is no page
        eventually(
            lambda: len(by_title(kafka_settings).get("Harbour report number 2", [])) == 2 and not last_state(kafka_settings).pages,
            "the page of 2 is read, those of 3 and 4 are settled",
        )
        server.bodies["/a"] = rss([entry(server, number) for number in (5, 4, 3, 2, 1)])
        eventually(lambda: "Harbour report number 5" in by_title(kafka_settings), "a later poll")
    found = by_title(kafka_settings)
    first, second = found["Harbour report number 2"]
    assert (first.revision, first.text_source, first.body) == (1, TextSource.FEED, "")
    assert (second.revision, second.text_source, second.body.count("\n")) == (2, TextSource.PAGE, 8)
    assert second.article_id == first.article_id
    assert {title: len(revisions) for title, revisions in found.items() if title[-1] in "134"} == {
        f"Harbour report number {number}": 1 for number in (1, 3, 4)
    }
    assert "/1.html" not in server.counts(), "a first poll reads no pages"
    assert "/3.html" not in server.counts(), "robots.txt forbids it"
    outcomes = sorted(records(kafka_settings, FETCHES, FetchOutcome), key=lambda one: one.poll_seq)
    assert [one.poll_seq for one in outcomes] == list(range(1, len(outcomes) + 1))
    details = " ".join(one.detail or "" for one in outcomes if one.kind is FetchKind.PAGES)
    assert "extracted 1" in details
    assert "robots_denied 1" in details
    assert "http_error 1" in details
    assert_log_is_stored_and_balances(kafka_settings, tmp_path)


def test_a_page_still_waiting_when_the_producer_ends_is_read_by_the_next(
    kafka_settings: Settings, server: FeedServer, tmp_path: Path
) -> None:
    server.bodies["/a"] = rss([entry(server, 1)])
    config = config_for(kafka_settings, server, tmp_path)
    slow = config.read_text("utf-8").replace("host_spacing_s = 0.0\nretry_s", "host_spacing_s = 600.0\nretry_s")
    config.write_text(slow, "utf-8")  # the first page takes the host's turn, the second waits
    with producing(config, tmp_path / "log"):
        eventually(lambda: len(records(kafka_settings, ARTICLES, Article)) == 1, "the first poll")
        server.bodies |= {"/2.html": page(2), "/3.html": page(3), "/a": rss([entry(server, number) for number in (3, 2, 1)])}
        eventually(lambda: len(last_state(kafka_settings).pages) == 1, "one page is read, one waits")
    waiting = last_state(kafka_settings).pages[0].article.title
    assert len(by_title(kafka_settings)[waiting]) == 1
    started_s = time.monotonic()
    with producing(config_for(kafka_settings, server, tmp_path, "b"), tmp_path / "log"):
        eventually(lambda: len(by_title(kafka_settings)[waiting]) == 2, "the page that waited is read after the restart")
    assert last_state(kafka_settings).pages == ()
    assert sum(len(agents) for path, agents in server.since(started_s).items() if path.endswith(".html")) == 1
