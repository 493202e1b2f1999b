"""The records on newsmon's Kafka topics: frozen, typed, versioned; the wire contract of all stages.

Times are aware UTC datetimes. Identities come from `newsmon.ids`. A change of shape raises the version in the
tag (`article/1` -> `article/2`); there is no silent widening: unknown fields are refused by `newsmon.codec`.
"""

from __future__ import annotations

from newsmon.records.articles import Article, Classification, Evidence, Match, SeverityStep, ThemeScore
from newsmon.records.base import Part, Record, UtcDatetime
from newsmon.records.deliveries import Delivery
from newsmon.records.feedback import Feedback, FeedbackVerdict
from newsmon.records.feeds import Feed, FeedKnown, FeedState, FetchOutcome, KnownEntry, Rhythm, Subscription, Trouble, WaitingPage
from newsmon.records.notices import Notice, NoticeKind, NoticeState
from newsmon.records.outcomes import (
    AlertReason,
    AlertState,
    ClassificationOutcome,
    DateQuality,
    DeliveryOutcome,
    DueReason,
    EntryRejection,
    FetchKind,
    FetchResult,
    Origin,
    PageResult,
    Relation,
    Severity,
    SeverityReason,
    TextSource,
)
from newsmon.records.stories import Alert, Member, RecentSource, Story, StoryState, ThemePulse, WindowSpread
from newsmon.records.themes import ActiveThemes

ALL_RECORDS: tuple[type[Record], ...] = (
    Feed, FeedState, FeedKnown, FetchOutcome, Article, Classification, Match, Story, StoryState, Alert, Delivery, Notice, ActiveThemes,
    Feedback,
)  # fmt: skip

__all__ = [
    "ALL_RECORDS",
    "ActiveThemes",
    "Alert",
    "AlertReason",
    "AlertState",
    "Article",
    "Classification",
    "ClassificationOutcome",
    "DateQuality",
    "Delivery",
    "DeliveryOutcome",
    "DueReason",
    "EntryRejection",
    "Evidence",
    "Feed",
    "FeedKnown",
    "FeedState",
    "Feedback",
    "FeedbackVerdict",
    "FetchKind",
    "FetchOutcome",
    "FetchResult",
    "KnownEntry",
    "Match",
    "Member",
    "Notice",
    "NoticeKind",
    "NoticeState",
    "Origin",
    "PageResult",
    "Part",
    "RecentSource",
    "Record",
    "Relation",
    "Rhythm",
    "Severity",
    "SeverityReason",
    "SeverityStep",
    "Story",
    "StoryState",
    "Subscription",
    "TextSource",
    "ThemePulse",
    "ThemeScore",
    "Trouble",
    "UtcDatetime",
    "WaitingPage",
    "WindowSpread",
]
