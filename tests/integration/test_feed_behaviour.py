"""Everything servers have been seen to do, over days: each poll ends in one named outcome, counted in the feed's own state.

A real server on loopback, the real HTTP client, parser and decisions; only the clock is virtual.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta
from email.utils import format_datetime

import msgspec
import pytest
from support.feed_follower import DAY, HOUR, MINUTE, SETTINGS, START, Follow, conditional, shown
from support.feed_polls.document_scripts import POLISH
from support.hostile import Asked

from newsmon import metrics
from newsmon.records import DueReason, Feed, FeedState, FetchResult, NoticeKind, NoticeState
from producers.articles.known_entries import entries_of
from producers.health.feed_health import FeedHealth
from producers.http.site_limits import SiteLimits

# --- validators ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("etag", ['"plain"', 'W/"weak one"', "unquoted", '"a,b"'])
async def test_a_304_is_not_modified_whatever_the_validator_looks_like(follow: Follow, etag: str) -> None:
    conditional(follow.server, etag, shown(1, 2))
    assert await follow.results(3) == [FetchResult.OK, *[FetchResult.NOT_MODIFIED] * 2]
    assert follow.server.asked[-1].headers["if-none-match"] == etag


async def test_last_modified_alone_is_enough(follow: Follow) -> None:
    follow.server.says(200, "Last-Modified: Tue, 24 Nov 2026 08:00:00 GMT", body=shown(1))
    await follow.poll()
    follow.server.says(304)
    assert await follow.results() == [FetchResult.NOT_MODIFIED]
    assert "if-none-match" not in follow.server.asked[-1].headers
    assert follow.server.asked[-1].headers["if-modified-since"] == "Tue, 24 Nov 2026 08:00:00 GMT"


async def test_an_etag_that_changes_alone_is_kept_though_last_modified_stands_still(follow: Follow) -> None:
    for version in ("1", "2"):
        follow.server.says(200, f'ETag: "{version}"', "Last-Modified: Tue, 24 Nov 2026 08:00:00 GMT", body=shown(int(version)))
        await follow.poll()
    follow.server.says(304)
    await follow.poll()
    assert follow.server.asked[-1].headers["if-none-match"] == '"2"'


async def test_expires_0_means_that_validators_are_not_meant(follow: Follow) -> None:
    follow.server.says(200, 'ETag: "1"', "Expires: 0", body=shown(1))
    assert await follow.results(3) == [FetchResult.OK, FetchResult.SAME_BODY, FetchResult.SAME_BODY]
    assert all("if-none-match" not in one.headers for one in follow.server.asked)


async def test_the_same_bytes_are_not_parsed_twice(follow: Follow) -> None:
    follow.server.says(200, body=shown(1, 2))
    assert await follow.results(3) == [FetchResult.OK, FetchResult.SAME_BODY, FetchResult.SAME_BODY]
    assert follow.state is not None
    assert len(entries_of(follow.state.known)) == 2


async def test_a_validator_that_stands_still_while_the_feed_goes_on_is_caught_at_once_and_tried_again_after_a_week(follow: Follow) -> None:
    conditional(follow.server, '"stuck"', shown(1))
    await follow.poll()
    conditional(follow.server, '"stuck"', shown(1), lying_with=shown(1, 2))
    assert await follow.results(2) == [FetchResult.NOT_MODIFIED] * 2
    found = await follow.poll()
    assert (found.outcome.new_count, found.outcome.validator_lied, found.state.validator_lie_count) == (1, True, 1)
    assert follow.told == [(NoticeKind.FEED_LIES, NoticeState.RAISED)]
    for number in range(3, 6):  # nothing is late from now on, and it is told once
        conditional(follow.server, '"stuck"', shown(1), lying_with=shown(*range(1, number + 1)))
        assert (await follow.poll()).outcome.new_count == 1
        assert "if-none-match" not in follow.server.asked[-1].headers
    assert follow.told == [(NoticeKind.FEED_LIES, NoticeState.RAISED)]
    await follow.poll(later=8 * DAY)
    await follow.poll()
    assert follow.server.asked[-1].headers["if-none-match"] == '"stuck"'


@pytest.mark.parametrize("names_it", [False, True])
async def test_a_server_that_says_304_to_everything_is_caught_by_the_validators_it_replaced(follow: Follow, names_it: bool) -> None:
    def says(version: int) -> None:
        async def answer(asked: Asked, writer: asyncio.StreamWriter) -> None:
            same = "if-none-match" in asked.headers
            body = b"" if same else shown(*range(1, version + 1))
            status = 304 if same else 200
            etag = f'ETag: "{version}"\r\n' if names_it or not same else ""
            writer.write(f"HTTP/1.1 {status} X\r\n{etag}Content-Length: {len(body)}\r\n\r\n".encode() + body)
            await writer.drain()

        follow.server.answers["/feed"] = answer

    says(1)
    await follow.poll()
    says(2)
    assert await follow.results(3) == [FetchResult.NOT_MODIFIED, FetchResult.NOT_MODIFIED, FetchResult.OK]
    if not names_it:
        assert await follow.results() == [FetchResult.NOT_MODIFIED]
        assert follow.server.asked[-1].headers["if-none-match"] == '"1"'
    assert follow.told == [(NoticeKind.FEED_LIES, NoticeState.RAISED)]
    assert await follow.results(2) == [FetchResult.SAME_BODY] * 2


@pytest.mark.parametrize("failure", ["500 Error", "200 OK", "400 Bad"])
async def test_a_server_that_fails_on_conditional_requests_is_soon_asked_without(follow: Follow, failure: str) -> None:
    async def answer(asked: Asked, writer: asyncio.StreamWriter) -> None:
        fails = "if-none-match" in asked.headers
        body = b"" if fails else shown(1, 2)
        status = failure if fails else "200 OK"
        writer.write(f'HTTP/1.1 {status}\r\nETag: "1"\r\nConnection: close\r\nContent-Length: {len(body)}\r\n\r\n'.encode() + body)
        await writer.drain()

    follow.server.answers["/feed"] = answer
    results = await follow.results(30)
    assert results[10:] == [FetchResult.SAME_BODY] * 20
    assert follow.told == []
    assert follow.health is FeedHealth.OK
    await follow.results(200)
    assert sum("if-none-match" in one.headers for one in follow.server.asked) <= 12  # tried again now and then


async def test_a_server_that_misreads_if_none_match_is_asked_again_at_once(follow: Follow) -> None:
    async def answer(asked: Asked, writer: asyncio.StreamWriter) -> None:
        fails = "if-none-match" in asked.headers
        body = b"" if fails else shown(1, 2)
        status = "412 Precondition Failed" if fails else "200 OK"
        writer.write(f'HTTP/1.1 {status}\r\nETag: "1"\r\nConnection: close\r\nContent-Length: {len(body)}\r\n\r\n'.encode() + body)
        await writer.drain()

    follow.server.answers["/feed"] = answer
    assert await follow.results(4) == [FetchResult.OK, *[FetchResult.SAME_BODY] * 3]


async def test_after_an_outage_conditional_polls_go_on(follow: Follow) -> None:
    conditional(follow.server, '"1"', shown(1))
    await follow.poll()
    well = follow.server.answers["/feed"]
    follow.server.says(500)
    await follow.results(5)
    follow.server.answers["/feed"] = well
    assert await follow.results(2) == [FetchResult.NOT_MODIFIED] * 2


async def test_a_304_nobody_asked_for_is_a_failure(follow: Follow) -> None:
    follow.server.says(304)
    found = await follow.poll()
    assert (found.outcome.result, found.outcome.status, found.state.failure_count) == (FetchResult.HTTP_ERROR, 304, 1)
    assert found.outcome.detail == "HTTP 304 not modified, but nothing was asked that it answers: the server sends no feed"
    follow.server.says(200, 'ETag: "1"', body=shown(1))
    await follow.poll()
    follow.server.says(304)
    assert await follow.results(3) == [FetchResult.NOT_MODIFIED, FetchResult.NOT_MODIFIED, FetchResult.HTTP_ERROR]  # the third was forced


@pytest.mark.parametrize(
    "stated", ["Mon, 01 Jul 2041 00:00:00 GMT", "Sun, 00 Jan 1900 00:00:00 GMT", "today", "Thu, 01 Jan 1970 00:00:00 GMT"]
)
async def test_a_last_modified_that_cannot_be_is_not_sent_back(follow: Follow, stated: str) -> None:
    async def answer(asked: Asked, writer: asyncio.StreamWriter) -> None:
        same = "if-modified-since" in asked.headers
        body = b"" if same else shown(*range(len(follow.server.asked)))
        writer.write(f"HTTP/1.1 {304 if same else 200} X\r\nLast-Modified: {stated}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)
        await writer.drain()

    follow.server.answers["/feed"] = answer
    assert await follow.results(5) == [FetchResult.OK] * 5
    assert follow.told == []


async def test_a_feed_with_news_in_every_poll_that_falls_quiet_is_asked_in_full_ever_more_rarely(follow: Follow) -> None:
    for version in range(1, 9):
        conditional(follow.server, f'"{version}"', shown(*range(1, version + 1)))
        await follow.poll(later=2 * HOUR)
    results = await follow.results(101, later=MINUTE)
    assert [number for number, result in enumerate(results) if result is not FetchResult.NOT_MODIFIED] == [2, 6, 14, 30, 62]
    assert follow.told == []


# --- addresses ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [301, 308])
async def test_a_permanent_redirect_is_proposed_after_ten_times_over_two_days_and_the_address_stays(follow: Follow, status: int) -> None:
    follow.server.says(200, body=shown(1, 2), path="/new")
    follow.server.says(status, "Location: /new")
    assert set(await follow.results(30, later=HOUR)) == {FetchResult.OK, FetchResult.SAME_BODY}
    assert follow.told == []
    await follow.results(30, later=HOUR)
    assert follow.told == [(NoticeKind.FEED_MOVED, NoticeState.RAISED)]
    assert follow.server.asked[-2].path == "/feed"
    assert follow.state is not None
    assert follow.state.moved_to == follow.server.url("/new")


async def test_opted_in_the_new_address_is_asked_directly(follow: Follow) -> None:
    follow.poller.settings = SETTINGS.model_copy(update={"follow_moves": True})
    follow.server.says(200, body=shown(1, 2), path="/new")
    follow.server.says(301, "Location: /new")
    await follow.results(12, later=5 * HOUR)
    asked = len(follow.server.asked)
    await follow.poll()
    assert [one.path for one in follow.server.asked[asked:]] == ["/new"]


async def test_a_temporary_redirect_is_evidence_of_nothing(follow: Follow) -> None:
    follow.server.says(200, body=shown(1), path="/new")
    follow.server.says(302, "Location: /new")
    await follow.results(12, later=5 * HOUR)
    assert (follow.told, follow.state.moved_to if follow.state else None) == ([], None)


async def test_a_captive_portal_that_redirects_everything_changes_nothing(follow: Follow) -> None:
    follow.server.says(200, body=shown(1))
    await follow.poll()
    follow.server.says(200, "Content-Type: text/html", body=b"<html><body>Log in</body></html>", path="/login")
    follow.server.says(301, "Location: /login")
    assert await follow.results(12, later=5 * HOUR) == [FetchResult.NOT_A_FEED] * 12
    assert follow.state is not None
    assert (follow.state.moved_to, follow.state.url) == (None, follow.feed.url)
    follow.server.says(200, body=shown(1))
    assert await follow.results() == [FetchResult.SAME_BODY]
    assert follow.health is FeedHealth.RECOVERED


async def test_a_redirect_loop_is_named(follow: Follow) -> None:
    follow.server.says(301, "Location: /feed")
    assert await follow.results() == [FetchResult.TOO_MANY_REDIRECTS]


@pytest.mark.parametrize("target", ["http://10.0.0.1/", "http://169.254.169.254/latest/", "http://[::1]/", "http://[fd00::1]/"])
async def test_a_redirect_inside_is_refused_and_the_feed_kept(follow: Follow, target: str) -> None:
    follow.server.says(200, body=shown(1))
    await follow.poll()
    follow.server.says(301, f"Location: {target}")
    assert await follow.results() == [FetchResult.REFUSED_ADDRESS]
    assert follow.state is not None
    assert len(entries_of(follow.state.known)) == 1


# --- refusals -----------------------------------------------------------------------------------------------------------------


async def test_410_is_told_at_once_and_asked_again_all_the_same(follow: Follow) -> None:
    follow.server.says(200, body=shown(1))
    await follow.poll()
    follow.server.says(410)
    assert await follow.results() == [FetchResult.GONE]
    assert (follow.health, follow.told) == (FeedHealth.FAILING, [(NoticeKind.FEED_FAILING, NoticeState.RAISED)])
    follow.server.says(200, body=shown(2, 1))
    assert (await follow.poll(later=DAY)).outcome.new_count == 1
    assert follow.health is FeedHealth.RECOVERED


async def test_404_for_a_week_and_then_200_is_a_recovery_with_nothing_repeated(follow: Follow) -> None:
    follow.server.says(200, body=shown(1))
    await follow.poll()
    follow.server.says(404)
    waits = []
    for _poll in range(7):
        await follow.poll(later=DAY)
        waits.append(follow.wait_s)
    assert waits == sorted(waits)
    assert waits[-1] > 8 * waits[0]
    follow.server.says(200, body=shown(2, 1))
    found = await follow.poll()
    assert (found.outcome.new_count, found.outcome.known_count, follow.wait_s < 3 * 3600) == (1, 1, True)
    assert follow.told[0] == (NoticeKind.FEED_FAILING, NoticeState.RAISED)
    assert follow.told[-1] == (NoticeKind.FEED_FAILING, NoticeState.RESOLVED)
    assert (NoticeKind.FEED_FAILING, NoticeState.REPEATED) in follow.told


RETRY_AFTERS = [
    ("Retry-After: 7200", 7_200, DueReason.RETRY_AFTER),
    (f"Retry-After: {format_datetime(START + 2 * HOUR, usegmt=True)}", 7_200 - 300, DueReason.RETRY_AFTER),
    ("X: absent", 300, DueReason.FAILURE),
    ("Retry-After: 999999999999", 86_400, DueReason.RETRY_AFTER),
    ("Retry-After: soon", 300, DueReason.FAILURE),
    ("Retry-After: 1", 300, DueReason.FAILURE),
]


@pytest.mark.parametrize(("status", "result"), [(429, FetchResult.RATE_LIMITED), (503, FetchResult.UNAVAILABLE)])
@pytest.mark.parametrize(("header", "wait_s", "reason"), RETRY_AFTERS, ids=["seconds", "date", "absent", "huge", "nonsense", "short"])
async def test_retry_after_in_every_form(
    follow: Follow, status: int, result: FetchResult, header: str, wait_s: float, reason: DueReason
) -> None:
    follow.server.says(status, header)
    found = await follow.poll()
    assert (found.outcome.result, found.outcome.due_reason) == (result, reason)
    assert wait_s <= follow.wait_s <= wait_s * 1.1 + 1


async def test_a_servers_wrong_clock_does_not_stretch_what_it_asks_for(follow: Follow) -> None:
    wrong = START + 400 * DAY
    date, until = (format_datetime(at, usegmt=True) for at in (wrong, wrong + 2 * HOUR))
    follow.server.says(503, f"Date: {date}", f"Retry-After: {until}")
    await follow.poll()
    assert 7_200 <= follow.wait_s <= 7_200 * 1.1 + 1
    follow.server.says(200, f"Date: {date}", f"Expires: {format_datetime(wrong + 30 * MINUTE, usegmt=True)}", body=shown(1))
    assert (await follow.poll()).outcome.due_reason is DueReason.SERVER_WISH
    assert 1_800 <= follow.wait_s <= 1_800 * 1.1 + 1


async def test_429_leaves_the_whole_domain_alone_and_503_the_feed(follow: Follow) -> None:
    """The scope the service applies: Pacing holds by registrable domain, a feed's own due time is its own."""
    site_limits = SiteLimits(timedelta(0))
    site_limits.hold_domain("https://a.blogs.example.com/feed", START + HOUR)
    assert not site_limits.is_free("https://b.blogs.example.com/feed", now=START)
    assert site_limits.is_free("https://blogs.example.org/feed", now=START)
    follow.server.says(503, "Retry-After: 3600")
    await follow.poll()
    assert follow.wait_s >= 3_600


