"""Failures that made other feed readers repeat, lose or misdate articles, from bytes to what a poll publishes."""

from __future__ import annotations

from datetime import timedelta

import msgspec
from support.drafts import FEED, NOW, stamp, state
from support.feedserver import rss

from newsmon.records import DateQuality, FeedState
from producers.articles.comparison import Comparison, compare
from producers.articles.known_entries import entries_of, fingerprints_of
from producers.articles.parse_job import ParsedBody, ParseJob, drafts_of_body

Item = dict[str, str]


def poll(items: list[Item], before: FeedState | None = None, *, feed_id: str = "a") -> tuple[Comparison, FeedState]:
    """A poll that shows these, and the state after it."""
    feed = msgspec.structs.replace(FEED, feed_id=feed_id)
    marks = fingerprints_of(before.known) if before else frozenset()
    answer: ParsedBody = drafts_of_body(
        ParseJob(feed, rss(items), "", feed.url, 100, NOW, marks, before is not None and before.guids_repeat)
    )
    found = compare(answer.drafts, before, feed, stamp())
    return found, state(known=found.known, guids_repeat=answer.guids_repeat)


def item(number: int, **more: str) -> Item:
    return {
        "title": f"Report {number} of the day",
        "link": f"https://a.example/{number}",
        "guid": f"g{number}",
        "description": f"Words {number}.",
    } | more


def test_ten_items_under_one_guid_and_no_address_are_ten_articles_for_good() -> None:
    flashes = [{"title": f"Flash {number}", "guid": "the-guid", "link": "https://a.example/"} for number in range(10)]
    first, after = poll(flashes)
    assert (first.new_count, sum(first.rejected.values())) == (10, 0)
    again, after = poll(flashes[:1], after)  # alone in the feed it does not become another article
    assert (again.known_count, again.new_count, after.guids_repeat) == (1, 0, True)
    more, _after = poll([{"title": "Flash 11", "guid": "the-guid", "link": "https://a.example/"}], after)
    assert more.new_count == 1


def test_one_item_twice_in_a_feed_is_one_article_and_its_guid_is_still_believed() -> None:
    twice = [{"title": "Flash", "guid": "g"}, {"title": "Flash", "guid": "g"}]
    first, after = poll(twice)
    assert (first.new_count, sum(first.rejected.values()), after.guids_repeat) == (1, 1, False)
    renamed, _after = poll([{"title": "Flash, corrected", "guid": "g"}], after)
    assert (renamed.revised_count, renamed.new_count) == (1, 0)


def test_a_guid_that_holds_the_headline_changes_with_it_and_the_article_stays() -> None:
    _first, after = poll([item(n, guid=f"g{n}-report") for n in range(8)])
    renamed, _after = poll([item(n, guid=f"g{n}-corrected", title=f"Report {n}, corrected") for n in range(8)], after)
    assert (renamed.revised_count, renamed.new_count) == (8, 0)


def test_a_feed_that_moves_to_https_shows_nothing_new() -> None:
    _first, after = poll([item(n, link=f"http://a.example/{n}", guid=f"http://a.example/{n}") for n in range(8)])
    moved, _after = poll([item(n, guid=f"https://a.example/{n}") for n in range(8)], after)
    assert (moved.known_count, moved.new_count, moved.revised_count) == (8, 0, 0)


def test_tracking_parameters_and_cache_busters_in_pictures_make_no_revision() -> None:
    def shown(version: int) -> list[Item]:
        picture = f"&lt;img src='https://a.example/i.png?v={version}' alt=''/&gt;"
        return [item(1, link=f"https://a.example/1?utm_campaign={version}", description=f"&lt;p&gt;{picture}Words.&lt;/p&gt;")]

    _first, after = poll(shown(1))
    again, _after = poll(shown(2), after)
    assert (again.known_count, again.revised_count) == (1, 0)


def test_the_same_article_in_several_feeds_is_one_article() -> None:
    ids = {poll([item(1, guid=f"{feed}-1")], feed_id=feed)[0].articles[0].article_id for feed in ("world", "top", "europe")}
    assert len(ids) == 1


def test_summer_time_of_a_zone_by_name_is_not_twelve_hours_off() -> None:
    (article,) = poll([item(1, pubDate="Mon, 23 Nov 2026 08:57:00 MEST")])[0].articles
    assert article.published_at is not None
    assert article.published_at.isoformat() == "2026-11-23T06:57:00+00:00"


def test_a_time_without_a_day_is_unknown_and_tomorrow_is_now_and_said() -> None:
    time_only, tomorrow = poll([item(1, pubDate="14:05"), item(2, pubDate=(NOW + timedelta(days=1)).isoformat())])[0].articles
    assert (time_only.published_at, time_only.date_quality) == (None, DateQuality.UNREADABLE)
    assert (tomorrow.published_at, tomorrow.date_quality) == (NOW, DateQuality.FUTURE)


def test_an_entry_that_stands_unchanged_is_known_without_being_cleaned_again() -> None:
    items = [item(n) for n in range(5)]
    _first, after = poll(items)
    feed_bytes = rss(items)
    marks = fingerprints_of(after.known)
    assert all(
        type(one).__name__ == "Unchanged" for one in drafts_of_body(ParseJob(FEED, feed_bytes, "", FEED.url, 100, NOW, marks)).drafts
    )
    again, following = poll([item(9), *items[1:]], after)
    assert (again.new_count, again.known_count, len(entries_of(following.known))) == (1, 4, 6)
