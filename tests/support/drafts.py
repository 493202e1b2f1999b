"""Drafts, feeds and states for tests of polls."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec

from newsmon import ids
from newsmon.records import Feed, FeedState, KnownEntry
from producers.articles.comparison import PollStamp
from producers.articles.draft import Draft, draft_of
from producers.formats.entry import Entry

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
FEED = Feed(feed_id="a", url="https://a.example/feed", source="A", language="en")


def draft(
    number: int, *, text: str = "What happened.", title: str | None = None, guid: str | None = "", site: str = "https://a.example"
) -> Draft:
    """Entry `number` of the feed, cleaned; `guid=None` leaves it out."""
    entry = Entry(
        guid=f"guid-{number}" if guid == "" else guid,
        link=f"{site}/{number}",
        title=title or f"Report number {number} of the day",
        summary=f"{text} ({number})",
        content="",
        published_raw="Mon, 23 Nov 2026 08:00:00 GMT",
    )
    made = draft_of(entry, FEED, base=None, first_seen_at=NOW)
    assert isinstance(made, Draft)
    return made


def stamp(poll_seq: int = 2, *, max_revisions: int = 24) -> PollStamp:
    return PollStamp(poll_seq, ids.poll_id("a", poll_seq, NOW.isoformat(), "t"), NOW, max_revisions)


def state(*known: Draft, revision: int = 1, **more: object) -> FeedState:
    """What the feed's state is after it showed these."""
    entries = tuple(
        KnownEntry(
            article_id=one.article_id, content_hash=one.content_hash, revision=revision,
            guid_hash=one.guid_hash, title_hash=one.title_hash, date_hash=one.date_hash, link_hash=one.link_hash,
        )
        for one in known
    )  # fmt: skip
    base = FeedState(
        feed_id="a", url=FEED.url, poll_seq=1, polled_at=NOW, next_due_at=NOW, interval_s=300, last_success_at=NOW, known=entries
    )
    return msgspec.structs.replace(base, **more)
