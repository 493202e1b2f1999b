"""How far a server's "not modified" is believed: many polls of servers of every character, decided by the pure core alone.

An honest server is asked for little more than it has to say; a lying one is caught at its first contradiction, and until then no article
waits for more than three polls.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import format_datetime
from itertools import pairwise

import msgspec
import pytest
from support.drafts import FEED, NOW, draft, stamp, state

from newsmon.records import FeedState, FetchResult, NoticeKind
from producers.answers.outcome import Fetched, result_of_answer
from producers.answers.validators import (
    DISTRUST,
    DISTRUST_MOST,
    DOUBT_TIMES_USUAL,
    FORCED_FULL_EVERY,
    FORCED_FULL_EVERY_COUNT,
    NOT_CONDITIONAL,
    UNPROVEN_COUNT,
    Validators,
    body_hash,
    is_distrusted,
    is_same_body,
    lie_in,
    validators_after,
    validators_for,
)
from producers.articles.parse_job import ParsedBody
from producers.reports.poll_report import PollPolicy, poll_report
from producers.timing.schedule import Limits

POLICY = PollPolicy(Limits(300, 60, 86_400))
SHOWN = 10  # entries in the feed at once


@dataclass
class Server:
    """A feed that has `count` articles by now. What it says of them is its character."""

    headers: Callable[[Server], dict[str, str]]
    agrees: Callable[[Server, Validators], bool]  # it answers 304
    body: Callable[[Server], bytes] = lambda server: b"%d articles" % server.count
    count: int = SHOWN
    now: datetime = NOW
    changed_at: datetime = NOW - timedelta(days=1)
    asked_count: int = 0

    def answer(self, sent: Validators) -> Fetched:
        self.asked_count += 1
        headers = {name.lower(): value for name, value in self.headers(self).items()}
        same = sent.is_conditional and self.agrees(self, sent)
        body = b"" if same else self.body(self)
        result, why = result_of_answer(304 if same else 200, headers, body, was_conditional=sent.is_conditional)
        return Fetched(result, 304 if same else 200, body, headers, detail=why)


@dataclass
class Watched:
    """A feed polled again and again; counts what it cost and what came late."""

    server: Server
    state: FeedState | None = None
    results: list[FetchResult] = field(default_factory=list)
    told: list[int] = field(default_factory=list)  # the polls that brought FEED_LIES
    waits: list[int] = field(default_factory=list)  # polls until an article was found
    _unseen: list[int] = field(default_factory=list)

    def poll(self, *, later: timedelta = timedelta(minutes=10), news: bool = False) -> FetchResult:
        server = self.server
        server.now += later
        if news:
            server.count += 1
            server.changed_at = server.now - timedelta(minutes=2)
            self._unseen.append(0)
        before = self.state
        sent = validators_for(before, FEED, now=server.now)
        fetched = server.answer(sent)
        parsed = None
        if fetched.result is FetchResult.OK and not is_same_body(fetched, before, FEED):
            numbers = range(server.count, max(0, server.count - SHOWN), -1)
            parsed = ParsedBody(FetchResult.OK, tuple(draft(number) for number in numbers))
        found = poll_report(
            FEED, before, stamp(before.poll_seq + 1 if before else 1), fetched, parsed,
            finished_at=server.now, policy=POLICY, jitter=0.0, sent=sent,
        )  # fmt: skip
        self.state = found.state
        self.results.append(found.outcome.result)
        self._unseen = [count + 1 for count in self._unseen]
        if found.outcome.result in (FetchResult.OK, FetchResult.SAME_BODY):
            self.waits += self._unseen
            self._unseen = []
        lies = [one for one in found.notices if one.kind is NoticeKind.FEED_LIES]
        assert len(lies) == found.outcome.validator_lied
        self.told += [len(self.results)] * len(lies)
        return found.outcome.result

    def polls(self, count: int, *, every: int, later: timedelta = timedelta(minutes=10)) -> Watched:
        """This many polls; every so many of them there is a new article."""
        for number in range(count):
            self.poll(news=number % every == every - 1, later=later)
        return self

    @property
    def full_share(self) -> float:
        """Of the answers that an all-trusting client would have been spared."""
        needless = [one for one in self.results[1:] if one is FetchResult.SAME_BODY]
        return len(needless) / len(self.results)


def etag(server: Server) -> dict[str, str]:
    return {"ETag": f'"{server.count}"'}


def modified(server: Server) -> dict[str, str]:
    return {"Last-Modified": format_datetime(server.changed_at, usegmt=True), "Date": format_datetime(server.now, usegmt=True)}


def same_etag(server: Server, sent: Validators) -> bool:
    return sent.etag == etag(server)["ETag"]


def same_date(server: Server, sent: Validators) -> bool:
    return sent.last_modified == modified(server)["Last-Modified"]


def always(_server: Server, _sent: Validators) -> bool:
    return True


def never(_server: Server, _sent: Validators) -> bool:
    return False


def noise(server: Server) -> bytes:
    return b"%d articles, built as number %d" % (server.count, server.asked_count)


HONEST: dict[str, Callable[[], Server]] = {
    "an ETag": lambda: Server(etag, same_etag),
    "a weak ETag over generated noise": lambda: Server(lambda one: {"ETag": f'W/"{one.count}"'}, lambda one, sent: sent.etag == f'W/"{one.count}"', noise),
    "Last-Modified": lambda: Server(modified, same_date),
    "both": lambda: Server(lambda one: etag(one) | modified(one), same_etag),
    "neither": lambda: Server(lambda _one: {}, never),
    "an ETag that changes each time": lambda: Server(lambda one: {"ETag": f'"{one.asked_count}"'}, never),
    "an ETag of each backend": lambda: Server(lambda one: {"ETag": f'"{one.count}-{one.asked_count % 3}"'}, lambda one, sent: sent.etag == f'"{one.count}-{one.asked_count % 3}"'),
    "Last-Modified that is always now": lambda: Server(lambda one: {"Last-Modified": format_datetime(one.now, usegmt=True)}, never),
    "Expires: 0": lambda: Server(lambda one: etag(one) | {"Expires": "0"}, same_etag),
    "validators now and then": lambda: Server(lambda one: etag(one) if one.asked_count % 4 else {}, same_etag),
    "an ETag, and a Last-Modified that stands still": lambda: Server(lambda one: etag(one) | {"Last-Modified": "Mon, 02 Nov 2026 08:00:00 GMT"}, same_etag),
}  # fmt: skip

LYING: dict[str, Callable[[], Server]] = {
    "an ETag that stands still": lambda: Server(lambda _one: {"ETag": '"x"'}, lambda _one, sent: sent.etag == '"x"'),
    "a Last-Modified that stands still": lambda: Server(lambda _one: {"Last-Modified": "Mon, 02 Nov 2026 08:00:00 GMT"}, always),
    "both stand still": lambda: Server(lambda _one: {"ETag": '"x"', "Last-Modified": "Mon, 02 Nov 2026 08:00:00 GMT"}, always),
    "an ETag that stands still, and is not even compared": lambda: Server(lambda _one: {"ETag": '"x"'}, never),
    "304 to everything": lambda: Server(etag, always),
    "304 to everything, by date": lambda: Server(modified, always),
    "a changing Last-Modified, but the ETag decides and stands still": lambda: Server(lambda one: modified(one) | {"ETag": '"x"'}, lambda _one, sent: sent.etag == '"x"'),
}  # fmt: skip

USELESS: dict[str, str] = {
    "far ahead": "Mon, 01 Jul 2041 00:00:00 GMT", "two days ahead": format_datetime(NOW + timedelta(days=400), usegmt=True),
    "the epoch": "Thu, 01 Jan 1970 00:00:00 GMT", "no date": "yesterday", "no such day": "Tue, 31 Feb 2026 00:00:00 GMT", "zero": "0",
    "empty": " ", "epoch seconds": "1793880000", "no text": "\x00",
}  # fmt: skip


@pytest.mark.parametrize("every", [1, 2, 5, 20])
@pytest.mark.parametrize("character", HONEST)
def test_an_honest_server_is_never_accused_and_no_article_waits(character: str, every: int) -> None:
    watched = Watched(HONEST[character]()).polls(60, every=every)
    assert watched.told == []
    assert set(watched.waits) == {1} or max(watched.waits) <= UNPROVEN_COUNT + 1
    assert not is_distrusted(watched.state or state(), now=watched.server.now)


@pytest.mark.parametrize("every", [1, 2, 5, 20])
@pytest.mark.parametrize("character", LYING)
def test_a_lie_is_caught_at_the_first_contradiction_and_no_article_waits_longer_than_three_polls(character: str, every: int) -> None:
    watched = Watched(LYING[character]()).polls(60, every=every)
    assert len(watched.told) == 1  # within a day and a half: later it is given another chance
    assert watched.told[0] <= every + 2 * (UNPROVEN_COUNT + 1)
    assert max(watched.waits) <= UNPROVEN_COUNT + 1
    assert FetchResult.NOT_MODIFIED not in watched.results[watched.told[0] :]


@pytest.mark.parametrize("every", [1, 3])
@pytest.mark.parametrize("stated", USELESS)
def test_a_last_modified_that_cannot_be_true_is_never_sent_back(stated: str, every: int) -> None:
    watched = Watched(Server(lambda _one: {"Last-Modified": USELESS[stated]}, always)).polls(40, every=every)
    assert FetchResult.NOT_MODIFIED not in watched.results
    assert (set(watched.waits), watched.told) == ({1}, [])


@pytest.mark.parametrize("ahead", [timedelta(0), timedelta(hours=14), timedelta(hours=-14)])
def test_local_time_written_as_gmt_is_still_a_validator(ahead: timedelta) -> None:
    server = Server(lambda one: {"Last-Modified": format_datetime(one.changed_at + ahead, usegmt=True)}, same_date)
    server.agrees = lambda one, sent: sent.last_modified == format_datetime(one.changed_at + ahead, usegmt=True)
    watched = Watched(server).polls(60, every=6)
    assert watched.results.count(FetchResult.NOT_MODIFIED) > 25
    assert watched.told == []


def test_what_an_honest_server_is_asked_for_beyond_need() -> None:
    """A hot feed (an article every third poll) and a quiet one (every fiftieth), polled every ten minutes for four days."""
    shares = {every: Watched(HONEST["an ETag"]()).polls(600, every=every).full_share for every in (3, 10, 50)}
    assert shares[3] < 0.01
    assert shares[10] < 0.02
    assert shares[50] < 0.06


def test_a_feed_that_never_changes_is_asked_in_full_every_third_poll() -> None:
    watched = Watched(HONEST["an ETag"]()).polls(90, every=1_000)
    assert watched.results[1:10] == [FetchResult.NOT_MODIFIED, FetchResult.NOT_MODIFIED, FetchResult.SAME_BODY] * 3


@pytest.mark.parametrize("every", [1, 2, 5])
@pytest.mark.parametrize("honest_count", [10, 30, 60, 250])
def test_a_server_that_turns_to_lies_is_caught_within_two_usual_pauses(honest_count: int, every: int) -> None:
    watched = Watched(HONEST["an ETag"]()).polls(honest_count, every=every)
    watched.server.agrees, watched.results = always, []
    watched.polls(14, every=every)
    assert len(watched.told) == 1
    assert watched.told[0] <= max(UNPROVEN_COUNT + 2, DOUBT_TIMES_USUAL * (every - 1) + 2)
    assert max(watched.waits) <= every + UNPROVEN_COUNT + 1


@pytest.mark.parametrize("mean", [2, 5, 30, 100])
def test_news_without_a_rhythm_costs_an_honest_server_few_full_answers(mean: int) -> None:
    chance, watched = random.Random(mean), Watched(HONEST["an ETag"]())
    for number in range(1_000):
        watched.poll(news=number % 144 > 50 and chance.random() < 1 / mean)  # nothing at night
    assert watched.told == []
    assert watched.full_share < 0.1


def test_a_liar_is_given_another_chance_each_time_later() -> None:
    watched = Watched(LYING["an ETag that stands still"]()).polls(400, every=2, later=timedelta(hours=12))
    days = [number / 2 for number in watched.told]
    between = [later - sooner for sooner, later in pairwise(days)]
    assert [round(one / 7) for one in between[:4]] == [1, 2, 4, 8]
    assert max(between) <= DISTRUST_MOST.days + 5
    assert watched.waits.count(1) > 0.98 * len(watched.waits)


def test_a_liar_that_was_mended_is_believed_again() -> None:
    watched = Watched(LYING["an ETag that stands still"]()).polls(20, every=2)
    watched.server.headers, watched.server.agrees = etag, same_etag
    watched.polls(10, every=5, later=DISTRUST)
    watched.results.clear()
    watched.polls(100, every=5)
    assert watched.results.count(FetchResult.NOT_MODIFIED) > 60
    assert len(watched.told) == 1


def test_articles_of_one_second_under_one_date_are_no_lie() -> None:
    at = NOW + timedelta(minutes=10)
    server = Server(lambda _one: {"Last-Modified": format_datetime(at, usegmt=True)}, never, changed_at=at)
    watched = Watched(server)
    watched.poll()
    watched.poll(news=True)
    assert watched.told == []


def test_a_backend_that_lags_behind_is_asked_once_more_before_it_is_called_a_liar() -> None:
    base = state(draft(1), etag='"2"', body_sha256="x", forced_full_at=NOW, outdated_etag='"1"')
    sent = validators_for(base, FEED, now=NOW)
    assert sent == Validators('"1"', outdated=True)
    behind = Fetched(FetchResult.NOT_MODIFIED, 304, headers={"etag": '"1"'})
    once = poll_report(FEED, base, stamp(2), behind, None, finished_at=NOW, policy=POLICY, jitter=0.0, sent=sent)
    assert (once.outcome.validator_lied, once.state.outdated_etag, once.state.etag) == (False, '"1"', '"2"')
    twice = poll_report(FEED, once.state, stamp(3), behind, None, finished_at=NOW, policy=POLICY, jitter=0.0, sent=sent)
    assert (twice.outcome.validator_lied, twice.state.outdated_etag) == (True, None)
    for other in ({}, {"etag": '"2"'}):
        said = Fetched(FetchResult.NOT_MODIFIED, 304, headers=other)
        assert poll_report(FEED, base, stamp(2), said, None, finished_at=NOW, policy=POLICY, jitter=0.0, sent=sent).outcome.validator_lied


def test_noise_under_one_etag_is_neither_a_lie_nor_a_proof() -> None:
    base = state(draft(1), etag='W/"1"', body_sha256="other", forced_full_at=NOW)
    noisy = Fetched(FetchResult.OK, 200, b"x", {"etag": 'W/"1"'})
    sent = Validators('W/"1"')
    assert lie_in(base, FEED, noisy, FetchResult.OK, sent=sent, changed=False, at=NOW) is None
    after = validators_after(base, noisy, FetchResult.OK, NOW, sent=sent, changed=False, lie=None)
    assert (after.get("validator_trust"), after["unheeded_count"]) == (None, 1)


def test_an_older_states_lies_are_dated_at_the_next_poll() -> None:
    old = state(draft(1), etag='"1"', body_sha256=body_hash(b"x"), validator_lie_count=2)
    assert validators_for(old, FEED, now=NOW) == NOT_CONDITIONAL
    same = Fetched(FetchResult.OK, 200, b"x", {"etag": '"1"'})
    after = poll_report(FEED, old, stamp(2), same, None, finished_at=NOW, policy=POLICY, jitter=0.0).state
    assert after.validators_lied_at == NOW
    assert is_distrusted(after, now=NOW + 2 * DISTRUST - timedelta(seconds=1))
    assert validators_for(after, FEED, now=NOW + 2 * DISTRUST) != NOT_CONDITIONAL


def test_once_a_day_and_every_hundredth_poll_even_the_most_trusted_server_is_asked_for_the_whole_feed() -> None:
    before = state(draft(1), etag='"1"', body_sha256="x", forced_full_at=NOW, validator_trust=10)
    assert validators_for(before, FEED, now=NOW + FORCED_FULL_EVERY - timedelta(seconds=1)).etag == '"1"'
    assert validators_for(before, FEED, now=NOW + FORCED_FULL_EVERY) == Validators(forced=True)
    often = msgspec.structs.replace(before, conditional_count=FORCED_FULL_EVERY_COUNT - 1)
    assert validators_for(often, FEED, now=NOW).etag == '"1"'
    assert validators_for(msgspec.structs.replace(often, conditional_count=FORCED_FULL_EVERY_COUNT), FEED, now=NOW).forced
