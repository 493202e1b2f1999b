"""Ed25519 signatures (v1a): verified by an implementation that is not the signer's, beside HMAC ones that every library reads."""

from __future__ import annotations

import base64
import time
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from standardwebhooks.webhooks import Webhook as Library
from support.ed25519 import verifies
from support.receivers import receiver_settings
from support.signed_messages import BODY, KEY, OTHER, PUBLIC, SECRET, SEED, SIGNATURE, content, signatures_in

from newsmon.app.cli.alerts import receivers
from newsmon.errors import SettingsError
from sinks.channels.secrets import load_ack_secrets, load_secrets
from sinks.message.asymmetric_keys import PublicKey, SigningKey, signer_of, verifier_of
from sinks.message.signature import (
    ID_HEADER,
    SIGNATURE_HEADER,
    Secret,
    SecretError,
    SecretFault,
    Verdict,
    check,
    signed_headers,
)


def test_the_verifier_of_these_tests_knows_the_standards_own_example() -> None:
    assert verifies(PUBLIC, b"", SIGNATURE)
    assert not verifies(PUBLIC, b"x", SIGNATURE)
    assert not verifies(PUBLIC, b"", SIGNATURE[:-1] + bytes([SIGNATURE[-1] ^ 1]))
    assert KEY.public() == PUBLIC


def test_a_signature_is_of_these_bytes_by_this_key() -> None:
    headers = signed_headers([KEY], webhook_id="msg_1", timestamp_s=1_700_000_000, body=BODY)
    [signature] = signatures_in(headers, "v1a")
    assert verifies(PUBLIC, content(headers, BODY), signature)
    for changed in (BODY + b" ", BODY[:-1], b""):
        assert not verifies(PUBLIC, content(headers, changed), signature)
    assert not verifies(OTHER.public(), content(headers, BODY), signature)
    assert not verifies(PUBLIC, content(headers | {ID_HEADER: "msg_2"}, BODY), signature)


def test_beside_it_the_reference_library_reads_the_symmetric_one() -> None:
    headers = signed_headers([KEY, SECRET, OTHER], webhook_id="msg_1", timestamp_s=int(time.time()), body=BODY)
    assert [part.partition(",")[0] for part in headers[SIGNATURE_HEADER].split(" ")] == ["v1a", "v1", "v1a"]
    Library(SECRET.text()).verify(BODY.decode(), headers)
    both = signatures_in(headers, "v1a")
    assert [verifies(key.public(), content(headers, BODY), one) for key, one in zip((KEY, OTHER), both, strict=True)] == [True, True]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("whsk_" + base64.b64encode(b"x" * 31).decode(), SecretFault.NO_KEY),
        ("whsk_" + base64.b64encode(SEED + b"x" * 32).decode(), SecretFault.NO_KEY),  # a public half that is not its own
        ("whsk_!!", SecretFault.NOT_BASE64),
        ("whpk_" + base64.b64encode(PUBLIC).decode(), SecretFault.NO_PREFIX),
    ],
)
def test_what_is_no_key_is_refused_by_name_and_never_shown(text: str, fault: SecretFault) -> None:
    with pytest.raises(SecretError) as refused:
        signer_of(text)
    assert refused.value.fault is fault
    assert text[5:] not in str(refused.value)


def test_a_key_is_read_with_and_without_its_public_half_and_shows_itself_nowhere() -> None:
    for text in (KEY.text(), "whsk_" + base64.b64encode(SEED).decode(), KEY.text().rstrip("=")):
        assert signer_of(text) == KEY
    assert KEY.public_text() == "whpk_" + base64.b64encode(PUBLIC).decode()
    assert str(SEED) not in repr(KEY)
    assert isinstance(signer_of(SECRET.text()), Secret)


