"""Addresses in one canonical form, which decides an article's identity.

Scheme and host are in lower case; default port, fragment and tracking parameters are removed; the rest keeps its order.
"""

from __future__ import annotations

import re
from itertools import zip_longest
from urllib.parse import SplitResult, parse_qsl, quote, unquote_plus, urlencode, urlunsplit

from producers.addresses.written import split_address

# Parameters that tell where the reader came from, never which article it is. Left out on purpose: id, cid, src, source, mod and the
# like, which name the article on some sites. Two addresses for one article are a nuisance; one address for two loses an article.
TRACKING_PREFIXES = ("utm_", "mtm_", "pk_", "piwik_", "at_", "hsa_", "stm_", "ns_", "oly_", "vero_", "sfmc_", "__s", "_hs", "trk_", "wt.")
TRACKING_NAMES = frozenset(
    (
        "fbclid gclid gclsrc dclid gbraid wbraid msclkid yclid ysclid twclid ttclid igshid igsh mc_cid mc_eid mkt_tok cmp cmpid icid ocid "
        "ito emc smid smtyp sr_share ref ref_src ref_url referrer referer sharetype xtor rss maca ncid nc_source nb_klid spm scid s_cid "
        "cvid guccounter guce_referrer guce_referrer_sig wprov wpsrc rb_clickid _openstat soc_src soc_trk ftag taid tblci dicbo partner "
        "campaign_id promoid intcid outputtype traffic_source ftcamp fsrc"
    ).split()
)
_DEFAULT_PORTS = {"http": 80, "https": 443}
_SAFE_PATH = "/:@!$&'()*+,;=-._~"
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})")


def canonical_url(url: str, base: str | None = None) -> str | None:
    """The canonical http(s) address, in ASCII; None for anything else. Idempotent.

    `base` makes a relative address absolute. http becomes https, because both are the same article.
    """
    parts = _parts(url, base)
    if parts is None:
        return None
    host = _host(parts)
    scheme = parts.scheme.lower()
    netloc = host if parts.port in (None, _DEFAULT_PORTS[scheme]) else f"{host}:{parts.port}"
    return urlunsplit(("https", netloc, _path(parts.path), _query(parts.query), ""))


def readable_url(url: str, base: str | None = None) -> str | None:
    """The address for people: absolute, without tracking parameters and user name, otherwise as given; None when not http(s)."""
    parts = _parts(url, base)
    if parts is None:
        return None
    kept = "&".join(pair for pair in parts.query.split("&") if not is_tracking(unquote_plus(pair.partition("=")[0])))
    netloc = parts.netloc.rpartition("@")[2]
    return urlunsplit((parts.scheme.lower(), netloc, parts.path, kept, parts.fragment))


def absolute_url(url: str, base: str | None) -> str | None:
    """The address as given, made absolute; None when it is not http(s)."""
    parts = _parts(url, base)
    return None if parts is None else urlunsplit(parts)


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
    return re.sub(r"/{2,}", "/", _spelled(path, _SAFE_PATH)) or "/"


def _query(query: str) -> str:
    kept = [(name, value) for name, value in parse_qsl(query, keep_blank_values=True, errors="surrogateescape") if not is_tracking(name)]
    return urlencode(kept, errors="surrogateescape")


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


def is_tracking(name: str) -> bool:
    """True for a query parameter that only tells where the reader came from."""
    lowered = name.lower()
    return lowered.startswith(TRACKING_PREFIXES) or lowered in TRACKING_NAMES
