"""An outage longer than every wait for an acknowledgement: states stay, polls are repeated, nothing is lost or flooded."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from support.feedserver import feed_server, item, rss
from support.producing import records, stop, write_config
from support.storing import eventually

from newsmon.kafka.broker.process import LocalBroker
from newsmon.records import Article, FeedState, FetchOutcome
from newsmon.settings import Settings
from newsmon.topics import ARTICLES, FEED_STATE, FETCHES
from producers.articles.known_entries import entries_of

FEED_COUNT = 6
# A producer whose patience is a second instead of half a minute: the outage is then as long as hours.
STILL_S = 5.0
IMPATIENT = """
import sys
import newsmon.kafka.publisher
newsmon.kafka.publisher.ACKNOWLEDGED_WITHIN_S = 1.0
sys.argv = ["newsmon", "producer", "--config", {config!r}]
from newsmon.app.cli import main
main()
"""


def test_polls_that_kafka_did_not_acknowledge_leave_their_states_and_are_repeated_when_it_is_back(
    broker: LocalBroker, kafka_settings: Settings, tmp_path: Path
) -> None:
    with feed_server() as server:
        feeds = [(f"feed-{number}", server.url(f"/{number}")) for number in range(FEED_COUNT)]
        for number in range(FEED_COUNT):
            server.bodies[f"/{number}"] = rss([item(number)])
        config = write_config(tmp_path, kafka_settings, feeds, interval_s=1.0)
        log = tmp_path / "log"
        with log.open("ab") as stderr:
            running = subprocess.Popen([sys.executable, "-Ic", IMPATIENT.format(config=str(config))], stderr=stderr, start_new_session=True)
        try:
            eventually(lambda: len(records(kafka_settings, FEED_STATE, FeedState)) >= FEED_COUNT, "every feed was polled")
            assert broker.pid is not None
            os.kill(broker.pid, signal.SIGKILL)
            for number in range(FEED_COUNT):
                server.bodies[f"/{number}"] = rss([item(100 + number), item(number)])
            eventually(lambda: "poll.not_published" in log.read_text("utf-8"), "a wait for an acknowledgement ended in vain")
            eventually(lambda: "kafka.waiting" in log.read_text("utf-8"), "nothing more is polled")
            eventually(lambda: _stands_still(lambda: sum(server.counts().values())), "no feed is asked in vain meanwhile")
            broker.start()
            wanted = {f"Report {number}" for base in (0, 100) for number in range(base, base + FEED_COUNT)}
            eventually(
                lambda: {one.title for one in records(kafka_settings, ARTICLES, Article)} == wanted, "what came in the outage is there"
            )
            eventually(lambda: len(_last_states(kafka_settings)) == FEED_COUNT, "the states follow")
            assert stop(running) == 0
        finally:
            if running.poll() is None:
                os.killpg(running.pid, signal.SIGKILL)
                running.wait(60)
    articles = records(kafka_settings, ARTICLES, Article)
    assert len({one.revision_id for one in articles}) == 2 * FEED_COUNT, "what was sent twice carries equal ids"
    for feed_id, _url in feeds:
        numbers = [one.poll_seq for one in records(kafka_settings, FETCHES, FetchOutcome) if one.feed_id == feed_id]
        assert sorted(set(numbers)) == list(range(1, max(numbers) + 1)), "no poll is missing"


def _stands_still(count: Callable[[], int]) -> bool:
    before = count()
    time.sleep(STILL_S)
    return count() == before


def _last_states(settings: Settings) -> dict[str, FeedState]:
    """Of the feeds whose state knows both reports."""
    last = {one.feed_id: one for one in records(settings, FEED_STATE, FeedState)}
    return {feed_id: state for feed_id, state in last.items() if len(entries_of(state.known)) == 2}
