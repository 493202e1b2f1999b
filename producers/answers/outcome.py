"""A named result for every HTTP answer, and the wishes it states: when to come back, how long it is fresh."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from newsmon.records import FetchResult

MAX_RETRY_AFTER_S = 24 * 3600
_SECONDS = re.compile(r"([0-9]+)\s*(?:s|secs?|seconds?)?(?:\s*,.*)?", re.IGNORECASE)  # some servers name the unit, some say it twice
_RANGE = re.compile(r"bytes\s*[ =]?\s*(\d{1,18})-(\d{1,18})/(\d{1,18}|\*)", re.IGNORECASE)

SUCCESSES = frozenset({FetchResult.OK, FetchResult.NOT_MODIFIED, FetchResult.SAME_BODY})


@dataclass(frozen=True, slots=True)
class Fetched:
    """One HTTP exchange after its redirects. `result` is OK for any 200 with a body; only parsing shows whether it is a feed."""

    result: FetchResult
    status: int | None = None
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)  # names in lower case
    final_url: str | None = None
    moved_permanently_to: str | None = None  # the last address, if every redirect on the way was a 301 or 308
    detail: str | None = None
    duration_s: float = 0.0


def result_of_status(status: int, headers: Mapping[str, str], body: bytes) -> FetchResult:
    """The result of a complete answer (RFC 9110). Header names are in lower case."""
    if status == 304:
        return FetchResult.NOT_MODIFIED
    if is_bot_wall(status, headers):
        return FetchResult.BLOCKED_BY_SITE
    if 200 <= status < 300:
        return FetchResult.OK if body.strip() else FetchResult.EMPTY_BODY
    by_status = {410: FetchResult.GONE, 429: FetchResult.RATE_LIMITED, 503: FetchResult.UNAVAILABLE}
    return by_status.get(status, FetchResult.HTTP_ERROR)


def result_of_answer(
    status: int, headers: Mapping[str, str], body: bytes, *, was_conditional: bool
) -> tuple[FetchResult, str | None]:  # fmt: skip
    """The result of an answer to a GET, and why, where the status claims more than is true."""
    if status == 304 and not was_conditional:
        return FetchResult.HTTP_ERROR, "HTTP 304 not modified, but nothing was asked that it answers: the server sends no feed"
    if status == 206 and not _is_whole(headers.get("content-range")):
        return FetchResult.HTTP_ERROR, "HTTP 206: the server sent a part of the feed although the whole was asked for"
    return result_of_status(status, headers, body), None


def _is_whole(content_range: str | None) -> bool:
    found = _RANGE.fullmatch((content_range or "").strip())
    return found is None or (int(found[1]) == 0 and found[3] != "*" and int(found[2]) + 1 >= int(found[3]))


def is_bot_wall(status: int, headers: Mapping[str, str]) -> bool:
    """True when a bot wall answered instead of the site, judged by its own headers, whatever the status."""
    if "x-amzn-waf-action" in headers:  # its challenge has status 202, its captcha 405
        return True
    if status < 400:
        return False
    if headers.get("cf-mitigated") == "challenge" or "x-datadome" in headers or "x-sucuri-block" in headers:
        return True
    return status == 403 and headers.get("server", "").lower().startswith("akamaighost")


def retry_after_s(headers: Mapping[str, str], *, now: datetime) -> int | None:
    """Seconds to wait by Retry-After (RFC 9110 section 10.2.3: seconds or a date), at most a day; None when absent or malformed."""
    text = headers.get("retry-after", "").strip()
    if not text:
        return None
    seconds = _SECONDS.fullmatch(text)
    if seconds is not None:
        return min(int(seconds[1][:9]), MAX_RETRY_AFTER_S)
    at = http_date(text) or _iso_date(text)
    said_at = http_date(headers.get("date", "")) or now  # a wrong server clock is wrong in both
    return None if at is None else min(max(0, int((at - said_at).total_seconds())), MAX_RETRY_AFTER_S)


def freshness_s(headers: Mapping[str, str], *, now: datetime) -> int | None:
    """Seconds the answer stays fresh (Cache-Control max-age before Expires, RFC 9111 section 4.2.1); None when not stated."""
    for directive in headers.get("cache-control", "").lower().split(","):
        name, _, value = directive.strip().partition("=")
        if name in ("no-cache", "no-store"):
            return None
        if name == "max-age" and _is_number(value.strip('"')):
            return int(value.strip('"')[:9])
    expires = http_date(headers.get("expires", ""))
    if expires is None:
        return None
    said_at = http_date(headers.get("date", "")) or now  # a wrong server clock is wrong in both
    return max(0, int((expires - said_at).total_seconds()))


def _iso_date(text: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit()  # Python takes "²" for a digit


def http_date(text: str) -> datetime | None:
    """The time in a header, None when it is none."""
    try:
        at = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at
