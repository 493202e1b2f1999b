"""Addresses of a website's feeds: those its pages and robots.txt declare, and the usual ones."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from lxml import etree

from producers.addresses.urls import absolute_url

MAX_HTML_BYTES = 3_000_000
MAX_LINKS = 5_000
FEED_TYPES = frozenset(
    ("application/rss+xml application/atom+xml application/feed+json application/json application/rdf+xml application/xml text/xml").split()
)
WELL_KNOWN = (
    "/feed", "/rss", "/rss.xml", "/feed.xml", "/atom.xml", "/index.xml", "/feed.json", "/feeds/posts/default", "/?feed=rss2",
    "/news-sitemap.xml", "/sitemap-news.xml", "/sitemap_news.xml", "/sitemap/news.xml",
)  # fmt: skip
_FEED_LIKE = re.compile(r"(?:^|[/._?=-])(?:rss|atom|feeds?|rdf)(?:[/._?=&-]|\d|$)|\.(?:rss|atom|rdf)$|feed\.json$", re.IGNORECASE)
_SITEMAP_LINE = re.compile(r"^\s*sitemap\s*:\s*(\S+)", re.IGNORECASE | re.MULTILINE)


def declared_feeds(html: bytes, url: str) -> tuple[str, ...]:
    """The addresses in `<link rel="alternate">` with a feed's type, then `<link rel="feed">` and links that look like feeds."""
    base = url
    declared: list[str] = []
    guessed: list[str] = []
    for name, attributes in _tags(html):
        href = attributes.get("href", "")
        if name == "base" and href:
            base = absolute_url(href, url) or base
            continue
        address = absolute_url(href, base) if href else None
        if address is None:
            continue
        relations = attributes.get("rel", "").lower().split()
        kind = attributes.get("type", "").lower().partition(";")[0].strip()
        if name == "link" and "alternate" in relations and kind in FEED_TYPES and "stylesheet" not in relations:
            declared.append(address)
        elif (name == "link" and "feed" in relations) or (name == "a" and _FEED_LIKE.search(href)):
            guessed.append(address)
    return tuple(dict.fromkeys([*declared, *guessed]))


def well_known_feeds(url: str) -> tuple[str, ...]:
    """The usual addresses of feeds and news sitemaps, for sites without link tags."""
    return tuple(address for path in WELL_KNOWN if (address := absolute_url(path, url)))


def news_sitemaps(robots_txt: str, url: str) -> tuple[str, ...]:
    """The sitemaps in robots.txt that have `news` in their address."""
    named = (absolute_url(found, url) for found in _SITEMAP_LINE.findall(robots_txt[:500_000]))
    return tuple(dict.fromkeys(address for address in named if address and "news" in address.lower()))


def _tags(html: bytes) -> Iterator[tuple[str, dict[str, str]]]:
    parser = etree.HTMLParser(recover=True, no_network=True, huge_tree=False)
    try:
        tree: Any = etree.fromstring(html[:MAX_HTML_BYTES], parser)
    except (etree.XMLSyntaxError, ValueError):
        return
    if tree is None:
        return
    for position, element in enumerate(tree.iter("base", "link", "a")):
        if position >= MAX_LINKS:
            return
        yield str(element.tag), {str(key).lower(): str(value).strip() for key, value in element.attrib.items()}
