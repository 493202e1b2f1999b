"""The articles of an archive as the producer would have published them at the time: live, new or revised.

In: lines in the order of time, the configured feeds. Out: `Article`, or why a line gave none.
A publisher that a configured feed reads has that feed's name, tier, country and language; the line's own values come first.
Known articles are remembered, the newest ones only, as in a feed's state.
"""

from __future__ import annotations

from collections import OrderedDict
from datetime import datetime

from newsmon import ids
from newsmon.records import Article, DateQuality, EntryRejection, Feed, Origin
from newsmon.records.shared_fields import shared_fields
from producers.articles.archive_lines import IDENTITY, Line, Refusal, draft_of_line
from producers.articles.draft import Draft
from producers.articles.publishers import UNKNOWN_TIER, Publishers, publisher_feed

MAX_KNOWN = 200_000  # articles: more than 176 outlets publish in a month, in some 40 MB


class PastArticles:
    """Turns lines into articles, and remembers which texts were there before."""

    def __init__(self, publishers: Publishers, *, source: str, max_revisions: int) -> None:
        self._publishers = publishers
        self._unknown = unknown_feed(source)
        self._max_revisions = max_revisions
        self._known: OrderedDict[str, tuple[str, int]] = OrderedDict()  # article -> content hash, revision

    def article(self, line: Line, at: datetime, number: int) -> Article | Refusal:
        """The article that the line first seen `at` gives. A text that is already known gives the article again, as another sighting."""
        feed = publisher_feed(line.source, line.url, self._publishers) or self._unknown
        draft = draft_of_line(line, feed, at)
        if isinstance(draft, Refusal):
            return draft
        content, revision = self._known.pop(draft.article_id, (draft.content_hash, 1))
        if content != draft.content_hash:
            if revision >= self._max_revisions:
                self._known[draft.article_id] = content, revision
                return Refusal(EntryRejection.TOO_MANY_REVISIONS, f"the article has {revision} revisions already")
            revision += 1
        self._known[draft.article_id] = draft.content_hash, revision
        if len(self._known) > MAX_KNOWN:
            self._known.popitem(last=False)
        return past_article(draft, line, feed, revision=revision, at=at, number=number)


def past_article(draft: Draft, line: Line, feed: Feed, *, revision: int, at: datetime, number: int) -> Article:
    """The draft of a line as live news first seen `at`. The line's own values come before the feed's."""
    return Article(
        **shared_fields(draft, Article) | {"language": line.lang or draft.language},
        revision=revision,
        revision_id=ids.revision_id(draft.article_id, draft.content_hash),
        origin=Origin.LIVE,
        feed_id=feed.feed_id,
        source=line.source if line.source and feed.feed_id == IDENTITY else feed.source,
        tier=line.tier or feed.tier,
        country=line.country or feed.country,
        poll_seq=number,
        poll_id="",
        published_at=draft.published.at,
        published_raw=draft.published.raw,
        date_quality=draft.published.quality if draft.published.raw else DateQuality.MISSING,
        first_seen_at=at,
    )


def unknown_feed(source: str) -> Feed:
    """Stands in for the feed of a publisher that no configured feed reads; `source` is for lines that name none."""
    return Feed(feed_id=IDENTITY, url="", source=source, tier=UNKNOWN_TIER)
