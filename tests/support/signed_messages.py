"""Keys for both kinds of signature, and what a signed message carries, read without the product's own verifier."""

from __future__ import annotations

import base64
from collections.abc import Mapping

from sinks.message.asymmetric_keys import SigningKey
from sinks.message.signature import ID_HEADER, SIGNATURE_HEADER, TIMESTAMP_HEADER, Secret

# RFC 8032, section 7.1, test 1
SEED = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
PUBLIC = bytes.fromhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")
SIGNATURE = bytes.fromhex(
    "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
)
KEY, OTHER, SECRET = SigningKey(SEED), SigningKey(b"o" * 32), Secret(b"thirty-two bytes for our testing")
BODY = '{"title":"Zażółć gęślą jaźń — Київ"}'.encode()


def signatures_in(headers: Mapping[str, str], scheme: str) -> list[bytes]:
    pairs = (part.split(",", 1) for part in headers[SIGNATURE_HEADER].split(" "))
    return [base64.b64decode(value) for found, value in pairs if found == scheme]


def content(headers: Mapping[str, str], body: bytes) -> bytes:
    return f"{headers[ID_HEADER]}.{headers[TIMESTAMP_HEADER]}.".encode() + body
