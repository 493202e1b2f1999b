"""When the group never answers the first request to join, another member joins; an answer without partitions is an answer."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from newsmon.settings import Settings
from producers.polling import feed_states as feed_state
from producers.polling.feed_states import FeedStates


class Member:
    """What FeedStates uses of a KafkaConsumer; `answers` says whether the group lets it in, with nothing to hold."""

    def __init__(self, *, answers: bool) -> None:
        self.answers = answers
        self.polls = 0
        self.closed = False
        self._listener: Any = None

    def partitions_for_topic(self, _topic: str) -> set[int]:
        return {0, 1}

    def subscribe(self, _topics: list[str], listener: Any) -> None:
        self._listener = listener

    def poll(self, timeout_ms: int) -> None:
        self.polls += 1
        threading.Event().wait(0.01)
        if self.answers and self.polls == 1:
            self._listener.on_partitions_assigned([])

    def close(self, **_options: object) -> None:
        self.closed = True


def test_a_member_without_an_answer_gives_way_to_another_and_one_with_an_answer_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    members = [Member(answers=False), Member(answers=False), Member(answers=True)]
    opened: list[Member] = []

    def open_next(*_args: object, **_options: object) -> Member:
        opened.append(members[len(opened)])
        return opened[-1]

    monkeypatch.setattr(feed_state, "open_consumer", open_next)
    monkeypatch.setattr(feed_state, "JOIN_WITHIN_S", 0.1)
    states = FeedStates(Settings(), ["a"], quarantine=pytest.fail, worker="test")
    states.start()
    wait = threading.Event()
    for _turn in range(12_000):
        if members[2].polls >= 30 or states.failed is not None:  # three times as long as an unanswered one is kept
            break
        wait.wait(0.01)
    states.stop()
    states.join(60)
    assert states.failed is None
    assert opened == members
    assert [one.closed for one in members] == [True, True, True]
    assert members[2].polls >= 30
