"""Signatures are Standard Webhooks 1.0: an independent implementation agrees with ours both ways."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from standardwebhooks import Webhook, WebhookVerificationError

from sinks.message.signature import (
    ID_HEADER,
    SIGNATURE_HEADER,
    TIMESTAMP_HEADER,
    Secret,
    SecretError,
    SecretFault,
    Verdict,
    signed_headers,
    verify,
)  # fmt: skip

KEYS = st.binary(min_size=24, max_size=64)
IDS = st.from_regex(r"\Amsg_[a-z2-7]{26}\Z")
BODIES = st.dictionaries(st.text(max_size=8), st.text(max_size=20) | st.integers(), max_size=5).map(
    lambda value: json.dumps(value, ensure_ascii=False).encode("utf-8", "replace")
)
OLD, NEW = Secret(b"o" * 24), Secret(b"n" * 32)
BODY = '{"title":"Zażółć gęślą jaźń — Київ"}'.encode()
NOW_S = 1_790_000_000


@settings(max_examples=60, deadline=None)
@given(key=KEYS, webhook_id=IDS, body=BODIES)
def test_the_independent_library_accepts_what_we_sign(key: bytes, webhook_id: str, body: bytes) -> None:
    secret = Secret(key)
    headers = signed_headers([secret], webhook_id=webhook_id, timestamp_s=int(datetime.now(UTC).timestamp()), body=body)
    assert Webhook(secret.text()).verify(body, headers) == json.loads(body)


@settings(max_examples=60, deadline=None)
@given(key=KEYS, webhook_id=IDS, body=BODIES)
def test_we_accept_what_the_independent_library_signs(key: bytes, webhook_id: str, body: bytes) -> None:
    signature = Webhook(Secret(key).text()).sign(webhook_id, datetime.fromtimestamp(NOW_S, UTC), body.decode())
    headers = {"Webhook-Id": webhook_id, "Webhook-Timestamp": str(NOW_S), "Webhook-Signature": signature}
    assert verify([Secret(key)], headers, body, now_s=NOW_S) is Verdict.VERIFIED


def test_a_signature_is_the_one_openssl_computes() -> None:
    # printf '%s' 'msg_abc.1790000000.{"titre":"Défense"}' | openssl dgst -sha256 -mac HMAC -macopt hexkey:... -binary | base64
    secret = Secret.parse("whsec_bmV3c21vbiB0ZXN0IGtleSwgdGhpcnR5LXR3byBiISE=")
    headers = signed_headers([secret], webhook_id="msg_abc", timestamp_s=1790000000, body='{"titre":"Défense"}'.encode())
    assert headers[SIGNATURE_HEADER] == "v1,sGHc53BH9bTbcHQwq1nc4OWdJOLU8KUVen+TVgSDCqA="
    assert headers[TIMESTAMP_HEADER] == "1790000000"


def test_a_receiver_that_knows_only_the_old_secret_still_verifies_during_rotation() -> None:
    headers = signed_headers([NEW, OLD], webhook_id="msg_1", timestamp_s=int(datetime.now(UTC).timestamp()), body=BODY)
    assert len(headers[SIGNATURE_HEADER].split(" ")) == 2
    for holder in (OLD, NEW):
        Webhook(holder.text()).verify(BODY, headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(Secret(b"x" * 24).text()).verify(BODY, headers)


@pytest.mark.parametrize(
    ("change", "verdict"),
    [
        ({}, Verdict.VERIFIED),
        ({ID_HEADER: "msg_2"}, Verdict.NO_MATCHING_SIGNATURE),
        ({ID_HEADER: ""}, Verdict.MISSING_HEADER),
        ({SIGNATURE_HEADER: ""}, Verdict.MISSING_HEADER),
        ({SIGNATURE_HEADER: "v1,AAAA"}, Verdict.NO_MATCHING_SIGNATURE),
        ({SIGNATURE_HEADER: "v1,\u00e9"}, Verdict.NO_MATCHING_SIGNATURE),
        ({SIGNATURE_HEADER: "v1"}, Verdict.NO_MATCHING_SIGNATURE),
        ({TIMESTAMP_HEADER: "yesterday"}, Verdict.BAD_TIMESTAMP),
        ({TIMESTAMP_HEADER: "-5"}, Verdict.BAD_TIMESTAMP),
        ({TIMESTAMP_HEADER: "9" * 5000}, Verdict.BAD_TIMESTAMP),
        ({TIMESTAMP_HEADER: "\u0663"}, Verdict.BAD_TIMESTAMP),
        ({TIMESTAMP_HEADER: str(NOW_S - 301)}, Verdict.TOO_OLD),
        ({TIMESTAMP_HEADER: str(NOW_S + 301)}, Verdict.TOO_NEW),
        ({TIMESTAMP_HEADER: str(NOW_S + 1)}, Verdict.NO_MATCHING_SIGNATURE),
    ],
)
def test_each_header_that_was_tampered_with_gets_its_verdict(change: dict[str, str], verdict: Verdict) -> None:
    headers = signed_headers([NEW], webhook_id="msg_1", timestamp_s=NOW_S, body=BODY) | change
    assert verify([NEW], headers, BODY, now_s=NOW_S) is verdict


def test_one_changed_byte_of_the_body_is_noticed() -> None:
    headers = signed_headers([NEW], webhook_id="msg_1", timestamp_s=NOW_S, body=BODY)
    for index in range(len(BODY)):
        changed = BODY[:index] + bytes([BODY[index] ^ 1]) + BODY[index + 1 :]
        assert verify([NEW], headers, changed, now_s=NOW_S) is Verdict.NO_MATCHING_SIGNATURE


def test_unknown_schemes_beside_ours_are_passed_over() -> None:
    headers = signed_headers([NEW], webhook_id="msg_1", timestamp_s=NOW_S, body=BODY)
    headers[SIGNATURE_HEADER] = f"v1a,QUJD v9,x {headers[SIGNATURE_HEADER]}"
    assert verify([NEW], headers, BODY, now_s=NOW_S) is Verdict.VERIFIED
    headers[SIGNATURE_HEADER] = headers[SIGNATURE_HEADER].replace("v1,", "v2,")
    assert verify([NEW], headers, BODY, now_s=NOW_S) is Verdict.NO_MATCHING_SIGNATURE


@pytest.mark.parametrize("drift_s", [-300, 0, 300])
def test_a_clock_within_five_minutes_is_good_enough(drift_s: int) -> None:
    headers = signed_headers([NEW], webhook_id="msg_1", timestamp_s=NOW_S + drift_s, body=BODY)
    assert verify([NEW], headers, BODY, now_s=NOW_S) is Verdict.VERIFIED


def _whsec(size_bytes: int) -> str:
    return "whsec_" + base64.b64encode(b"k" * size_bytes).decode()


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", SecretFault.NO_PREFIX),
        ("hunter2", SecretFault.NO_PREFIX),
        ("whsec_", SecretFault.TOO_SHORT),
        ("whsec_!!!!", SecretFault.NOT_BASE64),
        ("whsec_é", SecretFault.NOT_BASE64),
        ("whsec_abcde", SecretFault.NOT_BASE64),
        (_whsec(23), SecretFault.TOO_SHORT),
        (_whsec(65), SecretFault.TOO_LONG),
    ],
)
def test_a_bad_secret_is_refused_with_its_reason_and_without_its_text(text: str, fault: SecretFault) -> None:
    with pytest.raises(SecretError) as caught:
        Secret.parse(text)
    assert caught.value.fault is fault
    assert len(text) < 7 or text.removeprefix("whsec_") not in str(caught.value)


@pytest.mark.parametrize("size_bytes", [24, 25, 26, 64])
def test_a_secret_reads_back_as_written_with_and_without_padding(size_bytes: int) -> None:
    text = _whsec(size_bytes)
    assert Secret.parse(text).text() == text
    assert Secret.parse(text.rstrip("=")) == Secret.parse(text)
    assert "kkk" not in repr(Secret.parse(text))
