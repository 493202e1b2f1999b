"""One producer replica: the parts that its polls, page updates and hub updates share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from newsmon.records import Feed, FeedState
from newsmon.settings import Settings
from producers.articles.across_feeds import ArticlesAcrossFeeds
from producers.articles.comparison import PollStamp
from producers.articles.publishers import Publishers
from producers.polling.feed_states import FeedStates
from producers.polling.poller import stamp_of
from producers.polling.report_writer import ReportWriter
from producers.polling.slots import FeedSlots


@dataclass(frozen=True, slots=True)
class Replica:
    """`worker` is the replica's name: it tells this process from others."""

    settings: Settings
    feeds: Mapping[str, Feed]
    states: FeedStates
    slots: FeedSlots
    reports: ReportWriter
    worker: str
    across: ArticlesAcrossFeeds = field(default_factory=ArticlesAcrossFeeds)
    publishers: Publishers = field(default_factory=dict)

    def look_at_new_feeds(self, owned: tuple[str, ...]) -> None:
        """Remember what feeds that came to this replica have shown, before they are polled."""
        new_here = self.across.unfilled(owned)
        for feed_id in owned if new_here else ():
            if feed_id in new_here:
                self.across.fill(feed_id, self.states.state_of(feed_id), feed_count=len(owned))

    def stamp(self, feed: Feed, state: FeedState) -> PollStamp:
        """The stamp, made now, of a report that is not a poll."""
        return stamp_of(feed, state, now=datetime.now(UTC), worker=self.worker, max_revisions=self.settings.producer.max_revisions)
