"""When a host may be asked again: spacing between requests, and holds after 429 for everything under one registrable domain.

In-memory: a restart forgets, the feeds' own next due times do not. The clock comes in as an argument.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import tldextract

# The bundled list of public suffixes: asking the network for a newer one at start would be a dependency on it.
_extract = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)


def host_of(url: str) -> str:
    return (urlsplit(url).hostname or "").lower()


def registrable_domain(url: str) -> str:
    """`news.example.co.uk` -> `example.co.uk`; an address or a name without a public suffix stays as it is."""
    host = host_of(url)
    found = _extract(host)
    return f"{found.domain}.{found.suffix}" if found.suffix else host


@dataclass
class Pacing:
    """One replica's memory of who was asked when."""

    spacing: timedelta
    _next_at: dict[str, datetime] = field(default_factory=dict)
    _held_until: dict[str, datetime] = field(default_factory=dict)

    def is_free(self, url: str, *, now: datetime) -> bool:
        """Whether the host may be asked now: its last request is long enough ago and nothing under its domain is held."""
        return self._next_at.get(host_of(url), now) <= now and self.held_until(url, now=now) is None

    def take(self, url: str, *, now: datetime) -> None:
        """The host is asked now."""
        self._next_at[host_of(url)] = now + self.spacing

    def hold_domain(self, url: str, until: datetime) -> None:
        domain = registrable_domain(url)
        self._held_until[domain] = max(until, self._held_until.get(domain, until))

    def held_until(self, url: str, *, now: datetime) -> datetime | None:
        """Until when nobody under this domain may be asked; None when all may."""
        until = self._held_until.get(registrable_domain(url))
        return until if until is not None and until > now else None
