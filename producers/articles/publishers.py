"""Whose article an aggregator's item is. The publisher is the source; the aggregator is none, and its tier is not the publisher's.

In: drafts, feeds. Out: source and tier. A publisher that some configured feed has as its source, or whose site it reads, has that
feed's tier; any other has the lowest.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from newsmon import ids
from newsmon.records import Feed
from producers.articles.draft import Draft

UNKNOWN_TIER = 4
_DOMAIN = re.compile(r"(?:[a-z0-9-]+\.)+[a-z]{2,}")  # a publisher that is named by its site
Publishers = Mapping[str, Feed]  # by name and by site, as `publishers_of` makes it


def publishers_of(feeds: Iterable[Feed]) -> Publishers:
    """The publishers of the configured feeds; of several feeds, the one of the best tier speaks for the publisher."""
    from producers.addresses.sites import site_of  # imported here, because few processes need its list of suffixes

    found: dict[str, Feed] = {}
    sites: dict[str, set[str]] = {}
    for feed in sorted(feeds, key=lambda feed: -feed.tier):
        site = _site(site_of(feed.url))
        sites.setdefault(site, set()).add(feed.source)
        found[site] = found[ids.source_key(feed.source)] = feed
    for site, sources in sites.items():
        if len(sources) > 1:  # a site that hosts many publishers, or an aggregator that is read for many, is none of them
            found.pop(site)
    return found


def source_and_tier(draft: Draft, feed: Feed, publishers: Publishers | None) -> tuple[str, int]:
    """The source and tier of the article."""
    if draft.publisher is None:
        return feed.source, feed.tier
    name = ids.source_key(draft.publisher)
    if name == ids.source_key(feed.source):
        return feed.source, feed.tier
    site = ""
    address = draft.publisher_url or (f"https://{name}" if _DOMAIN.fullmatch(name) else "")
    if address:
        from producers.addresses.sites import site_of

        site = _site(site_of(address))
        if site == _site(site_of(feed.url)):
            return feed.source, feed.tier
    known = (publishers.get(name) or publishers.get(site)) if publishers else None
    return (known.source, known.tier) if known is not None else (draft.publisher, UNKNOWN_TIER)


def publisher_feed(name: str | None, url: str | None, publishers: Publishers) -> Feed | None:
    """The configured feed of the publisher that is called so or has this address; None for a publisher nobody has configured."""
    from producers.addresses.sites import site_of

    key = ids.source_key(name or "")
    sites = (f"https://{key}" if _DOMAIN.fullmatch(key) else "", url or "")
    return publishers.get(key) or next((feed for one in sites if one and (feed := publishers.get(_site(site_of(one)))) is not None), None)


def _site(domain: str) -> str:
    return f"site {domain}"
