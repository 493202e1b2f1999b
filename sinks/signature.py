"""Standard Webhooks 1.0: sign a body, and check a symmetric signature; pure. The asymmetric scheme is in `sinks.signing_keys`.

In: secrets, webhook-id, time, the very bytes that travel. Out: the three headers, or a verdict with its reason.
Source: the Standard Webhooks specification 1.0.0 (standard-webhooks/standard-webhooks, spec/standard-webhooks.md).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

ID_HEADER = "webhook-id"
TIMESTAMP_HEADER = "webhook-timestamp"
SIGNATURE_HEADER = "webhook-signature"

SECRET_PREFIX = "whsec_"  # noqa: S105 - the prefix of secrets, not one of them
MIN_SECRET_BYTES = 24  # the specification's bounds
MAX_SECRET_BYTES = 64
TOLERANCE_S = 300  # both ways: what the reference libraries use
SCHEME = "v1"


class SecretFault(StrEnum):
    """Why a text is not a secret; the text itself is never repeated."""

    NO_PREFIX = "does not begin with whsec_"
    NOT_BASE64 = "is not base64 after its prefix"
    TOO_SHORT = "holds fewer than 24 bytes"
    TOO_LONG = "holds more than 64 bytes"
    NO_KEY = "holds neither an Ed25519 key of 32 bytes nor one of 64 with its public half"


class Signer(Protocol):
    """A key that signs webhooks."""

    @property
    def scheme(self) -> str:
        """The identifier before its signatures: v1 or v1a."""

    def sign(self, webhook_id: str, stamp: str, body: bytes) -> str:
        """The signature in base64."""


class SecretError(ValueError):
    """A text is not a `whsec_` secret; its holder turns this into a settings problem."""

    def __init__(self, fault: SecretFault) -> None:
        self.fault = fault
        super().__init__(fault.value)


@dataclass(frozen=True, slots=True)
class Secret:
    """A signing key; its repr shows nothing of it."""

    key: bytes = field(repr=False)

    @classmethod
    def parse(cls, text: str) -> Secret:
        """The secret in `whsec_<base64>` (padding may be left out), or SecretError."""
        if not text.startswith(SECRET_PREFIX):
            raise SecretError(SecretFault.NO_PREFIX)
        key = decoded(text.removeprefix(SECRET_PREFIX))
        if len(key) < MIN_SECRET_BYTES:
            raise SecretError(SecretFault.TOO_SHORT)
        if len(key) > MAX_SECRET_BYTES:
            raise SecretError(SecretFault.TOO_LONG)
        return cls(key)

    @property
    def scheme(self) -> str:
        return SCHEME

    def sign(self, webhook_id: str, stamp: str, body: bytes) -> str:
        """HMAC-SHA256 of what is signed, in base64."""
        return base64.b64encode(hmac.new(self.key, signed_content(webhook_id, stamp, body), hashlib.sha256).digest()).decode()

    def text(self) -> str:
        """The `whsec_` form, for the file it is kept in."""
        return SECRET_PREFIX + base64.b64encode(self.key).decode()


def decoded(coded: str) -> bytes:
    """The bytes of a key in base64, whose padding may be left out; SecretError."""
    bare = coded.rstrip("=")
    try:
        return base64.b64decode(bare + "=" * (-len(bare) % 4), validate=True)
    except (binascii.Error, ValueError) as error:
        raise SecretError(SecretFault.NOT_BASE64) from error


def signed_content(webhook_id: str, stamp: str, body: bytes) -> bytes:
    """What every scheme signs."""
    return b".".join((webhook_id.encode(), stamp.encode(), body))


def newest_of_each(signers: Sequence[Signer]) -> tuple[Signer, ...]:
    """The first of each scheme, in their order: who has an older one is to have changed by now."""
    first: dict[str, Signer] = {}
    for one in signers:
        first.setdefault(one.scheme, one)
    return tuple(first.values())


def signed_headers(signers: Sequence[Signer], *, webhook_id: str, timestamp_s: int, body: bytes) -> dict[str, str]:
    """The three headers of one attempt; one signature per key, in their order, so that keys can be rotated."""
    assert signers, "a receiver without a secret is refused when settings are read"
    signatures = [f"{one.scheme},{one.sign(webhook_id, str(timestamp_s), body)}" for one in signers]
    return {ID_HEADER: webhook_id, TIMESTAMP_HEADER: str(timestamp_s), SIGNATURE_HEADER: " ".join(signatures)}


class Verdict(StrEnum):
    """What checking a delivery's signature gave."""

    VERIFIED = "verified"
    MISSING_HEADER = "missing_header"
    BAD_TIMESTAMP = "bad_timestamp"
    TOO_OLD = "too_old"
    TOO_NEW = "too_new"
    NO_MATCHING_SIGNATURE = "no_matching_signature"


def verify(
    secrets: Sequence[Secret], headers: Mapping[str, str], body: bytes, *, now_s: float, tolerance_s: float = TOLERANCE_S
) -> Verdict:
    """Whether one of the secrets signed exactly these bytes, and lately. Comparison takes constant time.

    Header names may come in any case. Signatures of schemes other than v1 are passed over, as the specification asks.
    """
    given = {name.lower(): value for name, value in headers.items()}
    webhook_id, stamp, signatures = (given.get(name, "") for name in (ID_HEADER, TIMESTAMP_HEADER, SIGNATURE_HEADER))
    if not (webhook_id and stamp and signatures):
        return Verdict.MISSING_HEADER
    if not (stamp.isascii() and stamp.isdigit() and len(stamp) <= 16):
        return Verdict.BAD_TIMESTAMP
    if int(stamp) < now_s - tolerance_s:
        return Verdict.TOO_OLD
    if int(stamp) > now_s + tolerance_s:
        return Verdict.TOO_NEW
    candidates = [value.encode() for scheme, _, value in (part.partition(",") for part in signatures.split(" ")) if scheme == SCHEME]
    matched = False
    for secret in secrets:
        expected = secret.sign(webhook_id, stamp, body).encode()
        for candidate in candidates:
            matched |= hmac.compare_digest(expected, candidate)
    return Verdict.VERIFIED if matched else Verdict.NO_MATCHING_SIGNATURE
