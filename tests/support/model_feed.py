"""Polls of a feed written down as items, from its bytes to what a poll publishes and remembers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

import msgspec

from newsmon.codec import decode, encode
from newsmon.records import FeedState, FetchResult
from producers.articles.comparison import Comparison, compare
from producers.articles.known_entries import fingerprints_of, pack_entries
from producers.articles.matching import Elsewhere
from producers.articles.parse_job import ParseJob, drafts_of_body
from support.drafts import FEED, NOW, stamp, state
from support.feedserver import rss

Item = Mapping[str, str]


def poll(
    items: Sequence[Item], before: FeedState | None = None, *, feed_id: str = "a", now: datetime = NOW, elsewhere: Elsewhere | None = None
) -> tuple[Comparison, FeedState]:
    """A poll that shows these, and the state after it as it comes back from Kafka. Empty values are left out."""
    feed = msgspec.structs.replace(FEED, feed_id=feed_id)
    body = rss([{name: value for name, value in item.items() if value} for item in items])
    job = ParseJob(feed, body, "", feed.url, 500, now)
    if before is not None:
        job = replace(job, fingerprints=fingerprints_of(before.known), guids_repeat=before.guids_repeat, links=before.links)
    parsed = drafts_of_body(job)
    assert parsed.result is FetchResult.OK
    found = compare(parsed.drafts, before, feed, replace(stamp(), first_seen_at=now), links=parsed.links, elsewhere=elsewhere)
    assert found.new_count + found.revised_count + found.known_count + sum(found.rejected.values()) == len(items)
    repeat = parsed.guids_repeat or (before is not None and before.guids_repeat)
    after = state(known=pack_entries(found.known), guids_repeat=repeat, links=found.links)
    return found, decode(encode(after), FeedState)
