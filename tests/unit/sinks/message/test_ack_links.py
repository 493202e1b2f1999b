"""Acknowledgement links: honoured whole, unexpired and ours, and in no other case."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError

from newsmon import ids
from newsmon.errors import SettingsError
from newsmon.settings import AckSettings
from sinks.channels.secrets import load_ack_secrets
from sinks.message.ack_links import PATH, AckLinks, TokenFault
from sinks.message.signature import Secret

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
DELIVERY = ids.delivery_id("alert", 1, "desk")
OLD, NEW = Secret(b"an old key of twenty-four by"), Secret(b"a new key of twenty-four byt")
LINKS = AckLinks("https://news.example/newsmon/", (OLD,), timedelta(days=7))
ROTATED = AckLinks("https://news.example", (NEW, OLD), timedelta(days=7))


def token_of(link: str) -> str:
    return link.rpartition("/")[2]


def test_a_link_stands_for_its_delivery_until_it_expires() -> None:
    link = LINKS.link(DELIVERY, now=NOW)
    assert link.startswith(f"https://news.example/newsmon{PATH}")
    assert len(link) < 130
    assert link == LINKS.link(DELIVERY, now=NOW)
    assert LINKS.delivery_of(token_of(link), now=NOW) == DELIVERY
    assert LINKS.delivery_of(token_of(link), now=NOW + timedelta(days=7, seconds=-1)) == DELIVERY
    assert LINKS.delivery_of(token_of(link), now=NOW + timedelta(days=7)) is TokenFault.EXPIRED


def test_every_letter_of_a_link_counts() -> None:
    token = token_of(LINKS.link(DELIVERY, now=NOW))
    for at, letter in enumerate(token):
        other = "b" if letter != "b" else "c"
        changed = token[:at] + other + token[at + 1 :]
        assert LINKS.delivery_of(changed, now=NOW) is TokenFault.FORGED, changed
    later = f"{int(NOW.timestamp()) + 10**9:x}" + token[token.index(".") :]
    assert LINKS.delivery_of(later, now=NOW) is TokenFault.FORGED


@pytest.mark.parametrize(
    "token", ["", ".", "..", "x" * 10_000, "ff.msg_1.é" + "a" * 31, f"-1.{DELIVERY}.{'a' * 32}", f"1.{DELIVERY}.{'a' * 32}\n"]
)
def test_what_is_no_token_is_refused_as_a_forged_one_is(token: str) -> None:
    assert LINKS.delivery_of(token, now=NOW) is TokenFault.FORGED


def test_secrets_rotate_and_one_that_is_gone_makes_no_valid_link() -> None:
    before, after = token_of(LINKS.link(DELIVERY, now=NOW)), token_of(ROTATED.link(DELIVERY, now=NOW))
    assert before != after
    assert ROTATED.delivery_of(before, now=NOW) == DELIVERY
    assert ROTATED.delivery_of(after, now=NOW) == DELIVERY
    assert LINKS.delivery_of(after, now=NOW) is TokenFault.FORGED
    foreign = AckLinks("https://news.example", (Secret(b"somebody else's key, 24 byte"),), timedelta(days=7))
    assert ROTATED.delivery_of(token_of(foreign.link(DELIVERY, now=NOW)), now=NOW) is TokenFault.FORGED


def test_a_secret_of_links_is_shown_by_nobody(tmp_path: Path) -> None:
    assert OLD.text() not in repr(LINKS)
    assert str(OLD.key) not in repr(LINKS)
    file = tmp_path / "ack.secret"
    file.write_text("whsec_short")
    with pytest.raises(SettingsError) as refused:
        load_ack_secrets(AckSettings(public_url="https://news.example", port=0, secret_files=(file,)), {})
    assert "settings:ack.secret_files" in str(refused.value)
    assert "whsec_short" not in str(refused.value)


@pytest.mark.parametrize(
    "given",
    [{"public_url": "https://news.example"}, {"port": 9646}, {"secret_env": "X"}, {"public_url": "https://u:p@news.example", "port": 1, "secret_env": "X"},
     {"public_url": "ftp://news.example", "port": 1, "secret_env": "X"}, {"public_url": "https://news.example?a=b", "port": 1, "secret_env": "X"}],
)  # fmt: skip
def test_half_a_set_up_is_refused(given: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        AckSettings.model_validate(given)
    assert AckSettings().public_url is None