@pytest.mark.parametrize("wall", ["cf-mitigated: challenge", "X-DataDome: 1", "Server: AkamaiGHost"])
async def test_a_bot_wall_has_its_own_name_and_backs_off(follow: Follow, wall: str) -> None:
    follow.server.says(403, wall, body=b"<html>Checking your browser</html>")
    assert await follow.results(3) == [FetchResult.BLOCKED_BY_SITE] * 3
    assert follow.health is FeedHealth.FAILING


# --- hints, rhythm, time ------------------------------------------------------------------------------------------------------


async def test_cache_control_is_a_floor(follow: Follow) -> None:
    follow.server.says(200, "Cache-Control: max-age=1200", body=shown(1))
    assert (await follow.poll()).outcome.due_reason is DueReason.SERVER_WISH
    assert 1_200 <= follow.wait_s <= 1_200 * 1.1 + 1


async def test_ttl_is_kept_over_polls_that_say_nothing_of_it(follow: Follow) -> None:
    follow.server.says(200, 'ETag: "1"', body=shown(1).replace(b"<channel>", b"<channel><ttl>30</ttl>"))
    assert (await follow.poll()).outcome.due_reason is DueReason.FEED_HINT
    follow.server.says(304)
    assert (await follow.poll()).outcome.due_reason is DueReason.FEED_HINT
    assert 1_800 <= follow.wait_s <= 1_800 * 1.1 + 1