@pytest.mark.parametrize(
    ("signers", "keys", "schemes"),
    [
        ([KEY], [KEY.public_text()], {"v1a": "verified"}),
        ([KEY], [KEY.text()], {"v1a": "verified"}),  # of a private key its public half
        ([OTHER, KEY], [KEY.public_text()], {"v1a": "verified"}),  # while keys are rotated
        ([KEY], [OTHER.public_text(), KEY.public_text()], {"v1a": "verified"}),
        ([OTHER], [KEY.public_text()], {"v1a": "mismatched"}),
        ([SECRET, KEY], [SECRET.text(), KEY.public_text()], {"v1": "verified", "v1a": "verified"}),
        ([SECRET, OTHER], [SECRET.text(), KEY.public_text()], {"v1": "verified", "v1a": "mismatched"}),
        ([SECRET], [SECRET.text(), KEY.public_text()], {"v1": "verified", "v1a": "absent"}),
        ([SECRET, KEY], [SECRET.text()], {"v1": "verified", "v1a": "unchecked"}),
        ([SECRET, KEY], [KEY.public_text()], {"v1": "unchecked", "v1a": "verified"}),
        ([SECRET], [KEY.public_text()], {"v1": "unchecked", "v1a": "absent"}),
    ],
)
def test_a_check_says_what_became_of_each_scheme_and_one_that_is_right_is_enough(
    signers: list[Any], keys: list[str], schemes: dict[str, str]
) -> None:
    headers = signed_headers(signers, webhook_id="msg_1", timestamp_s=1_700_000_000, body=BODY)
    checked = check([verifier_of(key) for key in keys], headers, BODY, now_s=1_700_000_001)
    assert checked.schemes == schemes
    assert checked.verdict is (Verdict.VERIFIED if "verified" in schemes.values() else Verdict.NO_MATCHING_SIGNATURE)


def test_a_public_key_verifies_the_standards_signature_and_nothing_that_was_changed() -> None:
    headers = signed_headers([KEY], webhook_id="msg_1", timestamp_s=1_700_000_000, body=BODY)
    public = [PublicKey(PUBLIC)]
    assert check(public, headers, BODY, now_s=1_700_000_000).verdict is Verdict.VERIFIED
    good = headers[SIGNATURE_HEADER]
    for signature in (good[:-6] + "AAAAA=", "v1a,", "v1a,!!", "v1a,ż", good.replace("v1a,", "v1,"), good[:40]):
        changed = headers | {SIGNATURE_HEADER: signature}
        assert check(public, changed, BODY, now_s=1_700_000_000).verdict is Verdict.NO_MATCHING_SIGNATURE, signature
    for moved, verdict in ((BODY + b" ", Verdict.NO_MATCHING_SIGNATURE), (BODY, Verdict.TOO_OLD)):
        late = 0 if verdict is Verdict.NO_MATCHING_SIGNATURE else 301
        assert check(public, headers, moved, now_s=1_700_000_000 + late).verdict is verdict


def test_of_signatures_without_end_only_so_many_are_checked() -> None:
    headers = signed_headers([OTHER] * 1_000 + [KEY], webhook_id="msg_1", timestamp_s=1_700_000_000, body=BODY)
    assert check([PublicKey(PUBLIC)], headers, BODY, now_s=1_700_000_000).schemes == {"v1a": "mismatched"}


@pytest.mark.parametrize("text", ["whpk_", "whpk_!!", KEY.text(), "whpk_" + base64.b64encode(b"x" * 31).decode(), SECRET.text()])
def test_what_is_no_public_key_is_refused(text: str) -> None:
    with pytest.raises(SecretError):
        PublicKey.parse(text)


def test_people_make_a_key_name_it_and_see_its_public_half(tmp_path: Path) -> None:
    file = tmp_path / "desk.key"
    made = CliRunner().invoke(receivers.command, ["new-key", str(file)], catch_exceptions=False)
    assert made.exit_code == 0
    public = made.stdout.strip()
    assert file.stat().st_mode & 0o777 == 0o600
    assert SigningKey.parse(file.read_text().strip()).public_text() == public
    with pytest.raises(SettingsError):  # it is not overwritten
        CliRunner().invoke(receivers.command, ["new-key", str(file)], catch_exceptions=False)
    assert SigningKey.parse(file.read_text().strip()).public_text() == public
    config = tmp_path / "newsmon.toml"
    receiver = f'[[receivers]]\nid = "desk"\nurl = "http://127.0.0.1:9/"\nsecret_files = ["{file}"]\n'
    config.write_text(f'state_dir = "{tmp_path}"\n{receiver}', "utf-8")
    shown = CliRunner().invoke(receivers.command, ["public-keys", "--config", str(config)], catch_exceptions=False)
    assert shown.stdout == f"desk  {public}\n"
    config.write_text(f'state_dir = "{tmp_path}"\n', "utf-8")
    assert CliRunner().invoke(receivers.command, ["public-keys", "--config", str(config)], catch_exceptions=False).exit_code == 1


def test_links_are_signed_by_secrets_alone(tmp_path: Path) -> None:
    from newsmon.settings import AckSettings

    file = tmp_path / "key"
    file.write_text(KEY.text())
    assert load_secrets([receiver_settings("desk", "https://desk.example/", file)], {}) == {"desk": (KEY,)}
    with pytest.raises(SettingsError):
        load_ack_secrets(AckSettings(public_url="https://news.example", port=0, secret_files=(file,)), {})
