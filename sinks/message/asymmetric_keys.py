"""Standard Webhooks, asymmetric scheme (v1a): Ed25519 keys. The receiver has the public half and so holds no secret.

In: `whsk_<base64>`, a seed of 32 bytes with or without its public key. Out: signatures, and the public key as `whpk_<base64>`, which
verifies them.
Source: the Standard Webhooks specification 1.0.0, sections on signature schemes and secret serialization; RFC 8032.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

from sinks.message.signature import ASYMMETRIC_SCHEME, Secret, SecretError, SecretFault, Signer, Verifier, decoded, signed_content

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

PRIVATE_PREFIX = "whsk_"
PUBLIC_PREFIX = "whpk_"
SEED_BYTES = 32


@dataclass(frozen=True, slots=True)
class SigningKey:
    """An Ed25519 key; its repr does not show it."""

    seed: bytes = field(repr=False)

    @classmethod
    def parse(cls, text: str) -> SigningKey:
        """The key in `whsk_<base64>` (padding may be left out), or SecretError."""
        if not text.startswith(PRIVATE_PREFIX):
            raise SecretError(SecretFault.NO_PREFIX)
        key = decoded(text.removeprefix(PRIVATE_PREFIX))
        if len(key) not in (SEED_BYTES, 2 * SEED_BYTES):
            raise SecretError(SecretFault.NO_KEY)
        parsed = cls(key[:SEED_BYTES])
        if len(key) > SEED_BYTES and key[SEED_BYTES:] != parsed.public():
            raise SecretError(SecretFault.NO_KEY)
        return parsed

    @property
    def scheme(self) -> str:
        return ASYMMETRIC_SCHEME

    def sign(self, webhook_id: str, stamp: str, body: bytes) -> str:
        """The Ed25519 signature in base64."""
        return base64.b64encode(_private(self.seed).sign(signed_content(webhook_id, stamp, body))).decode()

    def public(self) -> bytes:
        """The 32 bytes of the public key."""
        return _private(self.seed).public_key().public_bytes_raw()

    def text(self) -> str:
        """The `whsk_` form, for the file it is kept in: the seed and its public key."""
        return PRIVATE_PREFIX + base64.b64encode(self.seed + self.public()).decode()

    def public_text(self) -> str:
        """The `whpk_` form, for the receiver."""
        return PUBLIC_PREFIX + base64.b64encode(self.public()).decode()


@dataclass(frozen=True, slots=True)
class PublicKey:
    """An Ed25519 public key: it verifies signatures and is no secret."""

    key: bytes

    @classmethod
    def parse(cls, text: str) -> PublicKey:
        """The key in `whpk_<base64>` (padding may be left out), or SecretError."""
        if not text.startswith(PUBLIC_PREFIX):
            raise SecretError(SecretFault.NO_PUBLIC_KEY)
        key = decoded(text.removeprefix(PUBLIC_PREFIX))
        if len(key) != SEED_BYTES:
            raise SecretError(SecretFault.NO_PUBLIC_KEY)
        return cls(key)

    @property
    def scheme(self) -> str:
        return ASYMMETRIC_SCHEME

    def made(self, signature: str, webhook_id: str, stamp: str, body: bytes) -> bool:
        """True when the private half of this key made the signature from these bytes."""
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

        try:
            Ed25519PublicKey.from_public_bytes(self.key).verify(decoded(signature), signed_content(webhook_id, stamp, body))
        except (InvalidSignature, SecretError, ValueError):
            return False
        return True


def verifier_of(text: str) -> Verifier:
    """The verifier of signatures made with the key in the text (a secret, a private or a public key), or SecretError."""
    if text.startswith(PRIVATE_PREFIX):
        return PublicKey(SigningKey.parse(text).public())
    return PublicKey.parse(text) if text.startswith(PUBLIC_PREFIX) else Secret.parse(text)


def signer_of(text: str) -> Signer:
    """The key of either scheme in the text, or SecretError."""
    return SigningKey.parse(text) if text.startswith(PRIVATE_PREFIX) else Secret.parse(text)


@lru_cache(maxsize=256)
def _private(seed: bytes) -> Ed25519PrivateKey:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey  # imported only by those who use the scheme

    return Ed25519PrivateKey.from_private_bytes(seed)
