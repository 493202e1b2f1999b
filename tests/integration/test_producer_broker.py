"""The producer on a real broker: what a poll writes, and what remains after a kill, a restart and a move."""

from __future__ import annotations

import os
import signal
import time
from collections import defaultdict
from pathlib import Path

import pytest
from kafka import KafkaProducer
from support.feedserver import FeedServer, feed_server, item, rss
from support.producing import producing, raw_records, records, run_until_killed, stop, write_config
from support.storing import eventually

from newsmon.kafka.broker.process import LocalBroker
from newsmon.kafka.clients import producer_config
from newsmon.records import Article, FeedKnown, FeedState, FetchOutcome, FetchResult
from newsmon.settings import Settings
from newsmon.topics import ARTICLES, FEED_KNOWN, FEED_STATE, FETCHES, QUARANTINE
from producers.articles.known_entries import entries_of
from producers.articles.state_record import saved_state_of
from producers.polling.state_reader import partition_of


@pytest.fixture
def server():
    with feed_server() as running:
        yield running


def states(settings: Settings) -> dict[str, FeedState]:
    return {state.feed_id: state for state in records(settings, FEED_STATE, FeedState)}


def whole_state(settings: Settings, feed_id: str) -> FeedState:
    """The feed's state as a producer that starts now would have it; it must find all it refers to."""
    state = states(settings)[feed_id]
    bases = {one.feed_id: one for one in records(settings, FEED_KNOWN, FeedKnown)}
    saved, is_whole = saved_state_of(state, bases.get(feed_id))
    assert is_whole
    return saved.state


def fetches(settings: Settings) -> list[FetchOutcome]:
    return sorted(records(settings, FETCHES, FetchOutcome), key=lambda one: (one.feed_id, one.poll_seq, one.started_at))


def test_two_versions_of_a_feed_become_articles_outcomes_and_state_that_agree(
    kafka_settings: Settings, server: FeedServer, tmp_path: Path
) -> None:
    server.bodies["/a"] = rss([item(1), item(2), item(3), item(3), {"link": "https://news.example/empty"}])
    config = write_config(tmp_path, kafka_settings, [("a", server.url("/a"))], interval_s=0.5)
    with producing(config, tmp_path / "log"):
        eventually(lambda: server.counts()["/a"] >= 3, "the feed was polled three times")
        server.bodies["/a"] = rss([item(4), item(1), item(2, text="More is known now."), item(3)])
        eventually(lambda: len(records(kafka_settings, ARTICLES, Article)) == 5, "three articles, a new one and a revision")
        eventually(lambda: fetches(kafka_settings)[-1].result is FetchResult.NOT_MODIFIED, "the second version was answered by 304")
    articles = records(kafka_settings, ARTICLES, Article)
    assert sorted((one.title, one.revision, one.baseline) for one in articles) == [
        ("Report 1", 1, True), ("Report 2", 1, True), ("Report 2", 2, False), ("Report 3", 1, True), ("Report 4", 1, False),
    ]  # fmt: skip
    assert {one.url for one in articles} == {f"https://news.example/{number}?utm_source=rss" for number in (1, 2, 3, 4)}  # as published
    assert len({one.revision_id for one in articles}) == 5
    outcomes = fetches(kafka_settings)
    assert [one.poll_seq for one in outcomes] == list(range(1, len(outcomes) + 1))
    ok = [one for one in outcomes if one.result is FetchResult.OK]
    assert [(one.entry_count, one.new_count, one.revised_count, one.known_count, dict(one.rejected)) for one in ok] == [
        (5, 3, 0, 0, {"duplicate_entry": 1, "no_text": 1}), (4, 1, 1, 2, {}),
    ]  # fmt: skip
    results = {one.result for one in outcomes}  # now and then a full answer is asked for, to check the 304s
    assert results - {FetchResult.SAME_BODY} == {FetchResult.OK, FetchResult.NOT_MODIFIED}
    for outcome in ok:
        assert sum(one.poll_id == outcome.poll_id for one in articles) == outcome.new_count + outcome.revised_count
    state = states(kafka_settings)["a"]
    assert (state.poll_seq, state.failure_count, len(entries_of(state.known))) == (outcomes[-1].poll_seq, 0, 4)
    assert state.etag is not None


