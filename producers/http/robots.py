"""Permission to read a page, by its host's robots.txt (RFC 9309), which protego parses.

A 4xx answer allows everything. A server that fails or cannot be reached allows nothing until it answers. I/O: HTTP.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from protego import Protego

from newsmon.records import FetchResult, PageResult
from producers.answers.outcome import Fetched

KEPT_FOR = timedelta(hours=24)  # RFC 9309 section 2.4
FAILED_FOR = timedelta(minutes=10)
MAX_BYTES = 512_000  # RFC 9309 section 2.5: at least 500 KiB must be read
MAX_CRAWL_DELAY_S = 60.0
MAX_HOSTS = 5_000


@dataclass(frozen=True, slots=True)
class _Rules:
    until: datetime
    rules: Protego | None  # None: no page may be read


class Robots:
    """The rules of hosts, kept for a day."""

    def __init__(self, user_agent: str, fetch: Callable[[str], Awaitable[Fetched]], clock: Callable[[], datetime]) -> None:
        self._token = product_token(user_agent)
        self._fetch = fetch
        self._clock = clock
        self._rules: dict[str, _Rules] = {}

    async def refusal(self, url: str) -> PageResult | None:
        """None when the page may be read, otherwise the reason why not."""
        rules = await self._rules_of(origin_of(url))
        if rules is None:
            return PageResult.ROBOTS_UNREACHABLE
        return None if rules.can_fetch(url, self._token) else PageResult.ROBOTS_DENIED

    def crawl_delay_s(self, url: str) -> float:
        """The Crawl-delay of the host, at most a minute; 0 when it states none, or its robots.txt has not been read."""
        kept = self._rules.get(origin_of(url))
        delay = kept.rules.crawl_delay(self._token) if kept is not None and kept.rules is not None else None
        return min(float(delay or 0), MAX_CRAWL_DELAY_S)

    async def _rules_of(self, origin: str) -> Protego | None:
        kept, now = self._rules.get(origin), self._clock()
        if kept is not None and kept.until > now:
            return kept.rules
        rules = read_rules(await self._fetch(f"{origin}/robots.txt"))
        if len(self._rules) >= MAX_HOSTS:
            self._rules.clear()
        self._rules[origin] = _Rules(now + (FAILED_FOR if rules is None else KEPT_FOR), rules)
        return rules


def read_rules(answer: Fetched) -> Protego | None:
    """The rules in an answer; None when the answer forbids everything for now."""
    if answer.result is FetchResult.OK:
        return Protego.parse(answer.body[:MAX_BYTES].decode("utf-8", "replace"))
    if answer.result is FetchResult.EMPTY_BODY or (answer.status is not None and 400 <= answer.status < 500 and answer.status != 429):
        return Protego.parse("")
    return Protego.parse("") if answer.result is FetchResult.TOO_MANY_REDIRECTS else None


def origin_of(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2].lower()}"


def product_token(user_agent: str) -> str:
    """Our name in robots.txt: the user agent's first word, without the version."""
    return user_agent.strip().split("/")[0].split(" ")[0] or "newsmon"
