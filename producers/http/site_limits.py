"""When a site may be asked again: spacing and number of requests at once per registrable domain, and holds after 429.

In-memory: a restart forgets, the feeds' own next due times do not. The clock comes in as an argument.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from urllib.parse import urlsplit

import tldextract

# The bundled list of public suffixes: asking the network for a newer one at start would be a dependency on it.
_extract = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)


def host_of(url: str) -> str:
    return (urlsplit(url).hostname or "").lower()


@lru_cache(maxsize=50_000)
def registrable_domain(url: str) -> str:
    """`news.example.co.uk` -> `example.co.uk`; an address or a name without a public suffix stays as it is."""
    host = host_of(url)
    found = _extract(host)
    return f"{found.domain}.{found.suffix}" if found.suffix else host


@dataclass
class SiteLimits:
    """One replica's memory of who was asked when."""

    spacing: timedelta
    at_once: int = 1_000_000
    _next_at: dict[str, datetime] = field(default_factory=dict)
    _held_until: dict[str, datetime] = field(default_factory=dict)
    _open: Counter[str] = field(default_factory=Counter)

    def is_free(self, url: str, *, now: datetime) -> bool:
        """Whether the domain may be asked now: long enough after its last request, not too many under way, not held."""
        domain = registrable_domain(url)
        return self._next_at.get(domain, now) <= now and self._open[domain] < self.at_once and self.held_until(url, now=now) is None

    def take(self, url: str, *, now: datetime) -> None:
        """The domain is asked now; `release` when it has answered."""
        domain = registrable_domain(url)
        self._next_at[domain] = now + self.spacing
        self._open[domain] += 1

    def release(self, url: str) -> None:
        domain = registrable_domain(url)
        self._open[domain] -= 1
        if self._open[domain] <= 0:
            del self._open[domain]

    def hold_domain(self, url: str, until: datetime) -> None:
        domain = registrable_domain(url)
        self._held_until[domain] = max(until, self._held_until.get(domain, until))

    def held_until(self, url: str, *, now: datetime) -> datetime | None:
        """Until when nobody under this domain may be asked; None when all may."""
        until = self._held_until.get(registrable_domain(url))
        return until if until is not None and until > now else None