@pytest.mark.parametrize("step", ["write_outcome", "write_state"])
def test_a_poll_killed_before_its_state_is_repeated_under_its_number_with_equal_ids(
    kafka_settings: Settings, server: FeedServer, tmp_path: Path, step: str
) -> None:
    server.bodies["/a"] = rss([item(1), item(2)])
    config = write_config(tmp_path, kafka_settings, [("a", server.url("/a"))], interval_s=3600)
    run_until_killed(config, tmp_path / "log", step=step)
    first = records(kafka_settings, ARTICLES, Article)
    assert len(first) == 2
    assert states(kafka_settings) == {}
    with producing(config, tmp_path / "log"):
        eventually(lambda: "a" in states(kafka_settings), "the poll was repeated")
    second = [one for one in records(kafka_settings, ARTICLES, Article) if one.poll_id != first[0].poll_id]
    assert sorted(one.revision_id for one in second) == sorted(one.revision_id for one in first)
    assert {(one.poll_seq, one.baseline) for one in first + second} == {(1, True)}
    outcomes = fetches(kafka_settings)
    assert [one.poll_seq for one in outcomes] == [1] * (1 if step == "write_outcome" else 2)
    assert outcomes[-1].poll_id == second[0].poll_id
    assert states(kafka_settings)["a"].poll_seq == 1


@pytest.mark.parametrize("step", ["write_known", "write_state"])
def test_a_poll_killed_between_the_entries_and_the_state_that_refers_to_them_loses_and_repeats_nothing(
    kafka_settings: Settings, server: FeedServer, tmp_path: Path, step: str
) -> None:
    server.bodies["/a"] = rss([item(number) for number in range(40)])
    config = write_config(tmp_path, kafka_settings, [("a", server.url("/a"))], interval_s=0.5)
    run_until_killed(config, tmp_path / "log", step=step, after_count=step == "write_state")
    first = whole_state(kafka_settings, "a")
    assert (first.poll_seq, len(entries_of(first.known))) == (1, 40)
    assert len(records(kafka_settings, FEED_KNOWN, FeedKnown)) == (step == "write_state"), "the kill came where it was meant to"
    server.bodies["/a"] = rss([item(number) for number in range(1, 41)])
    with producing(config, tmp_path / "log"):
        eventually(lambda: len(records(kafka_settings, ARTICLES, Article)) >= 41, "what came meanwhile is there")
        seq = whole_state(kafka_settings, "a").poll_seq
        eventually(lambda: whole_state(kafka_settings, "a").poll_seq > seq + 1, "polls go on")
    assert len(records(kafka_settings, ARTICLES, Article)) == 41, "nothing was published again"
    written = states(kafka_settings)["a"]
    assert (written.known, written.known_base is None) == (b"", False), "the last state refers to its entries"
    with producing(config, tmp_path / "log"):
        seq = written.poll_seq
        eventually(lambda: whole_state(kafka_settings, "a").poll_seq > seq, "a restart goes on")
    assert len(entries_of(whole_state(kafka_settings, "a").known)) == 41
    assert len(records(kafka_settings, ARTICLES, Article)) == 41
    assert sorted({one.poll_seq for one in fetches(kafka_settings)}) == list(range(1, fetches(kafka_settings)[-1].poll_seq + 1))


