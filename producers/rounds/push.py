"""WebSub (W3C recommendation of 2018): which hub a feed names, what we ask of it, whether what it brings is genuine. [pure]

A subscription is part of the feed's state on Kafka, so that a restart keeps its lease. Its secret and the address hubs call are
derived from the one secret in the settings: nothing secret is stored.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from html import unescape

import msgspec

from newsmon.records import Feed, FeedState, FetchKind, FetchOutcome, FetchResult, Subscription
from producers.answers.outcome import SUCCESSES, Fetched
from producers.articles.known import PollStamp, compare
from producers.articles.parsed import Parsed
from producers.articles.remembered import kept
from producers.formats.urls import absolute_url
from producers.rounds.poll import PollReport, rhythm_after

RENEW_AT = 0.8  # of the lease
LEAST_LEASE_S = 60.0
MOST_LEASE_S = 90 * 86_400.0
VERIFIED_WITHIN_S = 600.0  # a hub that accepted and never verifies is asked again, ever later
ASKED_AGAIN_MOST_S = 86_400.0
HEAD_BYTES = 65_536  # a feed names its hub before its entries
MAX_JSON_BYTES = 1_000_000
TOKEN_CHARS = 32
_DIGESTS = {"sha1": hashlib.sha1, "sha256": hashlib.sha256, "sha384": hashlib.sha384, "sha512": hashlib.sha512}
_LINK = re.compile(r"<([^<>]{1,2048})>((?:\s*;\s*[\w*-]+\s*(?:=\s*(?:\"[^\"]{0,500}\"|[^\s;,\"]{1,500}))?)*)")
_REL = re.compile(r";\s*rel\s*=\s*(?:\"([^\"]*)\"|([^\s;,]+))", re.IGNORECASE)
_TAG = re.compile(rb"<(?:[\w-]{1,20}:)?link\b([^<>]{1,2048})>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"([\w:-]{1,30})\s*=\s*(?:\"([^\"]*)\"|'([^']*)')")


@dataclass(frozen=True, slots=True)
class HubLink:
    """The hub a feed names, and the topic to subscribe to there (the feed's own name for itself)."""

    hub: str
    topic: str


@dataclass(frozen=True, slots=True)
class Keys:
    """What is derived from the secret of the settings."""

    secret: str

    def token(self, feed_id: str) -> str:
        """The last part of the feed's callback address: nobody guesses it."""
        return self._derived("callback", feed_id)[:TOKEN_CHARS]

    def hub_secret(self, feed_id: str, hub: str) -> str:
        """What the hub signs with; another for every feed and hub."""
        return self._derived("hub", feed_id, hub)

    def _derived(self, *parts: str) -> str:
        return hmac.new(self.secret.encode("utf-8"), "\x00".join(parts).encode("utf-8", "replace"), hashlib.sha256).hexdigest()


def callback_of(base: str, feed_id: str, keys: Keys) -> str:
    return f"{base}/{feed_id}/{keys.token(feed_id)}"


def hub_link(fetched: Fetched, feed_url: str) -> HubLink | None:
    """The first hub named in the Link headers, else in the body; None when the feed names none."""
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


def is_genuine(secret: str, body: bytes, signature: str | None) -> bool:
    """Whether X-Hub-Signature (`method=hex`) is that of the body under the secret; compared in constant time."""
    method, _, given = (signature or "").strip().partition("=")
    digest = _DIGESTS.get(method.strip().lower())
    if digest is None or not given.isascii():
        return False
    return hmac.compare_digest(hmac.new(secret.encode("utf-8"), body, digest).hexdigest(), given.strip().lower())


def with_hub(state: FeedState, link: HubLink | None, callback: str, *, now: datetime) -> FeedState:
    """The state after a poll whose body named this hub (or none): a subscription to it that is to be asked for, or the one there was."""
    there = state.subscription
    if link is None:
        return state if there is None else msgspec.structs.replace(state, subscription=None)
    if there is not None and (there.hub, there.topic, there.callback) == (link.hub, link.topic, callback):
        return state
    return msgspec.structs.replace(state, subscription=Subscription(hub=link.hub, topic=link.topic, callback=callback, ask_at=now))


def asked(there: Subscription, *, now: datetime) -> Subscription:
    """After a request to the hub: unless it verifies, it is asked again, ever later."""
    wait_s = min(VERIFIED_WITHIN_S * 2.0 ** min(there.attempt_count, 10), ASKED_AGAIN_MOST_S)
    return msgspec.structs.replace(there, attempt_count=there.attempt_count + 1, ask_at=now + timedelta(seconds=wait_s))


def verified(there: Subscription, lease_s: float, *, now: datetime) -> Subscription:
    """The hub has verified our intent for `lease_s` seconds; renewal is due before that ends."""
    lease_s = min(max(lease_s, LEAST_LEASE_S), MOST_LEASE_S)
    return msgspec.structs.replace(
        there,
        attempt_count=0,
        denied=None,
        lease_until=now + timedelta(seconds=lease_s),
        ask_at=now + timedelta(seconds=RENEW_AT * lease_s),
    )


def refused(there: Subscription, reason: str, *, now: datetime) -> Subscription:
    """The hub said no: it is asked again in a day, and the feed is polled as usual."""
    return msgspec.structs.replace(
        there,
        lease_until=None,
        denied=reason[:200] or "no reason given",
        pushed_at=None,
        ask_at=now + timedelta(seconds=ASKED_AGAIN_MOST_S),
    )


def is_trusted(there: Subscription | None, *, now: datetime) -> bool:
    """Whether the hub is known to bring this feed's news: its lease runs, and it has brought all there was."""
    return there is not None and there.pushed_at is not None and there.lease_until is not None and there.lease_until > now


def after_poll(report: PollReport, *, safety_s: float, now: datetime) -> tuple[PollReport, int]:
    """The report of a poll as a safety poll, and how many new articles it found that the hub should have brought.

    Where there were none, the next poll is only due after `safety_s`, or when the lease ends. A hub that kept something back is not
    relied on until it delivers again.
    """
    there = report.state.subscription
    if there is None or not is_trusted(there, now=now) or report.outcome.result not in SUCCESSES:
        return report, 0
    missed_count = report.outcome.new_count
    if missed_count:
        doubted = msgspec.structs.replace(there, pushed_at=None)
        return replace(report, state=msgspec.structs.replace(report.state, subscription=doubted)), missed_count
    assert there.lease_until is not None
    due = max(report.state.next_due_at, min(now + timedelta(seconds=safety_s), there.lease_until))
    outcome = msgspec.structs.replace(report.outcome, next_due_at=due)
    return replace(report, outcome=outcome, state=msgspec.structs.replace(report.state, next_due_at=due)), 0


def push_report(feed: Feed, state: FeedState, stamp: PollStamp, parsed: Parsed, body_bytes: int, *, safety_s: float) -> PollReport:
    """What pushed content publishes: as a poll, but it is a part of the feed, and says nothing of the feed's address or rhythm."""
    now = stamp.first_seen_at
    drafts = parsed.drafts if parsed.result is FetchResult.OK else ()
    found = compare(drafts, state, feed, stamp, partial=True)
    changes: dict[str, object] = {"poll_seq": stamp.poll_seq}
    if parsed.result is FetchResult.OK and state.subscription is not None:
        subscription = msgspec.structs.replace(state.subscription, pushed_at=now)
        changes |= {"known": kept(found.known, state.known), "subscription": subscription}
        if subscription.lease_until is not None and is_trusted(subscription, now=now) and state.failure_count == 0:
            changes["next_due_at"] = max(state.next_due_at, min(now + timedelta(seconds=safety_s), subscription.lease_until))
        if found.articles:
            changes |= {"last_new_article_at": now, "rhythm": rhythm_after(state, found, now)}
    following = msgspec.structs.replace(state, **changes)
    outcome = FetchOutcome(
        feed_id=feed.feed_id,
        poll_seq=stamp.poll_seq,
        poll_id=stamp.poll_id,
        started_at=now,
        finished_at=now,
        result=parsed.result,
        detail=parsed.detail,
        body_bytes=body_bytes,
        entry_count=len(drafts),
        new_count=found.new_count,
        revised_count=found.revised_count,
        known_count=found.known_count,
        rejected=found.rejected,
        next_due_at=following.next_due_at,
        kind=FetchKind.PUSH,
    )
    return PollReport(found.articles, outcome, following)
