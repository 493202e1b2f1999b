"""Which feed is polled next: who has been due longest goes first, and a host that cannot be asked now holds nobody else up. [pure]"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from heapq import heapify, heappop

from newsmon.records import Feed, FeedState


def due_at(feed: Feed, state: FeedState | None, *, not_before: datetime, publishing_failed: bool) -> datetime:
    """Since when the feed is due, or when it will be.

    `not_before` spreads first polls and repeats of polls that Kafka did not take (`publishing_failed`); a feed that was polled
    and published before is not bound by it. One whose address changed in the configuration is due at once.
    """
    if state is None:
        return not_before
    if state.url != feed.url:
        return state.polled_at
    return max(state.next_due_at, not_before) if publishing_failed else state.next_due_at


def poll_order(due_times: Iterable[tuple[datetime, str]], is_free: Callable[[str], bool], *, now: datetime) -> Iterator[str]:
    """The feeds to poll, one by one as they are asked for, the longest due first and among equals by name.

    `is_free` says whether a feed's host may be asked at that moment: what the caller starts may change it for the next. Feeds
    that are not due are never put in order, and neither are more of the due than the caller takes.
    """
    due = [one for one in due_times if one[0] <= now]
    heapify(due)
    while due:
        _since, feed_id = heappop(due)
        if is_free(feed_id):
            yield feed_id
