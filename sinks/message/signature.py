"""Standard Webhooks 1.0: signs a body, and checks its signatures. Asymmetric keys: `sinks.message.asymmetric_keys`.

In: keys, webhook-id, time, the exact bytes that are sent. Out: the three headers, or a verdict with its reason.
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
TOLERANCE_S = 300  # in both directions, as in the reference libraries
SCHEME = "v1"
ASYMMETRIC_SCHEME = "v1a"
SCHEMES = (SCHEME, ASYMMETRIC_SCHEME)
MOST_SIGNATURES = 32  # of one scheme in one header: each costs time to check, and only a sender that rotates keys has several


class SecretFault(StrEnum):
    """The reason why a text is not a secret; the text itself is never shown."""

    NO_PREFIX = "does not begin with whsec_"
    NOT_BASE64 = "is not base64 after its prefix"
    TOO_SHORT = "has fewer than 24 bytes"
    TOO_LONG = "has more than 64 bytes"
    NO_KEY = "is neither an Ed25519 key of 32 bytes nor one of 64 with its public half"
    NO_PUBLIC_KEY = "is not whpk_ followed by an Ed25519 public key of 32 bytes"


class Signer(Protocol):
    """A key that signs webhooks."""

    @property
    def scheme(self) -> str:
        """The identifier before its signatures: v1 or v1a."""

    def sign(self, webhook_id: str, stamp: str, body: bytes) -> str:
        """The signature in base64."""


class Verifier(Protocol):
    """A key that checks signatures made by itself or by its private half."""

    @property
    def scheme(self) -> str:
        """The identifier before the signatures it checks: v1 or v1a."""

    def made(self, signature: str, webhook_id: str, stamp: str, body: bytes) -> bool:
        """True when the signature, in base64, was made from these bytes with this key."""


class SecretError(ValueError):
    """The text is not a secret or key; the caller turns this into a settings problem."""

    def __init__(self, fault: SecretFault) -> None:
        self.fault = fault
        super().__init__(fault.value)


@dataclass(frozen=True, slots=True)
class Secret:
    """A signing key; its repr does not show it."""

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

    def made(self, signature: str, webhook_id: str, stamp: str, body: bytes) -> bool:
        """True when this secret made the signature; the comparison takes constant time."""
        return hmac.compare_digest(self.sign(webhook_id, stamp, body).encode(), signature.encode())

    def text(self) -> str:
        """The `whsec_` form, for the file it is kept in."""
        return SECRET_PREFIX + base64.b64encode(self.key).decode()


def decoded(coded: str) -> bytes:
    """The bytes of a key in base64, with or without padding; SecretError when it is not base64."""
    bare = coded.rstrip("=")
    try:
        return base64.b64decode(bare + "=" * (-len(bare) % 4), validate=True)
    except (binascii.Error, ValueError) as error:
        raise SecretError(SecretFault.NOT_BASE64) from error


def signed_content(webhook_id: str, stamp: str, body: bytes) -> bytes:
    """The bytes every scheme signs."""
    return b".".join((webhook_id.encode(), stamp.encode(), body))


def newest_of_each(signers: Sequence[Signer]) -> tuple[Signer, ...]:
    """The first key of each scheme, in their order."""
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
    """The result of checking a delivery's signature."""

    VERIFIED = "verified"
    MISSING_HEADER = "missing_header"
    BAD_TIMESTAMP = "bad_timestamp"
    TOO_OLD = "too_old"
    TOO_NEW = "too_new"
    NO_MATCHING_SIGNATURE = "no_matching_signature"


class SchemeCheck(StrEnum):
    """The result for the signatures of one scheme."""

    VERIFIED = "verified"
    MISMATCHED = "mismatched"  # none was made with one of our keys
    ABSENT = "absent"  # we have a key, but there is no signature
    UNCHECKED = "unchecked"  # there is a signature, but we have no key


@dataclass(frozen=True, slots=True)
class Checked:
    """A verdict, and with complete and recent headers the result for each scheme that was used or that we have a key for."""

    verdict: Verdict
    schemes: Mapping[str, SchemeCheck] = field(default_factory=dict)


def check(
    verifiers: Sequence[Verifier], headers: Mapping[str, str], body: bytes, *, now_s: float, tolerance_s: float = TOLERANCE_S
) -> Checked:
    """The verdict on whether one of the keys signed exactly these bytes, and recently.

    Header names may be in any case. Signatures of schemes without a key are ignored, as the specification asks.
    """
    given = {name.lower(): value for name, value in headers.items()}
    webhook_id, stamp, signatures = (given.get(name, "") for name in (ID_HEADER, TIMESTAMP_HEADER, SIGNATURE_HEADER))
    if not (webhook_id and stamp and signatures):
        return Checked(Verdict.MISSING_HEADER)
    if not (stamp.isascii() and stamp.isdigit() and len(stamp) <= 16):
        return Checked(Verdict.BAD_TIMESTAMP)
    if int(stamp) < now_s - tolerance_s:
        return Checked(Verdict.TOO_OLD)
    if int(stamp) > now_s + tolerance_s:
        return Checked(Verdict.TOO_NEW)
    schemes: dict[str, SchemeCheck] = {}
    for scheme in SCHEMES:
        candidates = [value for found, _, value in (part.partition(",") for part in signatures.split(" ")) if found == scheme]
        keys = [one for one in verifiers if one.scheme == scheme]
        matched = False
        for key in keys:
            for candidate in candidates[:MOST_SIGNATURES]:
                matched |= key.made(candidate, webhook_id, stamp, body)
        if candidates and not keys:
            schemes[scheme] = SchemeCheck.UNCHECKED
        elif keys:
            missing = SchemeCheck.MISMATCHED if candidates else SchemeCheck.ABSENT
            schemes[scheme] = SchemeCheck.VERIFIED if matched else missing
    is_signed = SchemeCheck.VERIFIED in schemes.values()
    return Checked(Verdict.VERIFIED if is_signed else Verdict.NO_MATCHING_SIGNATURE, schemes)


def verify(
    verifiers: Sequence[Verifier], headers: Mapping[str, str], body: bytes, *, now_s: float, tolerance_s: float = TOLERANCE_S
) -> Verdict:
    """Only the verdict of `check`."""
    return check(verifiers, headers, body, now_s=now_s, tolerance_s=tolerance_s).verdict
