"""Everything servers have been seen to do, over days: each poll ends in one named outcome, counted in the feed's own state.

A real server on loopback, the real HTTP client, parser and decisions; only the clock is virtual.
"""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
from support.feedserver import item, rss
from support.hostile import Asked, Server

from newsmon import metrics
from newsmon.records import DateQuality, DueReason, EntryRejection, Feed, FeedState, FetchResult, NoticeKind, NoticeState
from newsmon.settings import ProducerSettings
from producers.articles.known_entries import entries_of
from producers.health.feed_health import FeedHealth, health_of
from producers.http.fetch import Fetcher
from producers.http.site_limits import SiteLimits
from producers.polling.poller import Poller
from producers.reports.poll_report import FeedReport
from producers.workers.worker_pool import WorkerPool

START = datetime(2026, 11, 24, 12, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
SETTINGS = ProducerSettings(
    timeout_s=60.0, connect_timeout_s=30.0, max_body_bytes=40_000_000, parse_timeout_s=60.0, allow_private=("127.0.0.1/32",),
    host_spacing_s=0.0,
)  # fmt: skip


@dataclass
class Follow:
    """One feed polled again and again, as the producer does; `state` is what it would have put on Kafka."""

    server: Server
    poller: Poller
    feed: Feed
    now: datetime = START
    state: FeedState | None = None
    told: list[tuple[NoticeKind, NoticeState]] = field(default_factory=list)

    async def poll(self, *, later: timedelta = 5 * MINUTE) -> FeedReport:
        """One poll, `later` than the one before; checks what holds of every poll."""
        self.now += later
        self.poller.clock = lambda: self.now
        found = await self.poller.poll(self.feed, self.state)
        outcome, before = found.outcome, self.state.result_counts if self.state else {}
        assert found.state.result_counts == before | {outcome.result: before.get(outcome.result, 0) + 1}
        assert sum(found.state.result_counts.values()) == found.state.poll_seq == outcome.poll_seq
        assert found.state.last_result is outcome.result
        assert outcome.entry_count == outcome.new_count + outcome.revised_count + outcome.known_count + sum(outcome.rejected.values())
        assert len(found.articles) == outcome.new_count + outcome.revised_count
        assert outcome.next_due_at > self.now
        self.state = found.state
        self.told += [(one.kind, one.state) for one in found.notices]
        return found

    async def results(self, count: int = 1, *, later: timedelta = 5 * MINUTE) -> list[FetchResult]:
        return [(await self.poll(later=later)).outcome.result for _time in range(count)]

    @property
    def health(self) -> FeedHealth:
        return health_of(self.state, now=self.now).word

    @property
    def wait_s(self) -> float:
        assert self.state is not None
        return (self.state.next_due_at - self.now).total_seconds()


@pytest.fixture(scope="module")
def workers() -> Iterator[WorkerPool]:
    worker = WorkerPool(timeout_s=SETTINGS.parse_timeout_s)
    yield worker
    worker.close()


@pytest.fixture
async def follow(workers: WorkerPool) -> AsyncIterator[Follow]:
    server = Server()
    listening = await asyncio.start_server(server.handle, "127.0.0.1", 0)
    server.port = listening.sockets[0].getsockname()[1]
    async with Fetcher(SETTINGS) as fetcher:
        feed = Feed(feed_id="quay", url=server.url(), source="Quay", language="en")
        yield Follow(server, Poller(fetcher, workers, SETTINGS, "test"), feed)
    listening.close()


def shown(*numbers: int, **more: str) -> bytes:
    return rss([item(number, **more) for number in numbers])


def conditional(server: Server, etag: str, body: bytes, *, lying_with: bytes | None = None) -> None:
    """Answers 304 to its ETag; `lying_with`: what it really has by now, still under that ETag."""

    async def answer(asked: Asked, writer: asyncio.StreamWriter) -> None:
        same = asked.headers.get("if-none-match") == etag
        content = b"" if same else lying_with or body
        writer.write(
            f"HTTP/1.1 {304 if same else 200} X\r\nETag: {etag}\r\nContent-Length: {len(content)}\r\nConnection: close\r\n\r\n".encode()
            + content
        )
        await writer.drain()

    server.answers["/feed"] = answer


# --- validators ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("etag", ['"plain"', 'W/"weak one"', "unquoted", '"a,b"'])
async def test_a_304_is_not_modified_whatever_the_validator_looks_like(follow: Follow, etag: str) -> None:
    conditional(follow.server, etag, shown(1, 2))
    assert await follow.results(4) == [FetchResult.OK, *[FetchResult.NOT_MODIFIED] * 3]
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


async def test_a_server_that_lies_is_found_out_by_a_full_answer_and_believed_no_more_after_the_second(follow: Follow) -> None:
    conditional(follow.server, '"stuck"', shown(1))
    await follow.poll()
    for lie in (1, 2):
        conditional(follow.server, '"stuck"', shown(1), lying_with=shown(*range(1, lie + 2)))
        assert await follow.results(3, later=HOUR) == [FetchResult.NOT_MODIFIED] * 3
        found = await follow.poll(later=DAY)  # the daily full answer
        assert (found.outcome.result, found.outcome.new_count, found.outcome.validator_lied) == (FetchResult.OK, 1, True)
        assert found.state.validator_lie_count == lie
    conditional(follow.server, '"stuck"', shown(1), lying_with=shown(1, 2, 3, 4))
    assert (await follow.poll()).outcome.new_count == 1
    assert "if-none-match" not in follow.server.asked[-1].headers
    assert follow.told.count((NoticeKind.FEED_LIES, NoticeState.RAISED)) == 1


async def test_within_a_day_of_many_polls_a_full_answer_is_asked_for_too(follow: Follow) -> None:
    conditional(follow.server, '"1"', shown(1))
    results = await follow.results(103, later=MINUTE)
    assert [number for number, result in enumerate(results) if result is not FetchResult.NOT_MODIFIED] == [0, 101]


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


# --- bodies -------------------------------------------------------------------------------------------------------------------


async def test_226_is_taken_for_what_it_brings(follow: Follow) -> None:
    follow.server.says(200, body=shown(1, 2))
    await follow.poll()
    follow.server.says(226, "IM: feed", body=shown(3, 2))
    found = await follow.poll()
    assert (found.outcome.result, found.outcome.new_count) == (FetchResult.OK, 1)


async def test_an_empty_200_forgets_nothing(follow: Follow) -> None:
    follow.server.says(200, body=shown(1))
    await follow.poll()
    follow.server.says(200, 'ETag: "empty"', body=b"")
    assert await follow.results() == [FetchResult.EMPTY_BODY]
    follow.server.says(200, body=shown(1))
    assert await follow.results() == [FetchResult.SAME_BODY]
    assert "if-none-match" not in follow.server.asked[-1].headers


async def test_a_feed_without_entries_is_a_feed_and_no_gap(follow: Follow) -> None:
    follow.server.says(200, body=shown(1))
    await follow.poll()
    follow.server.says(200, body=rss([]))
    found = await follow.poll()
    assert (found.outcome.result, found.outcome.entry_count, found.outcome.gap_suspected) == (FetchResult.OK, 0, False)
    follow.server.says(200, body=shown(1, 2))
    found = await follow.poll()
    assert (found.outcome.known_count, found.outcome.new_count) == (1, 1)


async def test_html_with_200_is_no_feed_and_forgets_nothing(follow: Follow) -> None:
    follow.server.says(200, 'ETag: "1"', body=shown(1))
    await follow.poll()
    follow.server.says(200, 'ETag: "html"', "Content-Type: text/html", body=b"<!doctype html><html><body>Maintenance</body></html>")
    assert await follow.results() == [FetchResult.NOT_A_FEED]
    follow.server.says(304)
    await follow.poll()
    assert follow.server.asked[-1].headers["if-none-match"] == '"1"'


async def test_a_cut_off_answer_is_not_remembered_as_read(follow: Follow) -> None:
    whole = gzip.compress(shown(*range(200)))
    follow.server.says(200, 'ETag: "1"', "Content-Encoding: gzip", body=whole[: len(whole) // 2])
    assert await follow.results() == [FetchResult.BAD_ENCODING]
    follow.server.says(200, 'ETag: "1"', "Content-Encoding: gzip", body=whole)
    assert (await follow.poll()).outcome.new_count == 200
    assert "if-none-match" not in follow.server.asked[-1].headers


async def test_a_hundred_thousand_entries_are_cut_and_counted_or_given_up_in_time(follow: Follow) -> None:
    items = "".join(f"<item><title>Report {n}</title><link>https://n.example/{n}</link></item>" for n in range(100_000))
    body = f'<rss version="2.0"><channel><title>x</title>{items}</channel></rss>'.encode()
    impatient = WorkerPool(timeout_s=10.0)
    follow.poller.workers, patient = impatient, follow.poller.workers
    follow.server.says(200, body=body)
    async with Fetcher(SETTINGS.model_copy(update={"timeout_s": 60.0})) as fetcher:
        follow.poller.fetcher = fetcher
        found = await follow.poll()
    impatient.close()
    if found.outcome.result is FetchResult.OK:
        assert (found.outcome.entry_count, found.outcome.new_count) == (100_000, SETTINGS.max_entries)
        assert found.outcome.rejected == {EntryRejection.OVER_ENTRY_LIMIT: 98_000}
    else:
        assert (found.outcome.result, found.outcome.detail) == (FetchResult.PARSE_ERROR, "not parsed within 10 s")
    follow.server.says(200, body=shown(1))
    async with Fetcher(SETTINGS) as fetcher:
        follow.poller.fetcher, follow.poller.workers = fetcher, patient
        assert await follow.results() == [FetchResult.OK]


async def test_entries_with_one_guid_stay_apart(follow: Follow) -> None:
    same = [item(number) | {"guid": "always-this"} for number in range(10)]
    follow.server.says(200, body=rss(same))
    assert (await follow.poll()).outcome.new_count == 10
    follow.server.says(200, body=rss([item(11) | {"guid": "always-this"}, *same]))
    found = await follow.poll()
    assert (found.outcome.new_count, found.outcome.known_count) == (1, 10)


async def test_guid_churn_alerts_nobody(follow: Follow) -> None:
    def churned(version: int) -> bytes:
        return rss(
            [{"title": f"A headline of its own, number {n}", "guid": f"v{version}-{n}", "description": f"Text {n}."} for n in range(10)]
        )

    follow.server.says(200, body=churned(1))
    await follow.poll()
    follow.server.says(200, body=churned(2))
    found = await follow.poll()
    assert (found.outcome.new_count, found.outcome.reidentified_count, found.outcome.gap_suspected) == (10, 10, False)
    assert all(article.reidentified for article in found.articles)


async def test_a_poll_with_nothing_in_common_is_a_gap_counted_and_told(follow: Follow) -> None:
    follow.server.says(200, body=shown(*range(10)))
    await follow.poll()
    follow.server.says(200, body=shown(*range(50, 60)))
    found = await follow.poll(later=6 * HOUR)
    assert (found.outcome.gap_suspected, found.state.gap_count) == (True, 1)
    assert follow.told == [(NoticeKind.FEED_GAP, NoticeState.RAISED)]


@pytest.mark.parametrize(
    ("zone", "hour"), [("AEDT", 1), ("AEST", 2), ("EET", 10), ("EEST", 9), ("MSK", 9), ("CET", 11), ("CEST", 10), ("BST", 11), ("EDT", 16)]
)
async def test_zone_names_are_read_as_what_they_are(follow: Follow, zone: str, hour: int) -> None:
    follow.server.says(200, body=rss([item(1) | {"pubDate": f"Mon, 23 Nov 2026 12:00:00 {zone}"}]))
    article = (await follow.poll()).articles[0]
    assert (article.published_at, article.date_quality) == (datetime(2026, 11, 23, hour, tzinfo=UTC), DateQuality.STATED)


async def test_a_date_in_the_future_is_clamped_and_marked(follow: Follow) -> None:
    follow.server.says(200, body=rss([item(1) | {"pubDate": "Mon, 23 Nov 2037 12:00:00 GMT"}]))
    article = (await follow.poll()).articles[0]
    assert (article.published_at, article.date_quality) == (article.first_seen_at, DateQuality.FUTURE)


async def test_utf_8_declared_as_latin_1_and_the_other_way_round_end_with_a_name(follow: Follow) -> None:
    text = '<?xml version="1.0" encoding="{}"?><rss version="2.0"><channel><item><title>Übergabe in Köln</title><link>https://k.example/1</link></item></channel></rss>'
    for number, (declared, real) in enumerate((("utf-8", "latin-1"), ("iso-8859-1", "utf-8"), ("utf-8", "utf-8-sig"), ("utf-16", "utf-8"))):
        follow.server.says(200, "Content-Type: application/rss+xml", body=text.format(declared).encode(real) + b"\n" * number)
        found = await follow.poll()
        assert found.outcome.result in (FetchResult.OK, FetchResult.PARSE_ERROR, FetchResult.NOT_A_FEED)
        for article in found.articles:
            assert "\x00" not in article.title
    assert follow.state is not None
    assert follow.state.known


async def test_nuls_and_a_byte_order_mark_do_no_harm(follow: Follow) -> None:
    follow.server.says(200, body=b"\xef\xbb\xbf" + shown(1).replace(b"What happened", b"What\x00 happened"))
    found = await follow.poll()
    assert found.outcome.result in (FetchResult.OK, FetchResult.PARSE_ERROR)
    assert all("\x00" not in article.title + article.lead + article.body for article in found.articles)


async def test_a_billion_laughs_are_not_expanded(follow: Follow) -> None:
    entities = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    body = f'<!DOCTYPE rss [<!ENTITY l0 "ha">{entities}]><rss version="2.0"><channel><item><title>&l9;</title><link>https://n.example/1</link></item></channel></rss>'
    follow.server.says(200, body=body.encode())
    found = await follow.poll()
    assert found.outcome.result in (FetchResult.OK, FetchResult.PARSE_ERROR, FetchResult.NOT_A_FEED)
    assert all(len(article.title) < 10_000 for article in found.articles)


async def test_an_external_entity_reads_no_file(follow: Follow, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("do not tell")
    body = f'<!DOCTYPE rss [<!ENTITY x SYSTEM "file://{secret}">]><rss version="2.0"><channel><item><title>A &x;</title><link>https://n.example/1</link></item></channel></rss>'
    follow.server.says(200, body=body.encode())
    found = await follow.poll()
    assert all("do not tell" not in article.title for article in found.articles)


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
    follow.server.says(200, 'ETag: "1"', body=shown(1))
    await follow.poll()
    follow.server.says(304)
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
