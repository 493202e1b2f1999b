"""The cookies of one chain of redirects: some sites send a visitor in circles until their cookie comes back.

A cookie goes back to the hosts it belongs to, within its chain only. It is never stored, sent to another site, or logged.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

import aiohttp
import tldextract
from yarl import URL

MAX_COOKIES_PER_ANSWER = 50
MAX_COOKIE_BYTES = 4_096  # RFC 6265 section 6.1
MAX_SENT_BYTES = 8_000  # many servers refuse longer heads

_PAIR = re.compile(r"\s*[!#$%&'*+\-.^_`|~0-9A-Za-z]+\s*=[^\x00-\x1f\x7f]*\Z")
_DOMAIN = re.compile(r";\s*domain\s*=\s*\.?([^;]*)", re.IGNORECASE)
# Unlike the limits per site, this list also has the hosts that let strangers share a domain, such as github.io.
_suffixes = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None, include_psl_private_domains=True)


class ChainCookies:
    """Empty at the start of a chain."""

    def __init__(self) -> None:
        self._jar: aiohttp.CookieJar | None = None  # made for the first cookie: most chains have none

    def keep(self, set_cookie_headers: Iterable[str], url: str) -> None:
        """Keep the cookies that the answer of `url` sets, if they are its own to set."""
        for header in list(set_cookie_headers)[:MAX_COOKIES_PER_ANSWER]:
            if len(header) > MAX_COOKIE_BYTES or not _PAIR.match(header) or not _may_set(header, url):
                continue
            self._jar = self._jar or aiohttp.CookieJar(unsafe=True, quote_cookie=False)  # unsafe: from hosts without a name too
            self._jar.update_cookies_from_headers([_DOMAIN.sub(lambda found: found[0].lower(), header)], URL(url))

    def header_for(self, url: str) -> str | None:
        """The Cookie header for the next hop, or None."""
        if self._jar is None:
            return None
        pairs, size = [], 0
        for morsel in self._jar.filter_cookies(URL(url)).values():
            pair = f"{morsel.key}={morsel.coded_value}"
            size += len(pair) + 2
            if size <= MAX_SENT_BYTES:
                pairs.append(pair)
        return "; ".join(pairs) or None


def _may_set(header: str, url: str) -> bool:
    """False for a cookie of a public suffix, which would go to other people's sites; the jar refuses other foreign domains."""
    stated = _DOMAIN.findall(header)
    domain = stated[-1].strip().lower() if stated else ""
    return not domain or domain == (urlsplit(url).hostname or "") or ("." in domain and _suffixes(domain).domain != "")
