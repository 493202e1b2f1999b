"""Fetches are short while records come and long when none do, and the first record makes them short again."""

from __future__ import annotations

from typing import Any

from processors.runner.app import FETCH_WAIT_MS, QUIET_AFTER_S, QUIET_FETCH_WAIT_MS, pace_fetches


class Fetcher:
    """The two things of aiokafka's fetcher that are used."""

    def __init__(self) -> None:
        self._fetch_max_wait_ms = FETCH_WAIT_MS
        self.finds = False

    async def _proc_fetch_request(self, _assignment: Any, _node: int, _request: Any) -> bool:
        return self.finds


async def test_a_quiet_topic_is_asked_seldom_and_a_record_ends_that() -> None:
    now_s = 100.0
    fetcher = Fetcher()
    pace_fetches(fetcher, monotonic=lambda: now_s)

    async def wait_ms_after(*, finds: bool) -> int:
        fetcher.finds = finds
        assert await fetcher._proc_fetch_request(None, 1, None) is finds
        return fetcher._fetch_max_wait_ms

    assert await wait_ms_after(finds=False) == FETCH_WAIT_MS
    now_s += QUIET_AFTER_S
    assert await wait_ms_after(finds=False) == QUIET_FETCH_WAIT_MS
    assert await wait_ms_after(finds=True) == FETCH_WAIT_MS
    now_s += QUIET_AFTER_S / 2
    assert await wait_ms_after(finds=False) == FETCH_WAIT_MS
