"""When the group never answers the first request to join, another member joins; an answer without partitions is an answer."""

from __future__ import annotations

import threading
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest
from kafka import TopicPartition
from support.samples import every_record
from support.storing import eventually

from newsmon.records import FeedState
from newsmon.settings import Settings
from producers.articles.known_entries import ENTRY_BYTES
from producers.articles.state_record import SavedState, StateWrite
from producers.polling import feed_states as feed_state
from producers.polling.feed_states import FeedStates


class Cluster:
    """What the client knows of the cluster."""

    cluster_id = "c"
    topic = "first"

    def topic_id(self, _topic: str) -> str:
        return self.topic


class Member:
    """What FeedStates uses of a KafkaConsumer; `answers` says whether the group lets it in, with `holds` to hold."""

    def __init__(self, *, answers: bool, holds: tuple[int, ...] = ()) -> None:
        self.answers = answers
        self.holds = holds
        self.polls = 0
        self.closed = False
        self.regroup = False
        self._listener: Any = None
        self._cluster = Cluster()
        self._coordinator = SimpleNamespace(request_rejoin=lambda: None)

    def pause(self, _partition: TopicPartition) -> None: ...

    def seek(self, _partition: TopicPartition, _offset: int) -> None: ...

    def partitions_for_topic(self, _topic: str) -> set[int]:
        return {0, 1}

    def subscribe(self, _topics: list[str], listener: Any) -> None:
        self._listener = listener

    def poll(self, timeout_ms: int) -> None:
        self.polls += 1
        threading.Event().wait(0.01)
        held = [TopicPartition("news.feed-state", number) for number in self.holds]
        if self.regroup:
            self._listener.on_partitions_revoked(held)
        if self.answers and (self.polls == 1 or self.regroup):
            self._listener.on_partitions_assigned(held)
        self.regroup = False

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


@pytest.mark.parametrize("regroup", [True, False], ids=["the group notices", "only the id shows it"])
def test_a_topic_created_again_leaves_the_memory_of_feeds_which_is_then_written_whole(
    monkeypatch: pytest.MonkeyPatch, regroup: bool
) -> None:
    """Otherwise each feed's next poll would count as its first: what is new in it would be a baseline."""
    member = Member(answers=True, holds=(0, 1))
    monkeypatch.setattr(feed_state, "open_consumer", lambda *_args, **_options: member)
    monkeypatch.setattr(feed_state, "read_states", lambda *_args, **_options: {})  # both topics are empty
    states = FeedStates(Settings(), ["wire"], quarantine=pytest.fail, worker="test")
    states.start()
    eventually(lambda: states.owned() == ("wire",), "the feed is ours")
    sample = next(one for one in every_record() if isinstance(one, FeedState))
    known = bytes(range(100)) * ENTRY_BYTES
    state = msgspec.structs.replace(sample, feed_id="wire", known=known, known_base=None, known_parts=())
    lease = states.lease("wire")
    assert lease is not None
    states.remember(StateWrite(None, state, SavedState(state, known)), lease)
    assert states.state_write_after(state).record.known_base is not None, "the record on the old topic refers to a base"
    member._cluster.topic = "second"
    member.regroup = regroup
    before = member.polls
    eventually(lambda: member.polls > before + 3 and states.owned() == ("wire",), "noticed")
    assert states.state_of("wire") == state
    written = states.state_write_after(state)
    assert (written.base, written.record.known_base, written.record.known) == (None, None, known)
    states.stop()
    states.join(60)
    assert states.failed is None
