"""Bodies that servers have been seen to send: each is read, cut or refused by name, and nothing already known is forgotten."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from support.feed_follower import HOUR, SETTINGS, Follow, shown
from support.feedserver import item, rss

from newsmon.records import DateQuality, EntryRejection, FetchResult, NoticeKind, NoticeState
from producers.http.fetch import Fetcher
from producers.workers.worker_pool import WorkerPool


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
    impatient = WorkerPool(cpu_limit_s=10.0)
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
        assert (found.outcome.result, found.outcome.detail) == (FetchResult.PARSE_ERROR, "not parsed within 10 s of processor time")
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


async def test_guid_churn_makes_no_articles(follow: Follow) -> None:
    def churned(version: int) -> bytes:
        return rss(
            [{"title": f"A headline of its own, number {n}", "guid": f"v{version}-{n}", "description": f"Text {n}."} for n in range(10)]
        )

    follow.server.says(200, body=churned(1))
    await follow.poll()
    follow.server.says(200, body=churned(2))
    found = await follow.poll()
    assert (found.outcome.known_count, found.articles, found.outcome.gap_suspected) == (10, (), False)


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


@pytest.mark.parametrize(
    ("ahead", "quality", "is_dated"),
    [
        (timedelta(hours=3), DateQuality.FUTURE, True), (timedelta(days=20), DateQuality.FUTURE, False),
        (timedelta(days=300), DateQuality.FUTURE, False), (timedelta(days=4000), DateQuality.UNREADABLE, False),
    ],
)  # fmt: skip
async def test_a_date_ahead_is_clamped_by_hours_and_unknown_beyond(
    follow: Follow, ahead: timedelta, quality: DateQuality, is_dated: bool
) -> None:
    follow.server.says(200, body=rss([item(1) | {"pubDate": f"{follow.now + ahead:%a, %d %b %Y %H:%M:%S} GMT"}]))
    article = (await follow.poll()).articles[0]
    assert (article.published_at, article.date_quality) == (article.first_seen_at if is_dated else None, quality)


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
