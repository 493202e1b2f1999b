"""Recognises error reports of feed generators (RSS-Bridge, RSSHub and others), which look like news items.

An item counts as one only when its whole title is such a report, or when the title has an error and the link leads to the generator's
issue tracker. An article about a bridge, or about RSS-Bridge, is an article.
"""

from __future__ import annotations

import re

_REPORTS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"bridge returned error(?: -?\d{1,5}| [A-Za-z]+Exception)?[!.:]?(?: \(\d{1,12}\))?",
        r"bridge encountered an unexpected situation[!.]?(?: \(\d{1,12}\))?",
        r"[\w .-]{0,60}bridge was unable to (?:receive or process|fetch) the remote website['’]?s? content[!.]?",
        r"rss-?bridge tried to fetch a page on a website\b.{0,200}",
        r"rss-?bridge: (?:error|exception|http|unable|could not|failed)\b.{0,200}",
        r"rss-?bridge error\b.{0,80}",
        r"(?:rsshub|rss hub)(?: error\b.{0,200}|: (?:error|failed|unable|something went wrong)\b.{0,200})",
        r"welcome to rsshub!?",
        r"(?:uncaught |fatal )?[A-Za-z]{0,40}exception(?::| in) .{0,200}\.php\b.{0,40}",
        # bot walls' pages, scraped as articles
        r"just a moment(?:\.{3}|…)",
        r"attention required! \| cloudflare",
        r"access denied \| [\w.-]+ used cloudflare to restrict access",
        r"(?:ddos-guard|checking your browser before accessing [\w.-]+\.?)",
    )
)
_ERROR_TITLE = re.compile(r"\b(?:error|exception|failed|unable to|not found|403|404|429|500|503)\b", re.IGNORECASE)
_TRACKER = re.compile(r"https?://github\.com/(?:RSS-Bridge/rss-bridge|DIYgod/RSSHub)/issues(?:/new)?(?:[/?#]|$)", re.IGNORECASE)


def is_bridge_error(title: str, link: str | None) -> bool:
    """True when an item with this plain title and this link is a feed generator's report of its own failure."""
    if any(report.fullmatch(title) for report in _REPORTS):
        return True
    return link is not None and _TRACKER.match(link) is not None and _ERROR_TITLE.search(title) is not None
