"""The link in a message by which whoever has it says that the alert was seen: made, and read again; pure.

In: a delivery's id, the time, our secrets. Out: an address that holds until it expires, or the delivery an address stands for. The
delivery's id is a hash of alert, revision and receiver, so a link acknowledges what its message told, as its receiver, and no more.
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
PURPOSE = b"newsmon acknowledgement 1"  # a secret used for anything else signs nothing that is valid here
MAC_BYTES = 20
TOKEN = re.compile(r"([0-9a-f]{1,10})\.([a-z0-9_]{1,64})\.([a-z2-7]{32})\Z", re.ASCII)  # it ends in a letter: chats cut signs off


class TokenFault(StrEnum):
    """Why a link is not honoured."""

    FORGED = "forged"  # not ours, damaged, or signed with a secret we no longer have
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class AckLinks:
    """Makes links under `base_url`, signed with the newest secret, and reads those of every secret. At least one is needed."""

    base_url: str
    secrets: tuple[Secret, ...]
    valid_for: timedelta

    def link(self, delivery_id: str, *, now: datetime) -> str:
        """The address to acknowledge what this delivery's message tells; the same within one second of `now`."""
        expires = f"{int((now + self.valid_for).timestamp()):x}"
        return f"{self.base_url.rstrip('/')}{PATH}{expires}.{delivery_id}.{_mac(self.secrets[0], expires, delivery_id)}"

    def delivery_of(self, token: str, *, now: datetime) -> str | TokenFault:
        """The delivery the token stands for. What is compared takes constant time; when a forged one claims to expire is not looked at."""
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
