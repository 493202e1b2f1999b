"""Notices of a real producer on a real broker."""

from __future__ import annotations

from pathlib import Path

from support.producing import producing, records, write_config
from support.storing import eventually

from newsmon.records import DueReason, FeedState, FetchOutcome, Notice, NoticeKind, NoticeState
from newsmon.settings import Settings
from newsmon.topics import FEED_STATE, FETCHES, NOTICES


def test_when_nothing_can_be_reached_one_notice_says_so_and_no_feed_is_blamed(kafka_settings: Settings, tmp_path: Path) -> None:
    feeds = [(f"feed-{number}", f"http://host-{number}.invalid/feed") for number in range(12)]
    config = write_config(tmp_path, kafka_settings, feeds, interval_s=0.5)

    def asked_again() -> bool:
        outcomes = records(kafka_settings, FETCHES, FetchOutcome)
        return sum(one.due_reason is DueReason.OUTAGE for one in outcomes) >= 24 and len({one.feed_id for one in outcomes}) == 12

    with producing(config, tmp_path / "log"):
        eventually(asked_again, "the feeds are asked again and again while the network is away", within_s=300)
    notices = records(kafka_settings, NOTICES, Notice)
    assert [(one.kind, one.state, one.revision) for one in notices] == [(NoticeKind.NETWORK_OUTAGE, NoticeState.RAISED, 1)]
    states = {one.feed_id: one for one in records(kafka_settings, FEED_STATE, FeedState)}
    assert all(state.failure_count <= 1 and state.trouble is None for state in states.values())
