"""WebSub's decisions: which hub, when to ask, whose signature, and what a push or a safety poll means for the feed."""

from __future__ import annotations

import hashlib
import hmac
from datetime import timedelta

import msgspec
import pytest
from support.drafts import FEED, NOW, draft, stamp, state

from newsmon.records import FeedState, FetchKind, FetchResult, Subscription
from producers.answers.outcome import Fetched
from producers.articles.parsed import Parsed
from producers.articles.remembered import entries_of
from producers.rounds.poll import PollReport
from producers.rounds.push import (
    HubLink,
    Keys,
    after_poll,
    asked,
    hub_link,
    is_genuine,
    is_trusted,
    push_report,
    refused,
    verified,
    with_hub,
)
from producers.timing.rhythm import first_rhythm

HUB, TOPIC, CALLBACK = "https://hub.example/", "https://a.example/feed", "https://us.example/a/token"
THERE = Subscription(hub=HUB, topic=TOPIC, callback=CALLBACK, ask_at=NOW)
ACTIVE = msgspec.structs.replace(verified(THERE, 86_400, now=NOW), pushed_at=NOW)


def answered(body: str = "", link: str = "") -> Fetched:
    return Fetched(FetchResult.OK, 200, body.encode(), {"link": link} if link else {}, "https://a.example/feed?x=1")


@pytest.mark.parametrize(
    ("body", "link", "found"),
    [
        ("<rss/>", f'<{HUB}>; rel="hub", <{TOPIC}>; rel="self"', HubLink(HUB, TOPIC)),
        ("<rss/>", f"<{HUB}>; rel=hub", HubLink(HUB, "https://a.example/feed?x=1")),
        (
            "<rss/>",
            '</hub>;rel="hub alternate";type="x,y", <https://b.example/>; rel=next',
            HubLink("https://a.example/hub", "https://a.example/feed?x=1"),
        ),
        (f'<rss><channel><atom:link rel="hub" href="{HUB}"/><atom:link href="{TOPIC}" rel="self"/>', "", HubLink(HUB, TOPIC)),
        (f"<feed><link href='{HUB}' rel='hub'/><link rel='self' href='{TOPIC}'/>", "", HubLink(HUB, TOPIC)),
        (
            '<feed><link rel="hub" href="https://hub.example/?a=1&amp;b=2"/>',
            "",
            HubLink("https://hub.example/?a=1&b=2", "https://a.example/feed?x=1"),
        ),
        (
            f'{{"version":"https://jsonfeed.org/version/1.1","feed_url":"{TOPIC}","hubs":[{{"type":"WebSub","url":"{HUB}"}}],"items":[]}}',
            "",
            HubLink(HUB, TOPIC),
        ),
        ("<feed><link rel='self' href='https://a.example/feed'/>", "", None),
        ("<feed><link rel='hub' href='ftp://hub.example/'/>", "", None),
        ("<rss><item>a &lt;link rel='hub' href='x'&gt;</item>", "", None),
        ('{"hubs": 3}', "", None),
        ("{" * 10_000, "", None),
        ("<link " * 50_000, "<" * 50_000, None),
    ],
)
def test_the_hub_is_read_from_headers_then_body(body: str, link: str, found: HubLink | None) -> None:
    assert hub_link(answered(body, link), FEED.url) == found


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


def pushed(before: FeedState, *numbers: int, result: FetchResult = FetchResult.OK) -> PollReport:
    parsed = Parsed(result, tuple(draft(number) for number in numbers))
    return push_report(FEED, before, stamp(before.poll_seq + 1), parsed, 500, safety_s=43_200)


