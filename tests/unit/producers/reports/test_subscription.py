"""A feed's subscription: when its hub is asked, what a hub's answers change, and whose signature is genuine."""

from __future__ import annotations

import hashlib
import hmac
from datetime import timedelta

import msgspec
import pytest
from support.drafts import NOW, state

from newsmon.records import Subscription
from producers.formats.hub_links import HubLink
from producers.reports.subscription import Keys, asked, is_genuine, is_trusted, refused, verified, with_hub

HUB, TOPIC, CALLBACK = "https://hub.example/", "https://a.example/feed", "https://us.example/a/token"
THERE = Subscription(hub=HUB, topic=TOPIC, callback=CALLBACK, ask_at=NOW)
ACTIVE = msgspec.structs.replace(verified(THERE, 86_400, now=NOW), pushed_at=NOW)


@pytest.mark.parametrize("method", ["sha1", "sha256", "sha384", "sha512"])
def test_a_signature_of_every_method_is_checked(method: str) -> None:
    digest = hmac.new(b"secret", b"body", getattr(hashlib, method)).hexdigest()
    assert is_genuine("secret", b"body", f"{method}={digest}")
    assert is_genuine("secret", b"body", f"{method.upper()}={digest.upper()}")
    assert not is_genuine("secret", b"body!", f"{method}={digest}")
    assert not is_genuine("other", b"body", f"{method}={digest}")
    assert not is_genuine("secret", b"body", f"{method}={digest[:-1]}")


@pytest.mark.parametrize("signature", [None, "", "sha256=", "md5=x", "sha256", "=", "sha256=ü", "sha256=" + "0" * 64])
def test_anything_else_is_no_signature(signature: str | None) -> None:
    assert not is_genuine("secret", b"body", signature)


def test_secrets_and_tokens_differ_by_feed_and_hub_and_outlive_a_restart() -> None:
    keys, again = Keys("s" * 40), Keys("s" * 40)
    values = {
        keys.token("a"),
        keys.token("b"),
        keys.hub_secret("a", HUB),
        keys.hub_secret("b", HUB),
        keys.hub_secret("a", "https://x.example/"),
    }
    assert len(values) == 5
    assert keys.token("a") == again.token("a")
    assert len(keys.hub_secret("a", HUB)) < 200  # section 5.1: a secret must be shorter than 200 bytes


def test_a_feed_with_a_hub_wants_a_subscription_and_a_running_one_is_kept() -> None:
    fresh = with_hub(state(), HubLink(HUB, TOPIC), CALLBACK, now=NOW)
    assert fresh.subscription == THERE
    running = msgspec.structs.replace(state(), subscription=ACTIVE)
    assert with_hub(running, HubLink(HUB, TOPIC), CALLBACK, now=NOW) is running


@pytest.mark.parametrize(
    "change",
    [
        (HubLink("https://new.example/", TOPIC), CALLBACK),
        (HubLink(HUB, "https://a.example/new"), CALLBACK),
        (HubLink(HUB, TOPIC), "https://moved.example/a"),
    ],
)
def test_another_hub_topic_or_callback_is_another_subscription(change: tuple[HubLink, str]) -> None:
    after = with_hub(msgspec.structs.replace(state(), subscription=ACTIVE), change[0], change[1], now=NOW).subscription
    assert after is not None
    assert (after.lease_until, after.ask_at) == (None, NOW)


def test_a_feed_that_names_no_hub_any_more_has_no_subscription() -> None:
    assert with_hub(msgspec.structs.replace(state(), subscription=ACTIVE), None, CALLBACK, now=NOW).subscription is None


def test_renewal_is_due_before_the_lease_ends() -> None:
    there = verified(THERE, 1_000, now=NOW)
    assert (there.lease_until, there.ask_at) == (NOW + timedelta(seconds=1_000), NOW + timedelta(seconds=800))
    assert verified(THERE, 1, now=NOW).lease_until == NOW + timedelta(seconds=60)


def test_a_hub_that_never_verifies_is_asked_ever_later_and_not_for_ever_often() -> None:
    there, waits = THERE, []
    for _try in range(12):
        there = asked(there, now=NOW)
        waits.append((there.ask_at - NOW).total_seconds())
    assert waits[:4] == [600, 1_200, 2_400, 4_800]
    assert waits[-1] == 86_400


def test_a_refusal_ends_the_lease_and_is_remembered_with_its_reason() -> None:
    there = refused(ACTIVE, "not today", now=NOW)
    assert (there.denied, there.lease_until, is_trusted(there, now=NOW)) == ("not today", None, False)
    assert there.ask_at == NOW + timedelta(days=1)
