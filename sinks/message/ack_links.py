"""Makes and reads the link in a message with which people acknowledge its alerts.

In: a delivery's id, the time, our secrets. Out: a link that is valid until it expires, or the delivery behind a link. The delivery's
id is a hash of alert, revision and receiver, so a link acknowledges what its message said, as its receiver, and nothing else.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from sinks.message.signature import Secret

PATH = "/ack/"
PURPOSE = b"newsmon acknowledgement 1"  # so that a secret used elsewhere signs nothing that is valid here
MAC_BYTES = 20
TOKEN = re.compile(r"([0-9a-f]{1,10})\.([a-z0-9_]{1,64})\.([a-z2-7]{32})\Z", re.ASCII)  # ends without punctuation, which chats cut off


class TokenFault(StrEnum):
    """The reason why a link is refused."""

    FORGED = "forged"  # not ours, incomplete, or signed with a secret we no longer have
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class AckLinks:
    """Makes links under `base_url`, signed with the newest secret, and reads links signed with any of them. Needs at least one secret."""

    base_url: str
    secrets: tuple[Secret, ...]
    valid_for: timedelta

    def link(self, delivery_id: str, *, now: datetime) -> str:
        """The link that acknowledges what this delivery's message says; the same within one second of `now`."""
        expires = f"{int((now + self.valid_for).timestamp()):x}"
        return f"{self.base_url.rstrip('/')}{PATH}{expires}.{delivery_id}.{_mac(self.secrets[0], expires, delivery_id)}"

    def delivery_of(self, token: str, *, now: datetime) -> str | TokenFault:
        """The delivery behind the token. The comparison takes constant time; the expiry of a forged token is never read."""
        parts = TOKEN.match(token)
        if parts is None:
            return TokenFault.FORGED
        expires, delivery_id, given = parts.groups()
        is_ours = False
        for secret in self.secrets:
            is_ours |= hmac.compare_digest(_mac(secret, expires, delivery_id), given)
        if not is_ours:
            return TokenFault.FORGED
        return delivery_id if now.astimezone(UTC).timestamp() < int(expires, 16) else TokenFault.EXPIRED


def _mac(secret: Secret, expires: str, delivery_id: str) -> str:
    signed = b"\n".join((PURPOSE, expires.encode(), delivery_id.encode()))
    return base64.b32encode(hmac.new(secret.key, signed, hashlib.sha256).digest()[:MAC_BYTES]).decode().lower()
