"""The records on newsmon's Kafka topics: frozen, typed, versioned; the wire contract of all stages.

Times are aware UTC datetimes. Identities come from `newsmon.ids`.

One rule for versions: the content allowed in a version of a record never changes. A field more or less, another type or
default, a new word in a closed set: anything an older newsmon would refuse or misread is a new version. Raise the number in
the tag (`article/1` becomes `article/2`) and add the step from the previous version to `newsmon.records.upgrades`.
A record inside another one has its own tag, so the outer one keeps its number. A part (`Member`, `Evidence`) has no tag:
every record that holds it gets a new version.

A newer newsmon always reads every older version. An older newsmon refuses a newer version, as it refuses unknown
fields: the bytes go to quarantine as `unknown_version`, and `newsmon quarantine replay` sends them back once it is
upgraded. So upgrade the stages that read before the stage that writes: store and deliver, then processors, then producers.
"""

from __future__ import annotations

from newsmon.records.articles import Article, Classification, Evidence, Match, SeverityStep, StoryRules, TextSpan, ThemeScore, Traits
from newsmon.records.base import Part, Record, UtcDatetime
from newsmon.records.corrections import (
    Corrected,
    Correction,
    CorrectionKind,
    CorrectionOutcome,
    GroupInput,
    GroupState,
    Moved,
    RegroupedEvent,
    RegroupedStory,
    input_id,
    state_id,
)
from newsmon.records.deliveries import Delivery
from newsmon.records.feedback import Feedback, FeedbackVerdict
from newsmon.records.feeds import (
    Feed,
    FeedKnown,
    FeedState,
    FetchOutcome,
    KnownEntry,
    LinkHabits,
    RejectedEntries,
    Rhythm,
    Subscription,
    Trouble,
    WaitingPage,
)
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
from newsmon.records.stories import (
    Alert,
    Event,
    Likeness,
    Member,
    RecentSource,
    Story,
    StoryState,
    ThemePulse,
    WindowSpread,
)
from newsmon.records.themes import ActiveThemes
from newsmon.records.word_counts import WordCounts

ALL_RECORDS: tuple[type[Record], ...] = (
    Feed, FeedState, FeedKnown, FetchOutcome, Article, Classification, Match, Story, StoryState, Alert, Delivery, Notice, ActiveThemes,
    Feedback, Correction, Corrected, WordCounts,
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
    "Corrected",
    "Correction",
    "CorrectionKind",
    "CorrectionOutcome",
    "DateQuality",
    "Delivery",
    "DeliveryOutcome",
    "DueReason",
    "EntryRejection",
    "Event",
    "Evidence",
    "Feed",
    "FeedKnown",
    "FeedState",
    "Feedback",
    "FeedbackVerdict",
    "FetchKind",
    "FetchOutcome",
    "FetchResult",
    "GroupInput",
    "GroupState",
    "KnownEntry",
    "Likeness",
    "LinkHabits",
    "Match",
    "Member",
    "Moved",
    "Notice",
    "NoticeKind",
    "NoticeState",
    "Origin",
    "PageResult",
    "Part",
    "RecentSource",
    "Record",
    "RegroupedEvent",
    "RegroupedStory",
    "RejectedEntries",
    "Relation",
    "Rhythm",
    "Severity",
    "SeverityReason",
    "SeverityStep",
    "Story",
    "StoryRules",
    "StoryState",
    "Subscription",
    "TextSource",
    "TextSpan",
    "ThemePulse",
    "ThemeScore",
    "Traits",
    "Trouble",
    "UtcDatetime",
    "WaitingPage",
    "WindowSpread",
    "WordCounts",
    "input_id",
    "state_id",
]
