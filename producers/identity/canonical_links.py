"""What a feed's pages say about its links: that one host shows the pages of another."""

from __future__ import annotations

from urllib.parse import urlsplit

import msgspec

from newsmon.records import LinkHabits
from producers.addresses.spellings import skeleton_of
from producers.addresses.urls import canonical_url

HOSTS_MOST = 16


def with_host(links: LinkHabits | None, link: str | None, canonical: str | None) -> LinkHabits | None:
    """What was learned, and that the host of `link` stands for that of the same page's canonical address.

    Only where the two are spellings of one address, and not where the pages of the other host name this one.
    """
    given = canonical_url(link) if link else None
    if given is None or canonical is None or skeleton_of(given) != skeleton_of(canonical):
        return links
    hosts = links.hosts if links else ()
    pair = urlsplit(given).netloc, urlsplit(canonical).netloc
    if pair[0] == pair[1] or any(pair[0] in known or pair[1] == known[0] for known in hosts):
        return links
    return msgspec.structs.replace(links or LinkHabits(), hosts=(*hosts, pair)[-HOSTS_MOST:])
