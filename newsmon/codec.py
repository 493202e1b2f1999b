"""Bytes <-> records: strict both ways, and the JSON Schemas published from the same types.

Out: `encode` gives compact UTF-8 JSON whose first key is `record`. In: `decode` raises `RecordError` with a reason
that is also the metric label and quarantine header.
"""

from __future__ import annotations

from functools import cache
from typing import Any, TypeVar

import msgspec

from newsmon.errors import RecordError, RecordFault
from newsmon.records import Record

R = TypeVar("R", bound=Record)

_encoder = msgspec.json.Encoder()


class _Head(msgspec.Struct):
    record: str


_head = msgspec.json.Decoder(_Head)


@cache
def _decoder(kind: type[Record]) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(kind)


def record_tag(kind: type[Record]) -> str:
    """The `<name>/<version>` that stands in the record's `record` field."""
    return str(kind.__struct_config__.tag)


def encode(record: Record) -> bytes:
    """Compact JSON of a record; equal records give equal bytes."""
    return _encoder.encode(record)


def decode(raw: bytes | None, kind: type[R]) -> R:
    """The record in `raw`, or `RecordError`: the caller quarantines the bytes and goes on."""
    if not raw:
        raise RecordError(RecordFault.EMPTY, "no bytes")
    expected = record_tag(kind)
    try:
        tag = _head.decode(raw).record
    except msgspec.ValidationError as error:
        raise RecordError(RecordFault.NO_RECORD_TAG, str(error)) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise RecordError(RecordFault.NOT_JSON, str(error)) from error
    if tag != expected:
        same_name = tag.partition("/")[0] == expected.partition("/")[0]
        fault = RecordFault.UNKNOWN_VERSION if same_name else RecordFault.OTHER_RECORD
        raise RecordError(fault, f"wanted {expected}, got {tag[:80]!r}")
    try:
        record: R = _decoder(kind).decode(raw)
    except msgspec.ValidationError as error:
        raise RecordError(RecordFault.WRONG_SHAPE, str(error)) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise RecordError(RecordFault.NOT_JSON, str(error)) from error
    return record


def json_schema(kind: type[Record]) -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of one record, with its tag required."""
    schema = msgspec.json.schema(kind)
    definition = schema["$defs"][kind.__name__]
    if "record" not in definition["required"]:
        definition["required"].insert(0, "record")
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
