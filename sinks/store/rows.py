"""Records to rows: which tables a record fills, and with what. Pure: records in, plain dicts out.

PostgreSQL cannot store the character U+0000 and SQLite can: `storable` puts U+FFFD in its place on both, so that the
rows are equal and every span into a text still fits.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from newsmon import ids
from newsmon.records import Alert, Article, Classification, Feedback, FeedState, FetchOutcome, Match, Notice, Record, Story

Row = dict[str, Any]
Rows = tuple[tuple[str, Row], ...]  # (table name, row)

NUL_STANDS_IN = "\ufffd"


def rows_of(record: Record, *, partition: int, offset: int) -> Rows:
    """The rows of one record read at partition and offset of its topic; none for records that are not stored."""
    mapping = _MAPPINGS.get(type(record))
    if mapping is None:
        return ()
    source = {"kafka_partition": partition, "kafka_offset": offset}
    return tuple((table, storable(row if table in _WITHOUT_SOURCE else row | source)) for table, row in mapping(record))


def storable(value: Any) -> Any:
    """The same value with every U+0000 in its texts replaced, at any depth; the value itself where there is none."""
    return _without_nul(value) if _has_nul(value) else value


def _has_nul(value: Any) -> bool:
    kind = type(value)
    if kind is str:
        return "\x00" in value
    if kind is dict:
        return any(map(_has_nul, value.values())) or any(map(_has_nul, value))
    return kind is list and any(map(_has_nul, value))


def _without_nul(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace("\x00", NUL_STANDS_IN)
    if isinstance(value, dict):
        return {_without_nul(key): _without_nul(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_without_nul(item) for item in value]
    return value


def _plain(value: Any) -> Any:
    """What a JSON column takes: lists, dicts, texts and numbers."""
    return msgspec.to_builtins(value)


def _fields(record: Record, *names: str) -> Row:
    return {name: getattr(record, name) for name in names}


def _feed_state(state: FeedState) -> Rows:
    row = _fields(
        state, "feed_id", "url", "poll_seq", "polled_at", "next_due_at", "interval_s", "failure_count",
        "last_success_at", "last_new_article_at",
    )  # fmt: skip
    return (("feed_states", row | {"last_result": state.last_result.value}),)


def _fetch(fetch: FetchOutcome) -> Rows:
    row = _fields(
        fetch, "feed_id", "poll_seq", "poll_id", "started_at", "finished_at", "status", "detail", "body_bytes", "entry_count",
        "new_count", "revised_count", "known_count", "reidentified_count", "gap_suspected", "retry_after_s", "next_due_at",
    )  # fmt: skip
    row |= {"result": fetch.result.value, "rejected": _plain(fetch.rejected), "rejected_count": sum(fetch.rejected.values())}
    return (("fetches", row),)


def _article(article: Article) -> Rows:
    sighting = _fields(
        article, "feed_id", "poll_seq", "article_id", "poll_id", "revision_id", "revision", "source", "tier", "country", "url", "guid",
        "published_at", "published_raw", "first_seen_at", "baseline", "reidentified",
    ) | {"origin": article.origin.value, "date_quality": article.date_quality.value}  # fmt: skip
    revision = _fields(
        article, "revision_id", "article_id", "content_hash", "title", "lead", "body", "language", "feed_id", "poll_seq", "first_seen_at"
    )
    newest = _fields(
        article, "article_id", "revision_id", "revision", "feed_id", "source", "url", "title", "language", "published_at", "first_seen_at"
    )
    return (("sightings", sighting), ("revisions", revision), ("articles", newest))


def _classification(answer: Classification) -> Rows:
    key = _fields(answer, "revision_id", "feed_id", "poll_seq", "generation", "classified_at")
    row = key | _fields(answer, "article_id", "revision", "language")
    row |= {
        "origin": answer.origin.value,
        "outcome": answer.outcome.value,
        "scores": _plain(answer.scores),
        "matched_theme_ids": list(answer.matched_theme_ids),
        "matched_count": len(set(answer.matched_theme_ids)),
    }
    themes = (
        ("classified_themes", key | {"match_id": ids.match_id(answer.revision_id, theme), "theme_id": theme})
        for theme in sorted(set(answer.matched_theme_ids))
    )
    return (("classifications", row), *themes)


def _match(match: Match) -> Rows:
    row = _fields(match, "match_id", "theme_id", "theme_label", "theme_version", "generation", "score", "threshold", "matched_at")
    row |= _fields(
        match.article, "revision_id", "article_id", "feed_id", "poll_seq", "source", "url", "language", "title", "lead", "body",
        "published_at", "first_seen_at",
    )  # fmt: skip
    row |= {
        "origin": match.article.origin.value,
        "severity": match.severity.value,
        "evidence": _plain(match.evidence),
        "also_matched": _plain(match.also_matched),
    }
    return (("matches", row),)


def _story(story: Story) -> Rows:
    row = _fields(
        story, "story_id", "theme_id", "revision", "title", "opened_at", "updated_at", "closed_at",
        "article_count", "copy_count", "source_count", "outlet_count",
    )  # fmt: skip
    row |= {
        "state": story.state.value,
        "severity": story.severity.value,
        "severity_reason": story.severity_reason.value,
        "languages": list(story.languages),
    }
    if story.latest is None:
        return (("stories", row),)
    latest = story.latest
    member = {
        "match_id": latest.match_id, "article_id": latest.article_id, "revision_id": latest.revision_id, "copy_of": latest.copy_of,
        "source": latest.source, "tier": latest.tier, "url": latest.url, "title": latest.title, "language": latest.language,
        "score": latest.score, "published_at": latest.published_at, "first_seen_at": latest.first_seen_at,
        "relation": latest.relation.value, "alert_decision": story.alert_decision.value,
        "story_id": story.story_id, "theme_id": story.theme_id, "story_revision": story.revision, "decided_at": story.updated_at,
    }  # fmt: skip
    return (("stories", row), ("members", member))


def _alert(alert: Alert) -> Rows:
    row = _fields(
        alert, "alert_id", "revision", "story_id", "theme_id", "theme_label", "theme_version", "generation", "title", "lead",
        "score", "threshold", "article_count", "source_count", "outlet_count", "opened_at", "raised_at",
    )  # fmt: skip
    row |= {
        "state": alert.state.value,
        "reason": alert.reason.value,
        "severity": alert.severity.value,
        "severity_reason": alert.severity_reason.value,
        "origin": alert.origin.value,
        "match_id": causing_match(alert),
        "evidence": _plain(alert.evidence),
        "also_matched": _plain(alert.also_matched),
        "articles": _plain(alert.articles),
    }
    return (("alerts", row),)


def _feedback(given: Feedback) -> Rows:
    row = _fields(given, "feedback_id", "article_id", "revision_id", "theme_id", "note", "by", "given_at")
    return (("feedback", row | {"verdict": given.verdict.value}),)


def _notice(notice: Notice) -> Rows:
    row = _fields(notice, "notice_id", "revision", "subject", "text", "opened_at", "stage")
    row |= {
        "kind": notice.kind.value, "state": notice.state.value, "severity": notice.severity.value, "said_at": notice.at,
        "details": dict(notice.details),
    }  # fmt: skip
    return (("notices", row),)


def causing_match(alert: Alert) -> str | None:
    """The match that caused this revision: its article stands first. None for a closed alert, which no match caused."""
    if alert.state.value == "closed" or not alert.articles:
        return None
    return alert.articles[0].match_id


_MAPPINGS: dict[type[Record], Callable[[Any], Rows]] = {
    FeedState: _feed_state,
    FetchOutcome: _fetch,
    Article: _article,
    Classification: _classification,
    Match: _match,
    Story: _story,
    Alert: _alert,
    Feedback: _feedback,
    Notice: _notice,
}
_WITHOUT_SOURCE = frozenset({"revisions", "articles", "classified_themes"})
