"""Records to rows: every table gets what it needs, in types a database can hold."""

from __future__ import annotations

from typing import Any

import msgspec
import msgspec.inspect as types
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.kept_records import filled
from support.samples import article, every_record

from newsmon import ids
from newsmon.records import (
    ALL_RECORDS,
    Alert,
    AlertState,
    Article,
    Classification,
    Evidence,
    FetchOutcome,
    Match,
    Part,
    Record,
    Story,
)
from sinks.database import outbox_tables  # noqa: F401 - completes the metadata
from sinks.database.columns import DIGEST
from sinks.database.tables import metadata
from sinks.store.not_stored import NOT_STORED_FIELDS, NOT_STORED_RECORDS
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
        assert set(row) | {DIGEST} == set(metadata.tables[name].columns.keys()), name  # whoever writes the row adds its digest
        assert name in KEPT, "the store must know which of two rows stays"


@pytest.mark.parametrize("kind", ALL_RECORDS, ids=lambda kind: kind.__name__)
def test_every_field_of_a_record_is_stored_or_named_as_not_stored(kind: type[Record]) -> None:
    """Red: give the field a column (and a migration), or name it in sinks/store/not_stored.py with the reason."""
    one, other = filled(kind), filled(kind, 1)
    if kind in NOT_STORED_RECORDS:
        assert rows(one) == {}
        return
    named = set(NOT_STORED_FIELDS.get(kind, {}))
    paths = set(_paths(kind, named))
    lost = {path for path in paths if rows(_with(one, other, path)) == rows(one)}
    assert lost - named == set(), "neither stored nor named"
    assert named - lost == set(), "named, but stored or no field"


def test_what_is_not_stored_is_said_with_a_reason() -> None:
    reasons = [*NOT_STORED_RECORDS.values(), *(reason for fields in NOT_STORED_FIELDS.values() for reason in fields.values())]
    assert all(len(reason.split()) >= 4 for reason in reasons)


def _paths(kind: type[Any], whole: set[str]) -> list[str]:
    """Every field; in place of one that holds a part those of the part, unless it is named as a whole. A record has rows of its own."""
    found: list[str] = []
    for field in types.type_info(kind).fields:  # type: ignore[attr-defined]
        held = [one.cls for one in getattr(field.type, "types", (field.type,)) if isinstance(one, types.StructType)]
        is_part = bool(held) and issubclass(held[0], Part) and field.name not in whole
        found += [f"{field.name}.{path}" for path in _paths(held[0], set())] if is_part else [field.name]
    return found


def _with(one: Any, other: Any, path: str) -> Any:
    """`one`, with the field at the path as in `other`."""
    name, _, rest = path.partition(".")
    value = _with(getattr(one, name), getattr(other, name), rest) if rest else getattr(other, name)
    return msgspec.structs.replace(one, **{name: value})


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


def test_a_nul_in_what_a_json_column_holds_is_replaced_too() -> None:
    """PostgreSQL refuses it there as well."""
    evidence = Evidence(clause="c", field="title", start=0, end=3, text="a\x00b", contribution=1.0)
    (row,) = rows(msgspec.structs.replace(SAMPLES[Match], evidence=(evidence,)))["matches"]
    assert row["evidence"][0]["text"] == "a\ufffdb"


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
