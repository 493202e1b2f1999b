"""Small feeds around one entry, for tests that are about one element."""

from __future__ import annotations

from newsmon.records import Feed, FetchResult
from producers.articles.draft import Draft
from producers.articles.parse_job import ParseJob, drafts_of_body
from support.drafts import NOW

NAMESPACES = (
    'xmlns:media="http://search.yahoo.com/mrss/" xmlns:dc="http://purl.org/dc/elements/1.1/" '
    'xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd" xmlns:content="http://purl.org/rss/1.0/modules/content/" '
    'xmlns:atom="http://www.w3.org/2005/Atom" xmlns:feedburner="http://rssnamespace.org/feedburner/ext/1.0" '
    'xmlns:x="http://www.w3.org/1999/xhtml" xmlns:pheedo="http://www.pheedo.com/namespace/pheedo"'
)
FEED = Feed(feed_id="quay", url="https://cdn.feeds.example/quay.xml", source="Quay")
CHANNEL = "<link>https://quay.example/</link>"
ADDRESS = "https://cdn.feeds.example/quay.xml"


def rss(item: str, *, channel: str = CHANNEL) -> bytes:
    return f'<?xml version="1.0" encoding="utf-8"?><rss version="2.0" {NAMESPACES}><channel><title>Quay</title>{channel}<item>{item}</item></channel></rss>'.encode()


def atom(entry: str, *, head: str = '<link href="https://quay.example/"/>', root: str = "") -> bytes:
    return (
        f'<?xml version="1.0" encoding="utf-8"?><feed xmlns="http://www.w3.org/2005/Atom" {NAMESPACES} {root}><title>Quay</title>'
        f"<id>tag:quay.example,2026:f</id>{head}<entry>{entry}</entry></feed>"
    ).encode()


def drafts(body: bytes, *, url: str = ADDRESS) -> list[Draft]:
    answer = drafts_of_body(ParseJob(FEED, body, "", url, 100, NOW))
    assert answer.result is FetchResult.OK, answer
    return [one for one in answer.drafts if isinstance(one, Draft)]


def draft(body: bytes, *, url: str = ADDRESS) -> Draft:
    (only,) = drafts(body, url=url)
    return only
