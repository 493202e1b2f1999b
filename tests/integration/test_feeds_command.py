"""`newsmon feeds` against what a real producer left on a real broker."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner, Result
from support.feedserver import feed_server, item, rss
from support.producing import producing, records, write_config
from support.storing import eventually

from newsmon.cli.feeds import command
from newsmon.records import FeedState
from newsmon.settings import Settings
from newsmon.topics import FEED_STATE


def feeds(config: Path, *arguments: str) -> Result:
    action, *rest = arguments
    return CliRunner().invoke(command, [action, "--config", str(config), *rest], catch_exceptions=False)


def test_the_list_tells_a_good_feed_from_a_bad_one_and_from_one_never_polled(kafka_settings: Settings, tmp_path: Path) -> None:
    with feed_server() as server:
        server.bodies["/good"] = rss([item(1)])
        two = [("good", server.url("/good")), ("bad", server.url("/bad"))]
        config = write_config(tmp_path, kafka_settings, two, interval_s=0.5)

        def polled() -> bool:
            states = {state.feed_id: state for state in records(kafka_settings, FEED_STATE, FeedState)}
            return "good" in states and "bad" in states and states["bad"].failure_count >= 3

        with producing(config, tmp_path / "log"):
            eventually(polled, "one feed was read and the other failed three times")
        more = write_config(tmp_path, kafka_settings, [*two, ("unseen", server.url("/unseen"))], interval_s=0.5, name="more")
    lines = [json.loads(line) for line in feeds(more, "list", "--json").output.splitlines()]
    assert [(line["feed_id"], line["health"], line.get("last_result")) for line in lines] == [
        ("good", "ok", lines[0]["last_result"]), ("bad", "failing", "http_error"), ("unseen", "new", None),
    ]  # fmt: skip
    table = feeds(more, "list").output.splitlines()
    assert table[-1] == "1 ok, 1 failing, 1 new"
    assert [line.split()[:2] for line in table[1:-1]] == [["good", "ok"], ["bad", "failing"], ["unseen", "new"]]
    assert [json.loads(line)["feed_id"] for line in feeds(more, "list", "--json", "--health", "failing").output.splitlines()] == ["bad"]
