"""A feed's WebSub subscription: when to ask its hub for what, and whether what the hub sends is genuine.

The subscription is part of the feed's state on Kafka, so that a restart keeps its lease. Its secret and its callback address are
derived from the one secret in the settings: nothing secret is stored.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec

from newsmon.records import FeedState, Subscription
from producers.formats.hub_links import HubLink

RENEW_AT = 0.8  # of the lease
LEAST_LEASE_S = 60.0
MOST_LEASE_S = 90 * 86_400.0
VERIFIED_WITHIN_S = 600.0  # a hub that accepted but does not verify is asked again, after ever longer waits
ASKED_AGAIN_MOST_S = 86_400.0
TOKEN_CHARS = 32
_DIGESTS = {"sha1": hashlib.sha1, "sha256": hashlib.sha256, "sha384": hashlib.sha384, "sha512": hashlib.sha512}


@dataclass(frozen=True, slots=True)
class Keys:
    """Keys derived from the secret in the settings."""

    secret: str

    def token(self, feed_id: str) -> str:
        """The last part of the feed's callback address, which no one can guess."""
        return self._derived("callback", feed_id)[:TOKEN_CHARS]

    def hub_secret(self, feed_id: str, hub: str) -> str:
        """The secret with which the hub signs; different for every feed and hub."""
        return self._derived("hub", feed_id, hub)

    def _derived(self, *parts: str) -> str:
        return hmac.new(self.secret.encode("utf-8"), "\x00".join(parts).encode("utf-8", "replace"), hashlib.sha256).hexdigest()


def callback_of(base: str, feed_id: str, keys: Keys) -> str:
    return f"{base}/{feed_id}/{keys.token(feed_id)}"


def is_genuine(secret: str, body: bytes, signature: str | None) -> bool:
    """True when X-Hub-Signature (`method=hex`) is the body's signature under the secret; compared in constant time."""
    method, _, given = (signature or "").strip().partition("=")
    digest = _DIGESTS.get(method.strip().lower())
    if digest is None or not given.isascii():
        return False
    return hmac.compare_digest(hmac.new(secret.encode("utf-8"), body, digest).hexdigest(), given.strip().lower())


def with_hub(state: FeedState, link: HubLink | None, callback: str, *, now: datetime) -> FeedState:
    """The state after a poll that named this hub, or none: with its present subscription, or a new one to be requested."""
    subscription = state.subscription
    if link is None:
        return state if subscription is None else msgspec.structs.replace(state, subscription=None)
    if subscription is not None and (subscription.hub, subscription.topic, subscription.callback) == (link.hub, link.topic, callback):
        return state
    return msgspec.structs.replace(state, subscription=Subscription(hub=link.hub, topic=link.topic, callback=callback, ask_at=now))


def asked(subscription: Subscription, *, now: datetime) -> Subscription:
    """The subscription after a request to the hub. Until the hub verifies it, we ask again after ever longer waits."""
    wait_s = min(VERIFIED_WITHIN_S * 2.0 ** min(subscription.attempt_count, 10), ASKED_AGAIN_MOST_S)
    return msgspec.structs.replace(subscription, attempt_count=subscription.attempt_count + 1, ask_at=now + timedelta(seconds=wait_s))


def verified(subscription: Subscription, lease_s: float, *, now: datetime) -> Subscription:
    """The subscription after the hub verified it for `lease_s` seconds; it is renewed before they end."""
    lease_s = min(max(lease_s, LEAST_LEASE_S), MOST_LEASE_S)
    return msgspec.structs.replace(
        subscription,
        attempt_count=0,
        denied=None,
        lease_until=now + timedelta(seconds=lease_s),
        ask_at=now + timedelta(seconds=RENEW_AT * lease_s),
    )


def refused(subscription: Subscription, reason: str, *, now: datetime) -> Subscription:
    """The subscription after the hub refused: we ask again in a day and poll the feed as usual meanwhile."""
    return msgspec.structs.replace(
        subscription,
        lease_until=None,
        denied=reason[:200] or "no reason given",
        pushed_at=None,
        ask_at=now + timedelta(seconds=ASKED_AGAIN_MOST_S),
    )


def is_trusted(subscription: Subscription | None, *, now: datetime) -> bool:
    """True when the hub can be relied on for this feed: its lease is running, and it has missed nothing since its last push."""
    return (
        subscription is not None
        and subscription.pushed_at is not None
        and subscription.lease_until is not None
        and subscription.lease_until > now
    )
