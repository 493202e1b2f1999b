"""Query parameters that do not name an article: surely tracking, perhaps tracking, and sessions.

They count for identity only: a link for people keeps everything but sessions. What is perhaps tracking names the document on some
sites (`doc.php?ref=ST-1`): whether it counts is for producers.identity to decide, from what the feed shows.
"""

from __future__ import annotations

import re

# Written by advertisers' and mailers' programs; no site names its articles with them.
SURE_PREFIXES = ("utm_", "mtm_", "piwik_", "hsa_", "stm_", "oly_", "vero_", "sfmc_", "__s", "_hs", "trk_", "wt.")
SURE_NAMES = frozenset(
    (
        "fbclid gclid gclsrc dclid gbraid wbraid msclkid yclid ysclid twclid ttclid igshid igsh mc_cid mc_eid mkt_tok nb_klid rb_clickid "
        "guccounter guce_referrer guce_referrer_sig wprov _openstat tblci dicbo xtor"
    ).split()
)
# Left out on purpose: id, cid, src, source, mod and the like, which name the article on many sites. Two ids for one article are a
# nuisance, which equal text in the same feed mends; one id for two articles loses one.
DOUBTFUL_PREFIXES = ("pk_", "at_", "ns_")
DOUBTFUL_NAMES = frozenset(
    (
        "cmp cmpid icid ocid ito emc smid smtyp sr_share ref ref_src ref_url referrer referer sharetype rss maca ncid nc_source spm scid "
        "s_cid cvid wpsrc soc_src soc_trk ftag taid partner campaign_id promoid intcid outputtype traffic_source ftcamp fsrc"
    ).split()
)
SESSION_NAMES = frozenset("phpsessid jsessionid cfid cftoken oscsid zenid sessionid session_id".split())
SESSION_PREFIXES = ("aspsessionid",)
SHORT_SESSION_NAMES = frozenset("sid session sess".split())  # a session only when the value looks random
_RANDOM = re.compile(r"(?=[^\W_]*\d)(?=[^\W_]*[A-Za-z])[0-9A-Za-z]{16,}|[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|\d{24,}")
_SESSION_IN_PATH = re.compile(
    r";(?:jsessionid|phpsessid|sessionid|sid)=[^/?#;]*"  # servlets
    r"|/\((?:[ASFX]\([\w-]+\))+\)(?=/|$)",  # ASP.NET without cookies
    re.IGNORECASE,
)


def is_surely_tracking(name: str) -> bool:
    """True for a parameter that tells where the reader came from, on every site."""
    lowered = name.lower()
    return lowered.startswith(SURE_PREFIXES) or lowered in SURE_NAMES


def is_perhaps_tracking(name: str) -> bool:
    """True for a parameter that is tracking on some sites and names the article on others."""
    lowered = name.lower()
    return lowered.startswith(DOUBTFUL_PREFIXES) or lowered in DOUBTFUL_NAMES


def is_tracking(name: str) -> bool:
    """True for a parameter that is tracking, surely or perhaps."""
    return is_surely_tracking(name) or is_perhaps_tracking(name)


def is_session(name: str, value: str) -> bool:
    """True for a parameter that names the visit of whoever fetched the feed."""
    return is_surely_session(name) or (name.lower() in SHORT_SESSION_NAMES and _RANDOM.fullmatch(value) is not None)


def is_surely_session(name: str) -> bool:
    """True for a parameter that names a visit on every site. `sid=` may also be a story's id."""
    lowered = name.lower()
    return lowered in SESSION_NAMES or lowered.startswith(SESSION_PREFIXES)


def without_session(path: str) -> str:
    """The path without the sessions that some servers write into it."""
    return _SESSION_IN_PATH.sub("", path) if ";" in path or "(" in path else path


def sessions_in_path(link: str) -> list[str]:
    """The sessions that a server wrote into the path."""
    return _SESSION_IN_PATH.findall(link) if ";" in link or "(" in link else []
