"""The order of due feeds: the longest due first; a busy host does not delay feeds on other hosts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from heapq import heapify, heappop

from newsmon.records import Feed, FeedState


def due_at(feed: Feed, state: FeedState | None, *, not_before: datetime, publishing_failed: bool) -> datetime:
    """The time since when the feed is due, or when it will be.

    `not_before` applies to first polls, and to repeats of polls that Kafka refused (`publishing_failed`). A feed whose address
    changed in the configuration is due at once.
    """
    if state is None:
        return not_before
    if state.url != feed.url:
        return state.polled_at
    return max(state.next_due_at, not_before) if publishing_failed else state.next_due_at


def poll_order(due_times: Iterable[tuple[datetime, str]], is_free: Callable[[str], bool], *, now: datetime) -> Iterator[str]:
    """The due feeds whose host is free, the longest due first, ties by name.

    `is_free` is asked at the moment a feed is taken, because polls the caller has just started may occupy its host. Only as many
    feeds are sorted as the caller takes.
    """
    due = [one for one in due_times if one[0] <= now]
    heapify(due)
    while due:
        _since, feed_id = heappop(due)
        if is_free(feed_id):
            yield feed_id
