"""Turns records into rows: which tables a record fills, and with what. Records in, plain dicts out.

A field goes into the column of its name. `sinks.store.not_stored` names the fields without a column, and why.
PostgreSQL cannot store the character U+0000 and SQLite can: `storable` puts U+FFFD in its place on both, so that the
rows are equal and every span into a text still fits.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import cache
from typing import Any

import msgspec
from sqlalchemy import Table

from newsmon import ids
from newsmon.records import (
    Alert,
    Article,
    Classification,
    Corrected,
    Correction,
    CorrectionKind,
    CorrectionOutcome,
    Feedback,
    FeedState,
    FetchOutcome,
    Match,
    Notice,
    Part,
    Record,
    Story,
)
from sinks.database import tables

Row = dict[str, Any]
Rows = tuple[tuple[str, Row], ...]  # (table name, row)

NUL_STANDS_IN = "\ufffd"
_AS_THEY_ARE = frozenset({str, int, float, bool, type(None), datetime})


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
    return kind in (list, tuple) and any(map(_has_nul, value))


def _without_nul(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace("\x00", NUL_STANDS_IN)
    if isinstance(value, dict):
        return {_without_nul(key): _without_nul(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_without_nul(item) for item in value]
    return value


def _columns(record: Record | Part, table: Table) -> Row:
    """The record's fields that the table has a column for, by name: a new field needs a column and no line here."""
    return {name: _plain(getattr(record, name)) for name in _shared(type(record), table)}


@cache
def _shared(kind: type[Record | Part], table: Table) -> tuple[str, ...]:
    return tuple(name for name in kind.__struct_fields__ if name in table.c)


def _plain(value: Any) -> Any:
    """The value for a column: words of closed sets as texts, parts as dicts, times as they are."""
    return value if type(value) in _AS_THEY_ARE else msgspec.to_builtins(value)


def _feed_state(state: FeedState) -> Rows:
    return (("feed_states", _columns(state, tables.feed_states)),)


def _fetch(fetch: FetchOutcome) -> Rows:
    return (("fetches", _columns(fetch, tables.fetches) | {"rejected_count": sum(fetch.rejected.values())}),)


def _article(article: Article) -> Rows:
    return (
        ("sightings", _columns(article, tables.sightings)),
        ("revisions", _columns(article, tables.revisions)),
        ("articles", _columns(article, tables.articles)),
    )


def _classification(answer: Classification) -> Rows:
    theme_ids = sorted(set(answer.matched_theme_ids))
    row = _columns(answer, tables.classifications) | {"matched_count": len(theme_ids)}
    key = _columns(answer, tables.classified_themes)
    themes = (("classified_themes", key | {"match_id": ids.match_id(answer.revision_id, one), "theme_id": one}) for one in theme_ids)
    return (("classifications", row), *themes)


def _match(match: Match) -> Rows:
    return (("matches", _columns(match.article, tables.matches) | _columns(match, tables.matches)),)


def _story(story: Story) -> Rows:
    row = ("stories", _columns(story, tables.stories))
    if story.latest is None:
        return (row,)
    member = _columns(story.latest, tables.members) | {
        "story_id": story.story_id,
        "theme_id": story.theme_id,
        "story_revision": story.revision,
        "alert_decision": story.alert_decision.value,
        "decided_at": story.updated_at,
    }
    if story.event is None:
        return (row, ("members", member))
    event = _columns(story, tables.events) | _columns(story.event, tables.events) | {"story_revision": story.revision}
    return (row, ("events", event), ("members", member))


def _correction(correction: Correction) -> Rows:
    return (("corrections", _columns(correction, tables.corrections)),)


def _corrected(answer: Corrected) -> Rows:
    correction_id = answer.correction.correction_id
    moved = (
        _columns(one, tables.moves)
        | {"correction_id": correction_id, "moved_at": answer.decided_at, "correction_offset": answer.source_offset}
        for one in answer.moved
    )
    row = _columns(answer, tables.corrected) | {
        "correction_id": correction_id, "moved_count": len(answer.moved), "new_story_id": split_off(answer),
    }  # fmt: skip
    return (("corrected", row), *(("moves", one) for one in moved))


def split_off(answer: Corrected) -> str | None:
    """The story that a split made; None for a merge, and for a split that changed nothing."""
    made = answer.correction.kind is CorrectionKind.SPLIT and answer.outcome is CorrectionOutcome.APPLIED
    return ids.split_story_id(answer.correction.theme_id, answer.correction.correction_id) if made else None


def _alert(alert: Alert) -> Rows:
    event_id = alert.event.event_id if alert.event is not None else None
    return (("alerts", _columns(alert, tables.alerts) | {"match_id": causing_match(alert), "event_id": event_id}),)


def _feedback(given: Feedback) -> Rows:
    return (("feedback", _columns(given, tables.feedback)),)


def _notice(notice: Notice) -> Rows:
    return (("notices", _columns(notice, tables.notices) | {"said_at": notice.at}),)


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
    Correction: _correction,
    Corrected: _corrected,
    Alert: _alert,
    Feedback: _feedback,
    Notice: _notice,
}
_WITHOUT_SOURCE = frozenset({"revisions", "articles", "classified_themes"})
