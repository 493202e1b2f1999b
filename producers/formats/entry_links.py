"""Chooses the address of an entry's article among all that an RSS or Atom entry names.

In: feedparser's entries. Out: addresses as written, absolute or relative to the feed's base. I/O: none.

In this order: the address behind a redirector (feedburner:origLink), the first HTML alternate, any other alternate that is no feed, an
identifier that is an address and not said to be none, the source of an Atom content. Comments, enclosures, and links that are only
related (`via`, `self`, `edit`, `replies`) are never the article.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from newsmon.text import unwrapped
from producers.addresses.urls import absolute_url

MAX_LINK_CHARS = 8_000
_ORIGINALS = ("feedburner_origlink", "pheedo_origlink")
_ALTERNATES = ("alternate", "http://www.iana.org/assignments/relation/alternate", "")
_HTML = ("text/html", "application/xhtml+xml", "")
_FEEDS = re.compile(r"(?:rss|atom|rdf)\+xml|json|opensearch|oembed|[\s/]xml$")
_ABSOLUTE = re.compile(r"https?:[/\\]*[^/\\\s]", re.IGNORECASE)
_OTHER_SCHEME = re.compile(r"(?!https?:)[a-z][a-z0-9+.-]*:(?!\d+(?:/|$))", re.IGNORECASE)
_ESCAPED_AMPERSAND = re.compile(r"&(?:amp|#0{0,4}38|#x0{0,4}26);", re.IGNORECASE)
_MOST_ESCAPES = 4


def link_of(raw: Mapping[str, Any]) -> str | None:
    """The address of the article, or None."""
    return next((link for link in _candidates(raw) if link), None)


def _candidates(raw: Mapping[str, Any]) -> Iterator[str | None]:
    for key in _ORIGINALS:
        yield _absolute(raw.get(key))
    yield from _alternates(raw.get("links"))
    yield _of_guid(raw)
    for part in raw.get("content") or ():
        if isinstance(part, dict) and str(part.get("type") or "").lower() in (*_HTML, "text/plain"):
            yield _web(part.get("src"))


def _alternates(links: Any) -> Iterator[str | None]:
    """The alternates that are no feeds: first those in HTML."""
    found = [one for one in links or () if isinstance(one, dict) and str(one.get("rel") or "").strip().lower() in _ALTERNATES]
    kinds = [str(one.get("type") or "").lower().partition(";")[0].strip() for one in found]
    pairs = list(zip(found, kinds, strict=True))
    yield from (_web(one.get("href")) for one, kind in pairs if kind in _HTML)
    yield from (_web(one.get("href")) for one, kind in pairs if kind not in _HTML and not _FEEDS.search(kind))


def _of_guid(raw: Mapping[str, Any]) -> str | None:
    """The identifier where it is an absolute address; None where the feed says that it is no permanent link."""
    is_denied = raw.get("guidislink") is False and "link" not in raw
    return None if is_denied else _absolute(raw.get("id"))


def _absolute(value: object) -> str | None:
    link = written_link(value)
    return link if _ABSOLUTE.match(link) else None


def _web(value: object) -> str | None:
    """The address unless it has another scheme, such as mailto: or javascript:."""
    link = written_link(value)
    return link if link and not _OTHER_SCHEME.match(link) else None


def written_link(value: object) -> str:
    """The address as meant: without CDATA marks, and without HTML escapes of its ampersands."""
    if not isinstance(value, str):
        return ""
    link = unwrapped(value[:MAX_LINK_CHARS]).strip().removeprefix("feed:")
    for _ in range(_MOST_ESCAPES):
        if "&" not in link or (read := _ESCAPED_AMPERSAND.sub("&", link)) == link:
            break
        link = read
    return link


def base_of(feed: Mapping[str, Any], links: Iterable[str | None], url: str | None) -> str | None:
    """What relative links are relative to: the channel's own page, else the feed's address.

    The feed's address also where all absolute links of its entries lead to its own site and none to the channel's.
    """
    link = next((link for link in _alternates(feed.get("links")) if link), None) or _web(feed.get("link"))
    channel = absolute_url(link, url) if link else None
    if channel is None or url is None or _host(channel) == _host(url):
        return channel or url
    hosts = {_host(one) for one in links if one and _ABSOLUTE.match(one)}
    return url if _host(url) in hosts and _host(channel) not in hosts else channel


def _host(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").removeprefix("www.")
    except ValueError:
        return ""
