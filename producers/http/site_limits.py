"""Limits per site (registrable domain): time between requests, requests at once, and holds after a 429.

In memory only: a restart forgets them, but feeds' due times survive in their states.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from producers.addresses.sites import registrable_domain


@dataclass
class SiteLimits:
    """One replica's record of its requests to sites."""

    spacing: timedelta
    at_once: int = 1_000_000
    _next_at: dict[str, datetime] = field(default_factory=dict)
    _held_until: dict[str, datetime] = field(default_factory=dict)
    _open: Counter[str] = field(default_factory=Counter)

    def is_free(self, url: str, *, now: datetime) -> bool:
        """True when the site may be asked now: long enough after its last request, not too many requests running, not held."""
        domain = registrable_domain(url)
        return self._next_at.get(domain, now) <= now and self._open[domain] < self.at_once and self.held_until(url, now=now) is None

    def take(self, url: str, *, now: datetime) -> None:
        """Count a request to the site; call `answered` once it has been answered."""
        domain = registrable_domain(url)
        self._next_at[domain] = now + self.spacing
        self._open[domain] += 1

    def answered(self, url: str) -> None:
        domain = registrable_domain(url)
        self._open[domain] -= 1
        if self._open[domain] <= 0:
            del self._open[domain]

    def hold_domain(self, url: str, until: datetime) -> None:
        domain = registrable_domain(url)
        self._held_until[domain] = max(until, self._held_until.get(domain, until))

    def held_until(self, url: str, *, now: datetime) -> datetime | None:
        """The end of the site's hold; None when it is not held."""
        until = self._held_until.get(registrable_domain(url))
        return until if until is not None and until > now else None

    def clock_stepped(self, by: timedelta) -> None:
        """The system clock was set by `by`: spacing and holds last for as long as they would have."""
        self._next_at = {domain: at + by for domain, at in self._next_at.items()}
        self._held_until = {domain: at + by for domain, at in self._held_until.items()}
