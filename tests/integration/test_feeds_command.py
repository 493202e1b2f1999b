"""`newsmon feeds` against what a real producer left on a real broker."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner, Result
from support.feedserver import feed_server, item, rss
from support.producing import producing, records, write_config
from support.storing import eventually

from newsmon.app.cli.feeds.feeds import command
from newsmon.records import FeedState, Notice, NoticeKind, NoticeState
from newsmon.settings import Settings
from newsmon.topics import FEED_STATE, NOTICES


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


def test_explain_says_when_a_feed_is_polled_next_and_why(kafka_settings: Settings, tmp_path: Path) -> None:
    with feed_server() as server:
        server.bodies["/good"] = rss([item(number) for number in range(5)])
        config = write_config(tmp_path, kafka_settings, [("good", server.url("/good")), ("bad", server.url("/bad"))], interval_s=0.5)

        def polled() -> bool:
            states = {state.feed_id: state for state in records(kafka_settings, FEED_STATE, FeedState)}
            return "good" in states and "bad" in states and states["bad"].failure_count >= 3

        with producing(config, tmp_path / "log"):
            eventually(polled, "one feed was read and the other failed three times")
            notices = records(kafka_settings, NOTICES, Notice)
    good, bad = (feeds(config, "explain", feed_id).output for feed_id in ("good", "bad"))
    assert "health       ok" in good
    assert "): its rhythm" in good
    assert "articles a day" in good
    assert "health       failing" in bad
    assert "): it failed" in bad
    assert "http_error" in bad
    assert [(one.kind, one.state, one.subject) for one in notices] == [(NoticeKind.FEED_FAILING, NoticeState.RAISED, "feed:bad")]
    assert f"feed_failing {notices[0].notice_id}" in bad
    assert CliRunner().invoke(command, ["explain", "--config", str(config), "nobody"]).exit_code == 2


def test_check_fetches_once_and_publishes_nothing(tmp_path: Path) -> None:
    """No Kafka is needed for it."""
    config = tmp_path / "newsmon.toml"
    config.write_text('[producer]\nallow_private = ["127.0.0.1/32"]\n', "utf-8")
    with feed_server() as server:
        server.bodies["/good"] = rss([item(1), item(2), {"link": "https://news.example/empty"}])
        answer = feeds(config, "check", "--json", server.url("/good"))
        found = json.loads(answer.output)
        assert (answer.exit_code, found["result"], found["entry_count"], found["article_count"]) == (0, "ok", 3, 2)
        assert found["rejected"] == {"no_text": 1}
        assert [one["date_quality"] for one in found["articles"]] == ["stated", "stated"]
        page = feeds(config, "check", server.url("/good")).output
        assert "entries      3: 2 articles, 1 rejected (no_text)" in page
        assert "rejected     no_text, for example 'https://news.example/empty'" in page
        assert "Report 1" in page
        server.bodies["/undated"] = (
            b"<rss version='2.0'><channel><item><title>No date</title><link>https://news.example/n</link></item></channel></rss>"
        )
        undated = feeds(config, "check", server.url("/undated")).output
        assert "entries      1: 1 article\n" in undated
        assert "rate         not known: no entry has a usable date" in undated
        missing = feeds(config, "check", server.url("/missing"))
        assert missing.exit_code == 1
        assert "http_error (HTTP 404)" in missing.output
        assert server.counts() == {"/good": 2, "/undated": 1, "/missing": 1}


def test_entries_that_are_rejected_poll_after_poll_are_named_in_the_list_explained_and_told(
    kafka_settings: Settings, tmp_path: Path
) -> None:
    with feed_server() as server:
        server.bodies["/odd"] = rss([item(1), {"link": "https://news.example/empty?token=s3cret", "title": "<b></b>"}])
        config = write_config(tmp_path, kafka_settings, [("odd", server.url("/odd"))], interval_s=0.5)
        with producing(config, tmp_path / "log"):
            eventually(lambda: records(kafka_settings, NOTICES, Notice) != [], "the third poll tells of it")
        notice = records(kafka_settings, NOTICES, Notice)[0]
    assert (notice.kind, notice.state, notice.subject) == (NoticeKind.FEED_REJECTS, NoticeState.RAISED, "feed:odd")
    assert notice.details["example"] == "https://news.example/empty"
    (line,) = (json.loads(line) for line in feeds(config, "list", "--json").output.splitlines())
    assert line["remarks"] == ["rejects 1 entry in every poll (no_text)"]
    assert "rejects 1 entry in every poll (no_text)" in feeds(config, "list").output
    told = feeds(config, "explain", "odd").output
    assert "rejected     1 no_text for " in told
    assert "for example 'https://news.example/empty'" in told