def test_pushed_content_is_compared_with_what_is_known_and_counts_like_a_poll() -> None:
    before = msgspec.structs.replace(state(draft(1), draft(2)), subscription=verified(THERE, 86_400, now=NOW), etag='"1"', body_sha256="x")
    found = pushed(before, 3, 1)
    outcome = found.outcome
    assert ([one.title for one in found.articles], outcome.kind) == (["Report number 3 of the day"], FetchKind.PUSH)
    assert (outcome.entry_count, outcome.new_count, outcome.known_count, outcome.gap_suspected) == (2, 1, 1, False)
    assert len(entries_of(found.state.known)) == 3
    assert (found.state.etag, found.state.body_sha256, found.state.poll_seq) == ('"1"', "x", before.poll_seq + 1)


def test_what_is_pushed_belongs_to_the_feeds_rhythm() -> None:
    at = NOW - timedelta(days=3)
    before = msgspec.structs.replace(state(draft(1)), subscription=ACTIVE, rhythm=first_rhythm(at, []), last_success_at=at)
    after = pushed(before, 2).state.rhythm
    assert after is not None
    assert before.rhythm is not None
    assert sum(after.day_counts) > sum(before.rhythm.day_counts)


def test_a_push_of_one_new_entry_is_no_gap_and_six_new_ones_are_no_churn() -> None:
    before = msgspec.structs.replace(state(*(draft(n) for n in range(20))), subscription=ACTIVE)
    found = pushed(before, *range(30, 36))
    assert not found.outcome.gap_suspected
    assert not any(article.reidentified for article in found.articles)


def test_while_the_hub_delivers_the_feed_is_polled_for_safety_only() -> None:
    before = msgspec.structs.replace(state(draft(1)), subscription=verified(THERE, 86_400, now=NOW))
    after = pushed(before, 2).state
    assert after.next_due_at == NOW + timedelta(hours=12)
    quiet = PollReport((), pushed(before, 1).outcome, after)
    again, missed = after_poll(quiet, safety_s=43_200, now=NOW)
    assert (missed, again.state.next_due_at, again.outcome.next_due_at) == (0, NOW + timedelta(hours=12), NOW + timedelta(hours=12))


def test_the_safety_poll_is_never_later_than_the_end_of_the_lease() -> None:
    before = msgspec.structs.replace(state(draft(1)), subscription=verified(THERE, 3_600, now=NOW))
    assert pushed(before, 2).state.next_due_at == NOW + timedelta(hours=1)


def test_a_hub_that_has_delivered_nothing_yet_changes_no_rhythm() -> None:
    before = msgspec.structs.replace(state(draft(1)), subscription=verified(THERE, 86_400, now=NOW))
    polled = PollReport((), pushed(before, 1).outcome, before)
    assert after_poll(polled, safety_s=43_200, now=NOW) == (polled, 0)


def test_a_hub_that_kept_something_back_is_not_relied_on_until_it_delivers_again() -> None:
    before = msgspec.structs.replace(state(draft(1)), subscription=ACTIVE)
    outcome = msgspec.structs.replace(pushed(before, 2).outcome, new_count=1)
    doubted, missed = after_poll(PollReport((), outcome, before), safety_s=43_200, now=NOW)
    assert (missed, is_trusted(doubted.state.subscription, now=NOW)) == (1, False)
    assert doubted.state.next_due_at == before.next_due_at
    assert is_trusted(pushed(doubted.state, 3).state.subscription, now=NOW)


def test_a_failing_feed_stays_on_its_own_schedule() -> None:
    before = msgspec.structs.replace(state(draft(1)), subscription=ACTIVE)
    outcome = msgspec.structs.replace(pushed(before, 1).outcome, result=FetchResult.TIMEOUT)
    failed = PollReport((), outcome, before)
    assert after_poll(failed, safety_s=43_200, now=NOW) == (failed, 0)


def test_pushed_garbage_is_an_outcome_and_changes_nothing_else() -> None:
    before = msgspec.structs.replace(state(draft(1)), subscription=ACTIVE)
    found = pushed(before, result=FetchResult.NOT_A_FEED)
    assert (found.outcome.result, found.outcome.entry_count, found.articles) == (FetchResult.NOT_A_FEED, 0, ())
    assert found.state == msgspec.structs.replace(before, poll_seq=before.poll_seq + 1)
