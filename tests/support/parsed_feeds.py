"""Assertions that hold for any parsed feed."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlsplit

from newsmon.records import FetchResult
from producers.articles.draft import Draft
from producers.articles.parse_job import ParsedBody, ParseJob, drafts_of_body
from support.drafts import FEED, NOW

URL = "https://desk.example/feeds/all"
ENDINGS = (FetchResult.OK, FetchResult.NOT_A_FEED, FetchResult.PARSE_ERROR)


def parsed(
    body: bytes, *, content_type: str = "", url: str = URL, max_entries: int = 2_000, fingerprints: frozenset[str] = frozenset()
) -> ParsedBody:
    return drafts_of_body(ParseJob(FEED, body, content_type, url, max_entries, NOW, fingerprints))


def assert_sound(answer: ParsedBody) -> None:
    """A named ending; texts that can be written down; absolute addresses; UTC dates or none."""
    assert answer.result in ENDINGS
    for one in answer.drafts:
        if not isinstance(one, Draft):
            continue
        for text in (one.title, one.lead, one.body, one.guid or "", one.url or "", one.published.raw or ""):
            text.encode("utf-8")
            assert "\x00" not in text
        assert one.title
        assert one.url is None or (urlsplit(one.url).scheme in ("http", "https") and urlsplit(one.url).netloc)
        assert one.published.at is None or one.published.at.utcoffset() == timedelta(0)
        assert one.published.at is None or one.published.at <= NOW
