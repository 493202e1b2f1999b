"""Producers are killed with -9 at random moments while feeds change: nothing is lost, and repeats are equal."""

from __future__ import annotations

import os
import random
import signal
import time
from collections import Counter, defaultdict
from pathlib import Path

from support.feedserver import feed_server, item, rss
from support.producing import producing, records, start, write_config
from support.storing import eventually

from newsmon import ids
from newsmon.records import Article, FeedState, FetchOutcome, FetchResult
from newsmon.settings import Settings
from newsmon.topics import ARTICLES, FEED_STATE, FETCHES
from producers.addresses.urls import canonical_url

FEED_COUNT = 6
ROUNDS = 6


def test_every_entry_arrives_and_every_poll_is_counted_however_often_the_producer_is_killed(
    kafka_settings: Settings, tmp_path: Path
) -> None:
    chance = random.Random(20261124)
    feeds = [(f"feed-{number}", f"/{number}") for number in range(FEED_COUNT)]
    shown: dict[str, list[dict[str, str]]] = {feed: [] for feed, _path in feeds}
    with feed_server() as server:

        def publish_more(round_number: int) -> None:
            for feed, path in feeds:
                shown[feed] += [item(round_number * 10 + number, site=f"https://{feed}.example") for number in range(3)]
                server.bodies[path] = rss(shown[feed][::-1])

        publish_more(0)
        config = write_config(tmp_path, kafka_settings, [(feed, server.url(path)) for feed, path in feeds], interval_s=0.3)
        for round_number in range(1, ROUNDS + 1):
            running = start(config, tmp_path / "log")
            asked_before = sum(server.counts().values())
            try:
                eventually(lambda before=asked_before: sum(server.counts().values()) > before, "feeds are polled")  # type: ignore[misc]
                publish_more(round_number)
                time.sleep(chance.uniform(0.0, 1.2))  # anywhere in fetching, parsing, publishing
            finally:
                os.killpg(running.pid, signal.SIGKILL)
                running.wait(60)
        wanted = {ids.article_id_of_url(canonical_url(one["link"]) or "") for items in shown.values() for one in items}
        with producing(config, tmp_path / "log"):
            eventually(
                lambda: {one.article_id for one in records(kafka_settings, ARTICLES, Article)} >= wanted,
                "every entry arrived",
                within_s=240,
            )
            eventually(lambda: _all_unchanged(kafka_settings), "the feeds have nothing new", within_s=240)

    articles = records(kafka_settings, ARTICLES, Article)
    assert {one.article_id for one in articles} == wanted
    assert {one.revision for one in articles} == {1}
    texts: dict[str, set[str]] = defaultdict(set)
    for article in articles:
        texts[article.article_id].add(article.revision_id)
    assert {len(revisions) for revisions in texts.values()} == {1}, "a repeat carries the same identities"
    _assert_ledger(kafka_settings, articles)


def _last_outcomes(settings: Settings) -> dict[str, dict[int, FetchOutcome]]:
    """By feed and poll number: the outcome that counts, the last one written."""
    found: dict[str, dict[int, FetchOutcome]] = defaultdict(dict)
    for outcome in records(settings, FETCHES, FetchOutcome):
        found[outcome.feed_id][outcome.poll_seq] = outcome
    return found


def _all_unchanged(settings: Settings) -> bool:
    newest = [polls[max(polls)] for polls in _last_outcomes(settings).values()]
    return len(newest) == FEED_COUNT and {one.result for one in newest} <= {FetchResult.NOT_MODIFIED, FetchResult.SAME_BODY}


def _assert_ledger(settings: Settings, articles: list[Article]) -> None:
    published = Counter((one.feed_id, one.poll_seq, one.poll_id) for one in articles)
    states = {state.feed_id: state for state in records(settings, FEED_STATE, FeedState)}
    for feed, polls in _last_outcomes(settings).items():
        assert sorted(polls) == list(range(1, len(polls) + 1)), "poll numbers have no hole"
        assert states[feed].poll_seq in (max(polls), max(polls) - 1)
        for number, outcome in polls.items():
            assert published[feed, number, outcome.poll_id] == outcome.new_count + outcome.revised_count
            assert outcome.entry_count == outcome.new_count + outcome.revised_count + outcome.known_count + sum(outcome.rejected.values())
