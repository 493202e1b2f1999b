"""One spelling for one address: what an article's identity is made from. [pure]

Scheme and host in lower case, default port and fragment gone, tracking parameters gone, the rest kept in order.
"""

from __future__ import annotations

import re
from urllib.parse import SplitResult, parse_qsl, quote, unquote, urlencode, urljoin, urlsplit, urlunsplit

# Parameters that say who sent the reader, never what is read. Left out on purpose: id, cid, src, source, mod and the like, which
# name the article at some publishers. Two addresses for one article are a nuisance, one address for two is a lost article.
TRACKING_PREFIXES = ("utm_", "mtm_", "pk_", "piwik_", "at_", "hsa_", "stm_", "ns_", "oly_", "vero_", "sfmc_", "__s", "_hs", "trk_", "wt.")
TRACKING_NAMES = frozenset(
    (
        "fbclid gclid gclsrc dclid gbraid wbraid msclkid yclid ysclid twclid ttclid igshid igsh mc_cid mc_eid mkt_tok cmp cmpid icid ocid "
        "ito emc smid smtyp sr_share ref ref_src ref_url referrer referer sharetype xtor rss maca ncid nc_source nb_klid spm scid s_cid "
        "cvid guccounter guce_referrer guce_referrer_sig wprov wpsrc rb_clickid _openstat soc_src soc_trk ftag taid tblci dicbo partner "
        "campaign_id promoid intcid outputtype traffic_source ftcamp fsrc"
    ).split()
)
SCHEMES = ("http", "https")
_DEFAULT_PORTS = {"http": 80, "https": 443}
_SAFE_PATH = "/:@!$&'()*+,;=-._~%"
_SPACES = re.compile(r"[\x00-\x20\x7f]+")


def canonical_url(url: str, base: str | None = None) -> str | None:
    """The address without what does not name the article; absolute http(s), or None when there is none.

    Idempotent. `base` makes a relative address absolute. http and https are one article: the identity uses https.
    """
    text = _SPACES.sub("", url)
    if not text:
        return None
    try:
        absolute = urljoin(base, text) if base else text
        parts = urlsplit(absolute)
        host = _host(parts)
        port = parts.port
    except ValueError:
        return None
    scheme = parts.scheme.lower()
    if scheme not in SCHEMES or not host:
        return None
    netloc = host if port in (None, _DEFAULT_PORTS[scheme]) else f"{host}:{port}"
    return urlunsplit(("https", netloc, _path(parts.path), _query(parts.query), ""))


def absolute_url(url: str, base: str | None) -> str | None:
    """The address as given, made absolute; None when it is not http(s)."""
    try:
        absolute = urljoin(base or "", _SPACES.sub("", url))
        parts = urlsplit(absolute)
    except ValueError:
        return None
    return absolute if parts.scheme.lower() in SCHEMES and parts.netloc else None


def _host(parts: SplitResult) -> str:
    host = (parts.hostname or "").rstrip(".")
    if ":" in host:
        return f"[{host}]"
    try:
        return host.encode("idna").decode("ascii") if not host.isascii() else host
    except UnicodeError:
        return ""


def _path(path: str) -> str:
    spelled = quote(unquote(path, errors="surrogateescape"), safe=_SAFE_PATH.replace("%", ""), errors="surrogateescape")
    return re.sub(r"/{2,}", "/", spelled) or "/"


def _query(query: str) -> str:
    kept = [(name, value) for name, value in parse_qsl(query, keep_blank_values=True, errors="surrogateescape") if not is_tracking(name)]
    return urlencode(kept, errors="surrogateescape")


def is_tracking(name: str) -> bool:
    """Whether a query parameter says who sent the reader."""
    lowered = name.lower()
    return lowered.startswith(TRACKING_PREFIXES) or lowered in TRACKING_NAMES
