"""The WebSub hub a feed names, in its Link headers or its body (W3C recommendation of 2018, section 4)."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from html import unescape

from producers.addresses.urls import absolute_url
from producers.answers.outcome import Fetched

HEAD_BYTES = 65_536  # a feed names its hub before its entries
MAX_JSON_BYTES = 1_000_000
_LINK = re.compile(r"<([^<>]{1,2048})>((?:\s*;\s*[\w*-]+\s*(?:=\s*(?:\"[^\"]{0,500}\"|[^\s;,\"]{1,500}))?)*)")
_REL = re.compile(r";\s*rel\s*=\s*(?:\"([^\"]*)\"|([^\s;,]+))", re.IGNORECASE)
_TAG = re.compile(rb"<(?:[\w-]{1,20}:)?link\b([^<>]{1,2048})>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"([\w:-]{1,30})\s*=\s*(?:\"([^\"]*)\"|'([^']*)')")


@dataclass(frozen=True, slots=True)
class HubLink:
    """The hub a feed names, and the topic to subscribe to there: the feed's own address."""

    hub: str
    topic: str


def hub_link(fetched: Fetched, feed_url: str) -> HubLink | None:
    """The first hub in the Link headers, or else in the body; None when the feed names none."""
    base = fetched.final_url or feed_url
    for links in (_header_links(fetched.headers.get("link", "")), _body_links(fetched.body)):
        hub = next((address for rel, href in links if rel == "hub" and (address := absolute_url(href, base))), None)
        if hub is not None:
            topic = next((address for rel, href in links if rel == "self" and href and (address := absolute_url(href, base))), None)
            return HubLink(hub, topic or base)
    return None


def _header_links(header: str) -> list[tuple[str, str]]:
    """(relation, address) of every link in a Link header (RFC 8288)."""
    found = []
    for href, parameters in _LINK.findall(header[:16_384]):
        relation = _REL.search(parameters)
        if relation is not None:
            found += [(rel, href) for rel in (relation[1] or relation[2] or "").lower().split()]
    return found


def _body_links(body: bytes) -> list[tuple[str, str]]:
    head = body[:HEAD_BYTES]
    if head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"{":
        return _json_links(body)
    found = []
    for tag in _TAG.findall(head):
        attributes = {name.lower(): unescape(a or b) for name, a, b in _ATTRIBUTE.findall(tag.decode("utf-8", "replace"))}
        found += [(rel, attributes.get("href", "")) for rel in attributes.get("rel", "").lower().split()]
    return found


def _json_links(body: bytes) -> list[tuple[str, str]]:
    """JSON Feed 1.1: `hubs`, and `feed_url` as the feed's own address."""
    try:
        data = json.loads(body) if len(body) <= MAX_JSON_BYTES else None
    except (ValueError, RecursionError):
        return []
    if not isinstance(data, dict):
        return []
    hubs = data["hubs"] if isinstance(data.get("hubs"), list) else []
    named = [str(hub["url"]) for hub in hubs if isinstance(hub, dict) and hub.get("type") == "WebSub" and hub.get("url")]
    return [*(("hub", url) for url in named), ("self", str(data.get("feed_url") or ""))]
