"""What is left of an address without the spellings that sites give one page: www, mobile, AMP, index.html, a slash at the end.

Two addresses with one skeleton may be one article. They are two where the texts differ: `www.x.example` and `x.example` may be two sites.
"""

from __future__ import annotations

import re
from urllib.parse import unquote, urlsplit

_SITE_PREFIX = re.compile(r"^(?:(?:www\d?|m|mobile|mobi|amp|wap|touch)\.)+(?=[^.]+\.[^.])")
_INDEX = re.compile(r"/(?:index|default)\.(?:html?|php|aspx?|jsp)$")
_AMP_ENDING = re.compile(r"(?:\.amp|/amp(?:\.html?)?)/?$")
_AMP_ENDING_BEFORE_HTML = re.compile(r"[.-]amp(?=\.html?$)")
_AMP_START = re.compile(r"^/(?:amp|mobile|m)(?=/.)")
_AMP_PARAMETER = re.compile(r"^(?:amp|amp_markup|outputtype)(?:=(?:1|amp|true|yes)?)?$", re.IGNORECASE)
_AMP_CACHE = re.compile(r"^https?://[^/?#]+\.cdn\.ampproject\.org/[cvi]/(?:(s)/)?(.+)$", re.IGNORECASE)
_AMP_VIEWER = re.compile(r"^https?://(?:www\.)?(?:google\.[a-z.]{2,6}/amp|bing\.com/amp)/(?:(s)/)?(.+)$", re.IGNORECASE)


def out_of_amp_cache(url: str) -> str:
    """The address of the page that an AMP cache holds; other addresses unchanged."""
    found = _AMP_CACHE.match(url) or _AMP_VIEWER.match(url)
    if found is None or "." not in found[2].partition("/")[0]:
        return url
    return f"{'https' if found[1] else 'http'}://{found[2]}"


def skeleton_of(canonical: str) -> str:
    """The skeleton of a canonical address."""
    parts = urlsplit(canonical)
    host = _SITE_PREFIX.sub("", parts.netloc)
    path = unquote(parts.path, errors="surrogateescape") if "%" in parts.path else parts.path
    path = _INDEX.sub("/", _AMP_ENDING_BEFORE_HTML.sub("", path))
    path = _AMP_START.sub("", _AMP_ENDING.sub("", path)).rstrip("/")
    query = "&".join(pair for pair in parts.query.split("&") if pair and not _AMP_PARAMETER.match(pair))
    return f"{host}{path}?{query}#{parts.fragment}"
