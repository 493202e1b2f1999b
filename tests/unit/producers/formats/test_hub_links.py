"""The hub a feed names in headers or body."""

from __future__ import annotations

import pytest
from support.drafts import FEED

from newsmon.records import FetchResult
from producers.answers.outcome import Fetched
from producers.formats.hub_links import HubLink, hub_link

HUB, TOPIC = "https://hub.example/", "https://a.example/feed"


def answered(body: str = "", link: str = "") -> Fetched:
    return Fetched(FetchResult.OK, 200, body.encode(), {"link": link} if link else {}, "https://a.example/feed?x=1")


@pytest.mark.parametrize(
    ("body", "link", "found"),
    [
        ("<rss/>", f'<{HUB}>; rel="hub", <{TOPIC}>; rel="self"', HubLink(HUB, TOPIC)),
        ("<rss/>", f"<{HUB}>; rel=hub", HubLink(HUB, "https://a.example/feed?x=1")),
        (
            "<rss/>",
            '</hub>;rel="hub alternate";type="x,y", <https://b.example/>; rel=next',
            HubLink("https://a.example/hub", "https://a.example/feed?x=1"),
        ),
        (f'<rss><channel><atom:link rel="hub" href="{HUB}"/><atom:link href="{TOPIC}" rel="self"/>', "", HubLink(HUB, TOPIC)),
        (f"<feed><link href='{HUB}' rel='hub'/><link rel='self' href='{TOPIC}'/>", "", HubLink(HUB, TOPIC)),
        (
            '<feed><link rel="hub" href="https://hub.example/?a=1&amp;b=2"/>',
            "",
            HubLink("https://hub.example/?a=1&b=2", "https://a.example/feed?x=1"),
        ),
        (
            f'{{"version":"https://jsonfeed.org/version/1.1","feed_url":"{TOPIC}","hubs":[{{"type":"WebSub","url":"{HUB}"}}],"items":[]}}',
            "",
            HubLink(HUB, TOPIC),
        ),
        ("<feed><link rel='self' href='https://a.example/feed'/>", "", None),
        ("<feed><link rel='hub' href='ftp://hub.example/'/>", "", None),
        ("<rss><item>a &lt;link rel='hub' href='x'&gt;</item>", "", None),
        ('{"hubs": 3}', "", None),
        ("{" * 10_000, "", None),
        ("<link " * 50_000, "<" * 50_000, None),
    ],
)
def test_the_hub_is_read_from_headers_then_body(body: str, link: str, found: HubLink | None) -> None:
    assert hub_link(answered(body, link), FEED.url) == found
