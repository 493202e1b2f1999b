"""Records on the wire: strict, versioned, in step with their published schemas."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import jsonschema
import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.samples import NOON, article, every_record

from newsmon.codec import decode, encode, json_schema, record_tag
from newsmon.errors import RecordError, RecordFault
from newsmon.records import ALL_RECORDS, Article, Record

EVERY = every_record()


def test_there_is_a_sample_of_every_record() -> None:
    assert tuple(type(record) for record in EVERY) == ALL_RECORDS


@pytest.mark.parametrize("record", EVERY, ids=lambda record: type(record).__name__)
def test_a_record_survives_the_wire(record: Record) -> None:
    assert decode(encode(record), type(record)) == record


@pytest.mark.parametrize("record", EVERY, ids=lambda record: type(record).__name__)
def test_the_published_schema_accepts_what_the_code_writes(record: Record) -> None:
    jsonschema.Draft202012Validator(json_schema(type(record))).validate(json.loads(encode(record)))


@pytest.mark.parametrize("record", EVERY, ids=lambda record: type(record).__name__)
def test_schema_and_code_refuse_the_same_breaches(record: Record) -> None:
    """A missing field, an unknown field, a wrong type in any field: both say no."""
    validator = jsonschema.Draft202012Validator(json_schema(type(record)))
    good = json.loads(encode(record))
    required = set(json_schema(type(record))["$defs"][type(record).__name__]["required"])
    breaches = [{**good, "surprise": 1}] + [{key: value for key, value in good.items() if key != gone} for gone in required]
    breaches += [{**good, key: {"wrong": []}} for key in good if not isinstance(good[key], dict)]
    for breach in breaches:
        assert not validator.is_valid(breach), breach
        with pytest.raises(RecordError):
            decode(json.dumps(breach).encode(), type(record))


@pytest.mark.parametrize(
    ("raw", "fault"),
    [
        (None, RecordFault.EMPTY),
        (b"", RecordFault.EMPTY),
        (b"\xff\xfe", RecordFault.NOT_JSON),
        (b'{"record":', RecordFault.NOT_JSON),
        (b'{"record":"article/1","title":"\xff"}', RecordFault.WRONG_SHAPE),
        (b"null", RecordFault.NO_RECORD_TAG),
        (b"[]", RecordFault.NO_RECORD_TAG),
        (b"{}", RecordFault.NO_RECORD_TAG),
        (b'{"record":3}', RecordFault.NO_RECORD_TAG),
        (b'{"record":"article/99"}', RecordFault.UNKNOWN_VERSION),
        (b'{"record":"article/x"}', RecordFault.UNKNOWN_VERSION),
        (b'{"record":"article"}', RecordFault.UNKNOWN_VERSION),
        (b'{"record":"match/1"}', RecordFault.OTHER_RECORD),
        (b'{"record":"article/1"}', RecordFault.WRONG_SHAPE),
        (b'{"record":"article/1","a":' + b"[" * 100_000, RecordFault.NOT_JSON),
    ],
)
def test_bytes_that_are_no_article_are_told_apart_by_reason(raw: bytes | None, fault: RecordFault) -> None:
    with pytest.raises(RecordError) as caught:
        decode(raw, Article)
    if fault is RecordFault.WRONG_SHAPE:
        assert caught.value.reason in (RecordFault.WRONG_SHAPE, RecordFault.NOT_JSON)
    else:
        assert caught.value.reason is fault


@given(st.binary(max_size=300))
@settings(max_examples=100)
def test_no_bytes_raise_anything_but_a_record_error(raw: bytes) -> None:
    with pytest.raises(RecordError):
        decode(raw, Article)


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])), st.datetimes(timezones=st.just(UTC)))
@settings(max_examples=50)
def test_any_text_and_any_time_survive(title: str, published_at: datetime) -> None:
    one = article(title=title, published_at=published_at)
    assert decode(encode(one), Article) == one


def test_a_time_without_a_zone_is_refused() -> None:
    raw = encode(article()).replace(b'"2026-11-24T12:00:00Z"', b'"2026-11-24T12:00:00"')
    with pytest.raises(RecordError) as caught:
        decode(raw, Article)
    assert caught.value.reason is RecordFault.WRONG_SHAPE


def test_records_cannot_be_changed_after_they_were_made() -> None:
    for record in EVERY:
        with pytest.raises(AttributeError):
            setattr(record, record.__struct_fields__[0], "changed")
    assert msgspec.structs.replace(article(), title="other").published_at == NOON


def test_every_record_has_a_version_of_its_own() -> None:
    tags = [record_tag(kind) for kind in ALL_RECORDS]
    assert len(set(tags)) == len(tags)
    assert all(tag.rpartition("/")[2].isdigit() for tag in tags)
