"""Bytes to records and back, strictly, and the JSON Schemas published from the same types.

Out: `encode` gives compact UTF-8 JSON whose first key is `record`. In: `decode` reads every version up to the newest
(`newsmon.records` has the rule) and raises `RecordError` with a reason that is also the metric label and the quarantine
header.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from functools import cache
from typing import Any, TypeVar

import msgspec

from newsmon.errors import RecordError, RecordFault
from newsmon.records import ALL_RECORDS, Record
from newsmon.records.upgrades import STEPS, Step, newest

R = TypeVar("R", bound=Record)

STEP_ERRORS = (KeyError, TypeError, ValueError, AttributeError, IndexError)  # a step met fields that are not what they should be

_encoder = msgspec.json.Encoder()


class _Head(msgspec.Struct):
    record: str


_head = msgspec.json.Decoder(_Head)


@cache
def _decoder(kind: type[Record]) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(kind)


@cache
def _opening(kind: type[Record]) -> bytes:
    """The first bytes that `encode` gives a record of this kind."""
    return b'{"record":"%s"' % record_tag(kind).encode()


def record_tag(kind: type[Record]) -> str:
    """The `<name>/<version>` in the record's `record` field."""
    return str(kind.__struct_config__.tag)


def encode(record: Record) -> bytes:
    """Compact JSON of a record; equal records give equal bytes."""
    return _encoder.encode(record)


def decode(raw: bytes | None, kind: type[R], *, steps: Mapping[str, Step] = STEPS) -> R:
    """The record in `raw`, upgraded where it is older; or `RecordError`: the caller quarantines the bytes and goes on."""
    if not raw:
        raise RecordError(RecordFault.EMPTY, "no bytes")
    if raw.startswith(_opening(kind)):
        try:
            current: R = _decoder(kind).decode(raw)
        except msgspec.ValidationError:
            pass  # perhaps a record inside it is older
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise RecordError(RecordFault.NOT_JSON, str(error)) from error
        else:
            return current
    return _upgraded(raw, kind, steps)


def decode_one_of(raw: bytes | None, kinds: Sequence[type[Record]]) -> Record:
    """As `decode`, for a topic with several kinds of records: the kind of the tag, the first one where it is none of them."""
    return decode(raw, _kind_of(raw, kinds) if raw and len(kinds) > 1 else kinds[0])


def _kind_of(raw: bytes, kinds: Sequence[type[Record]]) -> type[Record]:
    for kind in kinds:
        if raw.startswith(_opening(kind)):
            return kind
    with suppress(msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        name = _name(_head.decode(raw).record)
        return next((kind for kind in kinds if _name(record_tag(kind)) == name), kinds[0])
    return kinds[0]


def _upgraded(raw: bytes, kind: type[R], steps: Mapping[str, Step]) -> R:
    """The record in bytes that are not simply its newest version."""
    expected = record_tag(kind)
    try:
        tag = _head.decode(raw).record
        if _name(tag) != _name(expected):
            raise RecordError(RecordFault.OTHER_RECORD, f"expected {expected}, got {tag[:80]!r}")
        value = msgspec.json.decode(raw)
    except msgspec.ValidationError as error:
        raise RecordError(RecordFault.NO_RECORD_TAG, "not an object with a text field `record`") from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise RecordError(RecordFault.NOT_JSON, str(error)) from error
    try:
        value = newest(value, steps)
    except STEP_ERRORS as error:
        raise RecordError(RecordFault.WRONG_SHAPE, f"{tag[:80]!r} cannot be upgraded: {type(error).__name__}: {error}") from error
    except RecursionError as error:
        raise RecordError(RecordFault.NOT_JSON, str(error)) from error
    try:
        record: R = msgspec.convert(value, kind, str_keys=True)
    except msgspec.ValidationError as error:
        versions = _versions() | {_name(expected): expected}
        for inner in _tags(value):
            readable = versions.get(_name(inner), inner)
            if inner != readable:
                raise RecordError(
                    RecordFault.UNKNOWN_VERSION, f"{inner[:80]!r}, but this version of newsmon reads up to {readable}"
                ) from error
        raise RecordError(RecordFault.WRONG_SHAPE, str(error)) from error
    return record


@cache
def _versions() -> dict[str, str]:
    """The newest tag of each record by its name."""
    return {_name(tag): tag for tag in map(record_tag, ALL_RECORDS)}


def _name(tag: str) -> str:
    return tag.partition("/")[0]


def _tags(value: Any) -> Iterator[str]:
    """The tags of a record and of the records inside it, the outer first."""
    if isinstance(value, dict):
        if isinstance(tag := value.get("record"), str):
            yield tag
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from _tags(item)


def json_schema(kind: type[Record]) -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of one record, with its tag required."""
    schema = msgspec.json.schema(kind)
    definition = schema["$defs"][kind.__name__]
    if "record" not in definition["required"]:
        definition["required"].insert(0, "record")
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
