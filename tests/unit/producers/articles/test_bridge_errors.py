"""Error reports of feed generators are rejected; news about bridges, errors and feed generators is kept."""

from __future__ import annotations

import pytest
from support.drafts import FEED, NOW

from newsmon.records import EntryRejection, FetchResult
from producers.articles.comparison import compare
from producers.articles.draft import Draft, draft_of
from producers.articles.parse_job import ParseJob, drafts_of_body
from producers.formats.entry import Entry

ISSUE = "https://github.com/RSS-Bridge/rss-bridge/issues/new?title=Bridge+failed"
ERRORS = [
    ("Bridge returned error 500! (20415)", "https://bridge.example/?action=display"),
    ("Bridge returned error 0! (19876)", ISSUE),
    ("Bridge returned error HttpException", None),
    ("Bridge encountered an unexpected situation! (20415)", None),
    ("Harbour News Bridge was unable to receive or process the remote website's content!", None),
    ("HarbourBridge was unable to receive or process the remote website’s content!", None),
    ("RSS-Bridge tried to fetch a page on a website. But it doesn't exist!", None),
    ("RSS-Bridge: HTTP 403 Forbidden", None),
    ("RSSHub error: route is empty", None),
    ("Welcome to RSSHub!", None),
    ("CloudFlareException in /app/lib/http.php line 80", None),
    ("503 Service Unavailable", ISSUE),
    ("Failed to load the page", "https://github.com/DIYgod/RSSHub/issues/1"),
    ("Just a moment...", "https://news.example/1"),
    ("Attention Required! | Cloudflare", "https://news.example/1"),
    ("Access denied | news.example used Cloudflare to restrict access", None),
]
NEWS = [
    ("Bridge returned to service after error 500 in its signals", "https://news.example/1"),
    ("Bridge returned, errors and all: Kerch span reopens", "https://news.example/1"),
    ("London Bridge was unable to receive ships on Monday", "https://news.example/1"),
    ("RSS-Bridge: a tool for readers who want no accounts", "https://news.example/1"),
    ("RSS-Bridge 2026-11-01 released", "https://github.com/RSS-Bridge/rss-bridge/releases/tag/2026-11-01"),
    ("Support the Kyiv feed", ISSUE),
    ("Just a moment: how a ceasefire was almost signed", "https://news.example/1"),
    ("Cloudflare outage takes down banks", "https://news.example/1"),
    ("Access denied: inspectors turned away at plant", "https://news.example/1"),
    ("Error 404: where did the aid money go?", "https://news.example/1"),
    ("Міст повернули в експлуатацію після помилки", "https://news.example/1"),
    ("An exception in the sanctions law keeps the refinery open", "https://news.example/1"),
]


def draft(title: str, link: str | None) -> Draft | EntryRejection:
    entry = Entry(guid=title, link=link, title=title, summary="Details", content="", published_raw=None)
    return draft_of(entry, FEED, base=None, first_seen_at=NOW)


@pytest.mark.parametrize(("title", "link"), ERRORS)
def test_an_error_dressed_up_as_an_item_is_recognised(title: str, link: str | None) -> None:
    assert draft(title, link) is EntryRejection.BRIDGE_ERROR


@pytest.mark.parametrize(("title", "link"), NEWS)
def test_news_that_sounds_like_it_is_an_article(title: str, link: str | None) -> None:
    assert isinstance(draft(title, link), Draft)


def test_in_a_feed_it_is_counted_and_never_published() -> None:
    from support.drafts import stamp
    from support.feedserver import item, rss

    body = rss(
        [item(1), {"title": "Bridge returned error 500! (20415)", "link": "https://b.example/x", "description": "Trace: #0 index.php"}]
    )
    parsed = drafts_of_body(ParseJob(FEED, body, "application/rss+xml", FEED.url, 100, NOW))
    assert parsed.result is FetchResult.OK
    found = compare(parsed.drafts, None, FEED, stamp())
    assert [article.title for article in found.articles] == ["Report 1"]
    assert found.rejected == {EntryRejection.BRIDGE_ERROR: 1}


def test_a_megabyte_of_title_is_judged_at_once() -> None:
    for title in ("bridge " * 150_000, "Exception: " * 100_000, "x" * 1_000_000 + "Bridge was unable"):
        assert isinstance(draft(title, None), Draft)