def test_a_restart_polls_nothing_early_and_emits_nothing_again(kafka_settings: Settings, server: FeedServer, tmp_path: Path) -> None:
    server.bodies["/a"] = rss([item(1)])
    server.bodies["/b"] = rss([item(2)])
    one_feed = write_config(tmp_path, kafka_settings, [("a", server.url("/a"))], interval_s=3600)
    with producing(one_feed, tmp_path / "log"):
        eventually(lambda: "a" in states(kafka_settings), "the feed was polled")
    both = write_config(tmp_path, kafka_settings, [("a", server.url("/a")), ("b", server.url("/b"))], interval_s=3600, name="both")
    with producing(both, tmp_path / "log"):
        eventually(lambda: "b" in states(kafka_settings), "the new feed was polled: the producer works")
    assert server.counts() == {"/a": 1, "/b": 1}
    assert len(records(kafka_settings, ARTICLES, Article)) == 2


def test_two_replicas_share_the_feeds_and_the_survivor_takes_over_what_a_killed_one_had(
    kafka_settings: Settings, server: FeedServer, tmp_path: Path
) -> None:
    feeds = [(f"feed-{number}", server.url(f"/{number}")) for number in range(12)]
    for number in range(12):
        server.bodies[f"/{number}"] = rss([item(number)])
    configs = {name: write_config(tmp_path, kafka_settings, feeds, interval_s=0.5, agent=name, name=name) for name in ("left", "right")}
    with producing(configs["left"], tmp_path / "left.log"), producing(configs["right"], tmp_path / "right.log") as right:

        def shared() -> bool:
            owners = server.owners()
            return len(owners) == 12 and all(len(one) == 1 for one in owners.values()) and set.union(*owners.values()) == {"left", "right"}

        eventually(shared, "each feed is polled by one replica, and both have some")
        os.killpg(right.pid, signal.SIGKILL)
        right.wait(60)
        killed_at_s = time.monotonic()
        eventually(lambda: set(server.since(killed_at_s)) == {f"/{n}" for n in range(12)}, "all feeds polled by the survivor")
        # The killed one may have taken a first poll with it: what counts is what the survivor brought to its end.
        eventually(lambda: set(states(kafka_settings)) == {feed for feed, _url in feeds}, "every feed has a finished poll")
    polls: dict[str, set[int]] = defaultdict(set)
    for outcome in fetches(kafka_settings):
        polls[outcome.feed_id].add(outcome.poll_seq)
    assert {feed: max(numbers) - len(numbers) for feed, numbers in polls.items()} == dict.fromkeys((feed for feed, _url in feeds), 0)
    assert len({one.revision_id for one in records(kafka_settings, ARTICLES, Article)}) == 12


def test_an_outage_of_the_broker_loses_nothing_and_asks_the_feeds_little(
    broker: LocalBroker, kafka_settings: Settings, server: FeedServer, tmp_path: Path
) -> None:
    feeds = [(f"feed-{number}", server.url(f"/{number}")) for number in range(8)]
    for number in range(8):
        server.bodies[f"/{number}"] = rss([item(number)])
    config = write_config(tmp_path, kafka_settings, feeds, interval_s=1.0)
    with producing(config, tmp_path / "log"):
        eventually(lambda: len(states(kafka_settings)) == 8, "every feed was polled")
        assert broker.pid is not None
        os.kill(broker.pid, signal.SIGKILL)
        for number in range(8):
            server.bodies[f"/{number}"] = rss([item(100 + number), item(number)])
        before = sum(server.counts().values())
        time.sleep(8)
        asked = sum(server.counts().values()) - before
        broker.start()
        wanted = {f"Report {number}" for number in (*range(8), *range(100, 108))}
        eventually(
            lambda: {one.title for one in records(kafka_settings, ARTICLES, Article)} == wanted,
            "what came in the outage is there",
            within_s=120,
        )
        eventually(lambda: all(len(entries_of(state.known)) == 2 for state in states(kafka_settings).values()), "the states follow")
    assert asked <= 2 * 8  # at the usual pace it had been 64
    for feed_id, _url in feeds:
        numbers = sorted({one.poll_seq for one in fetches(kafka_settings) if one.feed_id == feed_id})
        assert numbers == list(range(1, len(numbers) + 1))


