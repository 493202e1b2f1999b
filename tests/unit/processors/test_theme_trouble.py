"""The notice about refused theme files reaches people: after a kill before Kafka had it, and when the same mistake is made again."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from newsmon.codec import decode
from newsmon.errors import Problem
from newsmon.records import Notice, NoticeState
from newsmon.settings import Settings
from newsmon.words.watch import WordWatch
from processors.handling.messages import Outgoing
from processors.rollout.theme_reloader import ThemeReloader

PROBLEMS = (Problem("us-trade.toml:3", "expected '='"),)


class Kafka:
    """Takes what is published, or is away."""

    def __init__(self) -> None:
        self.is_away = False
        self.told: list[Notice] = []

    async def publish(self, records: Sequence[Outgoing]) -> None:
        if self.is_away:
            raise KeyboardInterrupt  # the process is killed while it waits
        self.told += [decode(one.value, Notice) for one in records]


def reloader(state_dir: Path, kafka: Any) -> ThemeReloader:
    settings = Settings(state_dir=state_dir)
    words = WordWatch(settings.words.directory, keep_in=state_dir)
    return ThemeReloader(settings, kafka, lambda _themes: None, words, worker="processor@host")


async def test_a_notice_that_kafka_never_took_is_told_by_the_next_process_and_then_not_again(tmp_path: Path) -> None:
    kafka = Kafka()
    kafka.is_away = True
    with pytest.raises(KeyboardInterrupt):
        await reloader(tmp_path, kafka)._refuse(PROBLEMS)
    kafka.is_away = False
    await reloader(tmp_path, kafka)._refuse(PROBLEMS)
    await reloader(tmp_path, kafka)._refuse(PROBLEMS)
    assert [(one.state, one.revision) for one in kafka.told] == [(NoticeState.RAISED, 1)]


async def test_the_same_mistake_made_again_is_told_again(tmp_path: Path) -> None:
    """Receivers take an equal id and revision for a repeat of what they have."""
    kafka = Kafka()
    for _ in range(2):
        await reloader(tmp_path, kafka)._refuse(PROBLEMS)
        await reloader(tmp_path, kafka)._accepted()
    assert len({one.notice_id for one in kafka.told}) == 1
    assert [(one.state, one.revision) for one in kafka.told] == [
        (NoticeState.RAISED, 1), (NoticeState.RESOLVED, 2), (NoticeState.RAISED, 3), (NoticeState.RESOLVED, 4),
    ]  # fmt: skip