async def test_a_feed_that_brings_nothing_for_long_is_told_as_silent_once_and_daily(follow: Follow) -> None:
    conditional(follow.server, '"1"', shown(1))
    await follow.results(10 * 24, later=HOUR)
    silent = [word for kind, word in follow.told if kind is NoticeKind.FEED_SILENT]
    assert silent[0] is NoticeState.RAISED
    assert 2 <= silent.count(NoticeState.REPEATED) <= 4
    follow.server.says(200, body=shown(2, 1))
    await follow.poll()
    assert follow.told[-1] == (NoticeKind.FEED_SILENT, NoticeState.RESOLVED)


async def test_our_own_outage_is_no_feeds_fault(follow: Follow) -> None:
    feeds = [Feed(feed_id=f"f{number}", url=f"http://host-{number}.invalid/feed", source="F") for number in range(8)]
    states: dict[str, FeedState | None] = {feed.feed_id: None for feed in feeds}
    follow.poller.clock = lambda: follow.now
    for _round in range(4):
        for feed in feeds:
            follow.now += timedelta(seconds=5)
            states[feed.feed_id] = (await follow.poller.poll(feed, states[feed.feed_id])).state
    assert all(state is not None and state.failure_count <= 1 for state in states.values())
    assert [(one.kind, one.state) for one in follow.poller.outage.notices] == [(NoticeKind.NETWORK_OUTAGE, NoticeState.RAISED)]