def test_garbage_on_the_state_topic_is_set_aside_once_and_the_feed_goes_on(
    kafka_settings: Settings, server: FeedServer, tmp_path: Path
) -> None:
    server.bodies["/a"] = rss([item(1)])
    server.bodies["/b"] = rss([item(2)])
    config = write_config(tmp_path, kafka_settings, [("a", server.url("/a")), ("b", server.url("/b"))], interval_s=3600)
    with producing(config, tmp_path / "log"):
        eventually(lambda: len(states(kafka_settings)) == 2, "both feeds were polled")
    _write_state(kafka_settings, "a", b"\x00\xffnot a state")
    _write_state(kafka_settings, "c", b'{"record":"feed-state/9"}')
    more = [("a", server.url("/a")), ("b", server.url("/b")), ("c", server.url("/c"))]
    server.bodies["/c"] = rss([item(3)])
    with producing(write_config(tmp_path, kafka_settings, more, interval_s=3600, name="more"), tmp_path / "log"):
        eventually(lambda: server.counts()["/c"] == 1, "the feed whose only state is garbage is polled as new")
        eventually(lambda: len(raw_records(kafka_settings, QUARANTINE)) == 2, "the garbage is set aside")
    assert server.counts() == {"/a": 1, "/b": 1, "/c": 1}
    headers = [dict(raw.headers) for raw in raw_records(kafka_settings, QUARANTINE)]
    assert sorted((one["newsmon-stage"], one["newsmon-reason"]) for one in headers) == [
        (b"producer", b"not_json"),
        (b"producer", b"unknown_version"),
    ]
    assert {raw.value for raw in raw_records(kafka_settings, QUARANTINE)} == {b"\x00\xffnot a state", b'{"record":"feed-state/9"}'}


def _write_state(settings: Settings, key: str, value: bytes) -> None:
    producer = KafkaProducer(**producer_config(settings, client_id="test"))
    producer.send(FEED_STATE.named(settings.kafka.topic_prefix), key=key.encode(), value=value).get(30)
    producer.close()


def test_a_feed_belongs_to_the_partition_its_records_go_to(kafka_settings: Settings) -> None:
    """A replica reads the partitions it polls for: another hash here and every feed would start from nothing."""
    name = FEED_STATE.named(kafka_settings.kafka.topic_prefix)
    producer = KafkaProducer(**producer_config(kafka_settings, client_id="test"))
    sent = {
        feed: producer.send(name, key=feed.encode(), value=b"x") for feed in (*(f"feed-{n}" for n in range(40)), "bbc-world", "a", "z_9")
    }
    assert {feed: future.get(30).partition for feed, future in sent.items()} == {
        feed: partition_of(feed, FEED_STATE.partitions) for feed in sent
    }
    producer.close()


def test_asked_to_stop_while_the_broker_is_away_it_ends_in_time_and_the_poll_is_not_lost(
    broker: LocalBroker, kafka_settings: Settings, server: FeedServer, tmp_path: Path
) -> None:
    server.bodies["/a"] = rss([item(1)])
    config = write_config(tmp_path, kafka_settings, [("a", server.url("/a"))], interval_s=0.5)
    with producing(config, tmp_path / "log") as process:
        eventually(lambda: "a" in states(kafka_settings), "the feed was polled")
        assert broker.pid is not None
        os.kill(broker.pid, signal.SIGKILL)
        server.bodies["/a"] = rss([item(2), item(1)])
        polled = server.counts()["/a"]
        eventually(lambda: server.counts()["/a"] > polled, "a poll is under way without a broker")
        assert stop(process) == 0
    broker.start()
    with producing(config, tmp_path / "log"):
        eventually(
            lambda: {one.title for one in records(kafka_settings, ARTICLES, Article)} == {"Report 1", "Report 2"}, "the poll was repeated"
        )
