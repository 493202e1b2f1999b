"""Addresses in one canonical form, which decides an article's identity.

Scheme and host are in lower case; default port, sessions, tracking parameters and fragments are removed, except a fragment that is a
route (`#!/news/1`); the rest keeps its order.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import zip_longest
from urllib.parse import SplitResult, parse_qsl, quote, unquote_plus, urlencode, urlsplit, urlunsplit

from producers.addresses.spellings import out_of_amp_cache
from producers.addresses.tracking import is_perhaps_tracking, is_session, is_surely_session, is_surely_tracking, without_session
from producers.addresses.written import split_address

_DEFAULT_PORTS = {"http": 80, "https": 443}
_SAFE_PATH = "/:@!$&'()*+,;=-._~"
_SAFE_FRAGMENT = _SAFE_PATH + "?"
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})")


def _none(_name: str, _value: str) -> bool:
    return False


def canonical_url(url: str, base: str | None = None, *, keep: Callable[[str, str], bool] = _none) -> str | None:
    """The canonical http(s) address, in ASCII; None for anything else. Idempotent.

    `base` makes a relative address absolute. http becomes https, because both are the same article. `keep` says which of the
    parameters that are perhaps tracking stay, by name and value.
    """
    parts = _parts(out_of_amp_cache(url), base)
    if parts is None:
        return None
    host = _host(parts)
    scheme = parts.scheme.lower()
    netloc = host if parts.port in (None, _DEFAULT_PORTS[scheme]) else f"{host}:{parts.port}"
    return urlunsplit(("https", netloc, _path(parts.path), _query(parts.query, keep), _route(parts.fragment)))


def readable_url(url: str, base: str | None = None, *, keep_sid: bool = False) -> str | None:
    """The address that people open, as the feed gives it: absolute, without user name and sessions; None when not http(s).

    Tracking stays, because some sites answer only with it. A session is that of our own visit: it ends, and the server gives the reader
    another. `keep_sid` keeps a parameter that may be a session or what names the article.
    """
    parts = _parts(url, base)
    if parts is None:
        return None
    is_visit = (lambda name, _value: is_surely_session(name)) if keep_sid else is_session
    query = "&".join(pair for pair in parts.query.split("&") if not is_visit(*_name_and_value(pair)))
    netloc = parts.netloc.rpartition("@")[2]
    return urlunsplit((parts.scheme.lower(), netloc, without_session(parts.path), query, parts.fragment))


def absolute_url(url: str, base: str | None) -> str | None:
    """The address as given, made absolute; None when it is not http(s)."""
    parts = _parts(url, base)
    return None if parts is None else urlunsplit(parts)


def bare_host(url: str) -> str:
    """The host without `www.`; "" for no address."""
    try:
        return (urlsplit(url).hostname or "").lower().removeprefix("www.")
    except ValueError:
        return ""


def _parts(url: str, base: str | None) -> SplitResult | None:
    """The parts of the absolute address; None unless it is http(s) with a valid host and port."""
    parts = split_address(url, base)
    try:
        return parts if parts is not None and _host(parts) and parts.port != 0 else None
    except ValueError:
        return None


def _host(parts: SplitResult) -> str:
    host = parts.hostname or ""
    if ":" in host:
        return f"[{host}]"
    try:
        return (host if host.isascii() else host.encode("idna").decode("ascii")).lower().rstrip(".")
    except UnicodeError:
        return ""


def _path(path: str) -> str:
    return re.sub(r"/{2,}", "/", _spelled(without_session(path), _SAFE_PATH)) or "/"


def _query(query: str, keep: Callable[[str, str], bool]) -> str:
    if not query:
        return ""
    pairs = parse_qsl(query, keep_blank_values=True, errors="surrogateescape")
    kept = [(name, value) for name, value in pairs if not _is_idle(name, value) and (not is_perhaps_tracking(name) or keep(name, value))]
    return urlencode(kept, errors="surrogateescape")


def parameters(url: str) -> list[tuple[str, str]]:
    """The names and values of an address's parameters."""
    _, mark, query = url.partition("#")[0].partition("?")
    return parse_qsl(query, keep_blank_values=True, errors="surrogateescape") if mark else []


def doubtful_parameters(url: str) -> tuple[tuple[str, str], ...]:
    """The parameters of an address that are perhaps tracking, names in lower case."""
    return tuple((name.lower(), value) for name, value in parameters(url) if is_perhaps_tracking(name))


def fragment_of(url: str) -> str:
    """The fragment of an address; "" for a route, which is part of the canonical address, and for tracking."""
    fragment = url.partition("#")[2].strip()
    if _route(fragment) or fragment.startswith(":~:") or is_surely_tracking(fragment.partition("=")[0]):
        return ""
    return fragment[:500]


def _route(fragment: str) -> str:
    """The fragment where a program in the page reads it as the address of the article (`#!/news/1`, `#/news/1`); otherwise ""."""
    if not fragment.startswith(("!", "/")) or not fragment.strip("!/"):
        return ""
    return _spelled(fragment, _SAFE_FRAGMENT)


def _is_idle(name: str, value: str) -> bool:
    return is_surely_tracking(name) or is_session(name, value)


def _name_and_value(pair: str) -> tuple[str, str]:
    name, _, value = pair.partition("=")
    return unquote_plus(name), unquote_plus(value)


def _spelled(text: str, safe: str) -> str:
    """Percent-escapes in one form (RFC 3986 section 6.2.2): unreserved letters bare, all other escapes in capitals.

    An escaped delimiter stays escaped: `a%2Fb` is not the path `a/b`. A lone percent sign is escaped.
    """

    def escape(found: re.Match[str]) -> str:
        octet = chr(int(found[1], 16))
        return octet if octet in _UNRESERVED else f"%{found[1].upper()}"

    pieces = _ESCAPE.split(text)  # text, hex, text, hex, ...
    bare = (quote(piece, safe=safe, errors="surrogatepass") for piece in pieces[::2])
    escapes = ("%" + digits for digits in pieces[1::2])
    joined = "".join(part for pair in zip_longest(bare, escapes, fillvalue="") for part in pair)
    return _ESCAPE.sub(escape, joined)
