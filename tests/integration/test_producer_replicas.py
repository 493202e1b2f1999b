"""Three producers on a real broker: one is killed with -9, and every feed is still polled by exactly one."""

from __future__ import annotations

import os
import signal
import time
from collections import defaultdict
from pathlib import Path

from support.feedserver import FeedServer, feed_server, item, rss
from support.producing import producing, records, write_config
from support.storing import eventually

from newsmon.records import Article, FeedState, FetchOutcome
from newsmon.settings import Settings
from newsmon.topics import ARTICLES, FEED_STATE, FETCHES

FEED_COUNT = 24
NAMES = ("left", "middle", "right")
MOVES = 4  # a feed may change hands when two replicas join, one dies, and a slow machine takes a live one for dead


def _settled(server: FeedServer, names: set[str]) -> bool:
    """Every feed was asked for by the same replica twice running, and every replica has some."""
    owners = server.owners()
    return len(owners) == FEED_COUNT and all(len(one) == 1 for one in owners.values()) and set.union(*owners.values()) == names


def test_of_three_replicas_one_is_killed_and_no_feed_is_forgotten_or_polled_by_two(kafka_settings: Settings, tmp_path: Path) -> None:
    with feed_server() as server:
        feeds = [(f"feed-{number}", server.url(f"/{number}")) for number in range(FEED_COUNT)]
        for number in range(FEED_COUNT):
            server.bodies[f"/{number}"] = rss([item(number)])
        configs = [write_config(tmp_path, kafka_settings, feeds, interval_s=0.5, agent=name, name=name) for name in NAMES]
        with (
            producing(configs[0], tmp_path / "left.log"),
            producing(configs[1], tmp_path / "middle.log"),
            producing(configs[2], tmp_path / "right.log") as right,
        ):
            eventually(lambda: _settled(server, set(NAMES)), "three replicas share the feeds", within_s=240)
            had_right = {path for path, agents in server.owners().items() if agents == {"right"}}
            os.killpg(right.pid, signal.SIGKILL)
            right.wait(60)
            killed_at_s = time.monotonic()
            for number in range(FEED_COUNT):  # news that comes while nobody has the dead one's feeds
                server.bodies[f"/{number}"] = rss([item(100 + number), item(number)])
            eventually(
                lambda: {path for path, agents in server.since(killed_at_s).items() if agents - {"right"}} >= had_right,
                "the dead one's feeds are polled by the others",
                within_s=240,
            )
            eventually(lambda: _settled(server, {"left", "middle"}), "two replicas share the feeds", within_s=240)
            shared_at_s = time.monotonic()  # what the dead one had asked for before may have been read after its end
            wanted = {f"Report {number}" for base in (0, 100) for number in range(base, base + FEED_COUNT)}
            eventually(
                lambda: {one.title for one in records(kafka_settings, ARTICLES, Article)} == wanted, "all news arrived", within_s=240
            )
        assert len(had_right) >= 1
        assert {one.agent for one in server.asked if one.at_s > shared_at_s} <= {"left", "middle"}
        _assert_one_after_another(kafka_settings)


def _assert_one_after_another(settings: Settings) -> None:
    """By the log, not by the clock: each feed's polls are numbered without a hole, and a number is used twice only when the first
    attempt, of a replica that died or lost the feed, never wrote its state."""
    polls: dict[str, list[FetchOutcome]] = defaultdict(list)
    for outcome in records(settings, FETCHES, FetchOutcome):  # by partition and offset: one feed's outcomes in the order written
        polls[outcome.feed_id].append(outcome)
    assert len(polls) == FEED_COUNT
    for outcomes in polls.values():
        numbers = [one.poll_seq for one in outcomes]
        assert numbers == sorted(numbers), "nobody wrote a poll older than one already written"
        assert sorted(set(numbers)) == list(range(1, max(numbers) + 1))
        assert len(numbers) - len(set(numbers)) <= MOVES
    written: dict[str, list[int]] = defaultdict(list)
    for state in records(settings, FEED_STATE, FeedState):
        written[state.feed_id].append(state.poll_seq)
    assert all(numbers == sorted(set(numbers)) for numbers in written.values()), "each poll's state is written once, in order"
    assert len({one.revision_id for one in records(settings, ARTICLES, Article)}) == 2 * FEED_COUNT
