"""Every Kafka topic of newsmon: the only place that spells their names.

`Topic.named(prefix)` gives the name on the cluster. `news.story-state` has as many partitions as `news.matches`
on purpose: the grouping stage writes its state to the partition number its input came from.
"""

from __future__ import annotations

from dataclasses import dataclass

from newsmon.records import (
    ActiveThemes,
    Alert,
    Article,
    Classification,
    Corrected,
    Correction,
    Delivery,
    Feedback,
    FeedKnown,
    FeedState,
    FetchOutcome,
    Match,
    Notice,
    Record,
    Story,
    StoryState,
    WordCounts,
)

DAY_MS = 24 * 60 * 60 * 1000
KEYED_PARTITIONS = 6


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic; `retention_ms` None means compacted: the newest record of each key is kept forever."""

    base_name: str
    key: str
    record: type[Record] | None  # None: raw bytes of anything
    partitions: int
    retention_ms: int | None
    purpose: str
    also: tuple[type[Record], ...] = ()  # further records on the same topic, in one order with the others

    @property
    def records(self) -> tuple[type[Record], ...]:
        """Every kind of record on the topic; none for raw bytes."""
        return () if self.record is None else (self.record, *self.also)

    @property
    def compacted(self) -> bool:
        return self.retention_ms is None

    def named(self, prefix: str = "") -> str:
        return f"{prefix}{self.base_name}"


RETENTION_MS = 30 * DAY_MS
# A delivery proves that an alert or notice was sent, so it must outlive both. Kafka deletes whole segments, by default of a week, so
# these may stay for a week longer than their retention says.
PROOF_RETENTION_MS = 45 * DAY_MS

ARTICLES = Topic("news.articles", "article_id", Article, KEYED_PARTITIONS, RETENTION_MS, "every article revision, as a feed showed it")
FETCHES = Topic("news.fetches", "feed_id", FetchOutcome, KEYED_PARTITIONS, RETENTION_MS, "one record per poll, with counts that add up")
FEED_STATE = Topic("news.feed-state", "feed_id", FeedState, KEYED_PARTITIONS, None, "the polling state of each feed")
FEED_KNOWN = Topic(
    "news.feed-known", "feed_id", FeedKnown, KEYED_PARTITIONS, None, "most known entries of each feed; its states refer to them"
)
CLASSIFICATIONS = Topic(
    "news.classifications",
    "article_id",
    Classification,
    KEYED_PARTITIONS,
    RETENTION_MS,
    "one record per article record: the themes it belongs to, and why",
)
MATCHES = Topic(
    "news.matches",
    "theme_id",
    Match,
    KEYED_PARTITIONS,
    RETENTION_MS,
    "one record per theme that an article belongs to, and people's corrections of stories",
    also=(Correction,),
)
STORY_STATE = Topic(
    "news.story-state",
    "match_id",
    StoryState,
    KEYED_PARTITIONS,
    None,
    "the grouping stage's decisions, which are its memory",
    also=(Corrected,),
)
STORIES = Topic(
    "news.stories",
    "theme_id",
    Story,
    KEYED_PARTITIONS,
    RETENTION_MS,
    "a story after each new article, and the outcome of each correction",
    also=(Corrected,),
)
ALERTS = Topic("news.alerts", "theme_id", Alert, KEYED_PARTITIONS, RETENTION_MS, "every alert revision")
DELIVERIES = Topic("news.deliveries", "alert_id", Delivery, KEYED_PARTITIONS, PROOF_RETENTION_MS, "every delivery attempt")
THEMES = Topic("news.themes", "'active'", ActiveThemes, 1, None, "the themes that all processors use, with their files")
WORD_COUNTS = Topic(
    "news.word-counts", "day and partition", WordCounts, 1, None, "how many articles of each day hold each word, name, number and sentence"
)
FEEDBACK = Topic("news.feedback", "feedback_id", Feedback, KEYED_PARTITIONS, None, "people's feedback on articles and themes")
NOTICES = Topic("news.notices", "subject", Notice, KEYED_PARTITIONS, RETENTION_MS, "notices about newsmon itself, for its operators")
QUARANTINE = Topic(
    "news.quarantine", "key of the original", None, 3, 90 * DAY_MS, "records that could not be read or handled, and where they came from"
)

ALL_TOPICS: tuple[Topic, ...] = (
    ARTICLES,
    FETCHES,
    FEED_STATE,
    FEED_KNOWN,
    CLASSIFICATIONS,
    MATCHES,
    STORY_STATE,
    STORIES,
    ALERTS,
    DELIVERIES,
    THEMES,
    WORD_COUNTS,
    FEEDBACK,
    NOTICES,
    QUARANTINE,
)
