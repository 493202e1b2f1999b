"""Records to rows: every table gets what it needs, in types a database can hold."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.samples import article, every_record

from newsmon import ids
from newsmon.records import Alert, AlertState, Article, Classification, Delivery, Feed, FetchOutcome, Match, Record, Story, StoryState
from sinks.database import outbox_tables  # noqa: F401 - completes the metadata
from sinks.database.tables import metadata
from sinks.store.rows import causing_match, rows_of, storable
from sinks.store.service import KEPT

SAMPLES = {type(record): record for record in every_record()}


def rows(record: Record) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for table, row in rows_of(record, partition=3, offset=41):
        found.setdefault(table, []).append(row)
    return found


@pytest.mark.parametrize("record", every_record(), ids=lambda record: type(record).__name__)
def test_a_row_has_exactly_the_columns_of_its_table(record: Record) -> None:
    for name, row in rows_of(record, partition=0, offset=0):
        assert set(row) == set(metadata.tables[name].columns.keys()), name
        assert name in KEPT, "the store must know which of two rows stays"


@pytest.mark.parametrize("kind", [Feed, StoryState, Delivery])
def test_what_is_no_row_makes_none(kind: type[Record]) -> None:
    assert rows_of(SAMPLES[kind], partition=0, offset=0) == ()


def test_an_article_is_a_sighting_a_text_and_the_newest_of_its_kind() -> None:
    one = SAMPLES[Article]
    found = rows(one)
    assert set(found) == {"sightings", "revisions", "articles"}
    assert found["revisions"][0]["body"] == one.body
    assert found["sightings"][0]["kafka_offset"] == 41
    assert "body" not in found["sightings"][0], "the text is stored once, however many feeds show it"


def test_a_classification_names_the_matches_to_expect() -> None:
    answer = SAMPLES[Classification]
    themes = rows(msgspec.structs.replace(answer, matched_theme_ids=("b", "a", "b")))
    assert [row["theme_id"] for row in themes["classified_themes"]] == ["a", "b"]
    assert themes["classified_themes"][0]["match_id"] == ids.match_id(answer.revision_id, "a")
    assert themes["classifications"][0]["matched_count"] == 2


def test_a_match_keeps_the_text_its_spans_point_into() -> None:
    match = SAMPLES[Match]
    (row,) = rows(match)["matches"]
    for clause in row["evidence"]:
        assert row[clause["field"]][clause["start"] : clause["end"]] == clause["text"]


def test_rejections_are_counted_by_reason_and_in_all() -> None:
    fetch = SAMPLES[FetchOutcome]
    raw = msgspec.structs.replace(fetch, rejected={"no_text": 2, "duplicate_entry": 3})  # type: ignore[arg-type]
    (row,) = rows(raw)["fetches"]
    assert (row["rejected"], row["rejected_count"]) == ({"no_text": 2, "duplicate_entry": 3}, 5)


def test_a_story_that_closed_has_no_new_member() -> None:
    closed = msgspec.structs.replace(SAMPLES[Story], latest=None, state=AlertState.CLOSED)
    assert set(rows(closed)) == {"stories"}


def test_a_closed_alert_was_caused_by_no_match() -> None:
    alert = SAMPLES[Alert]
    assert causing_match(alert) == alert.articles[0].match_id
    assert causing_match(msgspec.structs.replace(alert, state=AlertState.CLOSED)) is None


def test_a_nul_is_replaced_and_nothing_moves() -> None:
    one = article(title="a\x00b", body="\x00")
    found = rows(one)
    assert found["revisions"][0]["title"] == "a\ufffdb"
    assert len(found["revisions"][0]["body"]) == 1


@settings(max_examples=80)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
        max_leaves=12,
    )
)
def test_storable_leaves_no_nul_and_changes_nothing_else(value: Any) -> None:
    once = storable(value)
    assert "\x00" not in _texts(once)
    assert storable(once) == once
    if "\x00" not in _texts(value):
        assert once == value


def _texts(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, dict):
        return "".join(_texts(key) + _texts(item) for key, item in value.items())
    return "".join(map(_texts, value)) if isinstance(value, list) else ""
