"""The site an address belongs to: its registrable domain."""

from __future__ import annotations

from functools import lru_cache
from urllib.parse import urlsplit

import tldextract

# The bundled list of public suffixes: a start must not depend on the network.
_extract = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)


def host_of(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").lower()
    except ValueError:
        return ""


@lru_cache(maxsize=50_000)
def registrable_domain(url: str) -> str:
    """`news.example.co.uk` -> `example.co.uk`; an IP address or a name without a public suffix is returned unchanged."""
    host = host_of(url)
    found = _extract(host)
    return f"{found.domain}.{found.suffix}" if found.suffix else host


def site_of(url: str) -> str:
    """Like `registrable_domain`, but by the list's own last rule: under a top level it does not name, the site has two labels."""
    domain = registrable_domain(url)
    labels = domain.split(".")
    return domain if len(labels) < 3 or labels[-1].isdigit() or _extract(domain).suffix else ".".join(labels[-2:])
