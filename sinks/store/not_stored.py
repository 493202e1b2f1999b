"""The record fields that the database leaves out, and why; a test fails for a field that is neither in a row nor here.

A field of a part is named with its path, `latest.tier`; a record inside another one has its own rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from newsmon.records import ActiveThemes, Corrected, Delivery, Feed, FeedKnown, FeedState, Match, Record, Story, StoryState, WordCounts

NOT_STORED_RECORDS: Mapping[type[Record], str] = {
    Feed: "the configuration says it, and no topic carries it",
    FeedKnown: "the producer's memory of entries, of use to a producer alone",
    StoryState: "the processor's memory; what it decided is stored from news.stories and news.alerts",
    ActiveThemes: "theme files under version control say it; matches and classifications name the generation they were made by",
    WordCounts: "the processor's memory of the news at large; each match carries what came of it",
    Delivery: "the delivery stage stores its attempts itself; a new database learns from this topic what was sent",
}


def _each(names: Iterable[str], reason: str) -> dict[str, str]:
    return dict.fromkeys(names, reason)


NOT_STORED_FIELDS: Mapping[type[Record], Mapping[str, str]] = {
    FeedState: _each(
        ("etag", "last_modified", "body_sha256", "validator_lie_count", "forced_full_at", "conditional_count", "hint_s",
         "validators_lied_at", "validator_trust", "outdated_etag", "outdated_last_modified", "conditional_failure_count", "unheeded_count",
         "quiet_poll_count", "usual_quiet_polls"),
        "how the producer asks next; nothing else depends on it",
    )
    | _each(
        (
            "known", "known_form", "known_base", "known_parts", "guids_repeat", "links", "charset", "pages", "subscription", "rhythm",
            "result_counts", "rejecting",
        ),
        "the producer's memory; `newsmon feeds list` reads it from news.feed-state",
    )
    | _each(
        ("gap_count", "last_gap_at", "gap_said_at", "moved_to", "moved_count", "moved_since", "moved_same", "address", "trouble",
         "recovered_at"),
        "what it leads to is a notice, and notices are stored",
    )
    | {"due_reason": "stored for each poll, in fetches"},
    Match: {
        "severity_steps": "the theme's rules say it, under `theme_version`; what came of it is in stories.severity_reason",
        "stories": "the theme's file says it, under `theme_version`",
        "traits": "what the processor compares articles by; they follow from the article",
    },
    Corrected: _each(("stories", "alerts"), "records of their own on news.stories and news.alerts")
    | _each(("regrouped_events", "regrouped_stories"), "the processor's memory; `moves` and the stories' records say what changed"),
    Story: {"members": "a bounded list; each member has its own row, from the revision it came with"},
}  # fmt: skip