def test_every_outcome_has_its_series_for_every_feed_from_the_start() -> None:
    metrics.announce_feeds(["behaviour-test"])
    seen = {
        sample.labels["outcome"]
        for family in metrics.REGISTRY.collect()
        for sample in family.samples
        if sample.name == "newsmon_feed_fetches_total" and sample.labels.get("feed") == "behaviour-test"
    }
    assert seen == {result.value for result in FetchResult}


async def test_a_new_address_is_not_read_in_the_encoding_of_the_old_one(follow: Follow) -> None:
    def polish(*texts: str) -> bytes:
        items = "".join(f"<item><title>{text}</title><link>https://quay.example/{len(text)}</link></item>" for text in texts)
        return f"<rss version='2.0'><channel><title>Quay</title>{items}</channel></rss>".encode("windows-1250")

    follow.server.says(200, "Content-Type: text/xml", body=polish(*(f"{one[0]}: {one[1]}" for one in POLISH)))
    assert (await follow.poll()).state.charset == "windows-1250"
    follow.server.says(200, "Content-Type: text/xml", body=polish("Gdańsk"))
    assert (await follow.poll()).state.charset == "windows-1250"
    follow.feed = msgspec.structs.replace(follow.feed, url=follow.server.url("/other"))
    follow.server.says(200, "Content-Type: text/xml", body=polish("Gdańsk, Łeba"), path="/other")
    assert (await follow.poll()).state.charset is None
