"""The bytes of every version of every record, kept in tests/data/records, and the shape of each version in force.

`python tests/support/kept_records.py` keeps what is new: bytes and shape of a version that has none yet, and bytes of a
record that now holds a newer one. It never changes what is kept, because that is what people have on their brokers.
"""

from __future__ import annotations

import enum
import json
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import msgspec.inspect as types

FOLDER = Path(__file__).resolve().parent.parent / "data" / "records"
NOON = datetime(2026, 11, 24, 12, 0, 0, 250_000, tzinfo=UTC)
WORDS = frozenset(("description", "title"))  # of a JSON Schema, for people

S = TypeVar("S", bound=msgspec.Struct)


def filled(kind: type[S], other: int = 0) -> S:
    """A record with a value in every field, also in those that have a default; `other` = 1 gives other values all over."""
    fields = types.type_info(kind).fields  # type: ignore[attr-defined]
    return kind(**{field.name: _value(field.type, field.name, other) for field in fields})


def _value(kind: types.Type, name: str, other: int) -> Any:
    match kind:
        case types.Metadata():
            return _value(kind.type, name, other)
        case types.UnionType():
            return _value(next(one for one in kind.types if not isinstance(one, types.NoneType)), name, other)
        case types.StrType():
            return f"{'another' if other else 'a'} {name}"
        case types.IntType():
            return 3 + other
        case types.FloatType():
            return 2.5 + other
        case types.BoolType():
            return not other
        case types.BytesType():
            return b"\x00\x01 more" if other else b"\x00\x01 bytes"
        case types.DateTimeType():
            return NOON + timedelta(hours=other)
        case types.EnumType():
            return _word(kind.cls, other)
        case types.DictType():
            return {_value(kind.key_type, "key", other): _value(kind.value_type, "value", other)}
        case types.ListType():
            return [_value(kind.item_type, name, other)]
        case types.VarTupleType():
            return (_value(kind.item_type, name, other),)
        case types.TupleType():
            return tuple(_value(item, name, other) for item in kind.item_types)
        case types.StructType():
            return filled(kind.cls, other)
    raise TypeError(f"no value for {kind}")


def _word(words: type[enum.Enum], other: int) -> enum.Enum:
    return list(words)[other]


def is_within(before: Any, after: Any) -> bool:
    """Whether all that stands in one JSON value stands in the other too, which may have more fields."""
    if isinstance(before, dict):
        return isinstance(after, dict) and all(name in after and is_within(item, after[name]) for name, item in before.items())
    if isinstance(before, list):
        return isinstance(after, list) and len(before) == len(after) and all(map(is_within, before, after))
    return bool(before == after)


def shape_of(kind: type[msgspec.Struct]) -> dict[str, Any]:
    """The JSON Schema of what stands in a record, without what is for people and without the records inside, which have a tag."""
    definitions = msgspec.json.schema(kind)["$defs"]
    tag_of = {name: one["properties"]["record"]["enum"][0] for name, one in definitions.items() if "record" in one.get("properties", {})}
    inside = {name: tag for name, tag in tag_of.items() if name != kind.__name__}
    bare = {name: _bare(one, inside) for name, one in definitions.items()}
    return dict(json.loads(json.dumps(dict(_needed(kind.__name__, bare)), default=list)))


def _bare(schema: Any, inside: dict[str, str]) -> Any:
    if isinstance(schema, list):
        return [_bare(item, inside) for item in schema]
    if not isinstance(schema, dict):
        return schema
    target = schema.get("$ref", "").rpartition("/")[2]
    if target in inside:
        return {"record": inside[target].partition("/")[0]}
    return {name: _bare(item, inside) for name, item in schema.items() if name not in WORDS or isinstance(item, dict)}


def _needed(name: str, definitions: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """The definition and those it refers to, each once."""
    waiting, seen = [name], {name}
    while waiting:
        current = waiting.pop(0)
        yield current, definitions[current]
        for other in definitions:
            if other not in seen and f'"#/$defs/{other}"' in json.dumps(definitions[current], default=list):
                seen.add(other)
                waiting.append(other)


def bytes_file(tag: str) -> Path:
    return FOLDER / f"{tag.replace('/', '.v')}.jsonl"


def shape_file(tag: str) -> Path:
    return FOLDER / f"{tag.replace('/', '.v')}.shape.json"


def kept(tag: str) -> list[bytes]:
    """The kept bytes of one version, in the order they were first written in; none of a version that is new."""
    return bytes_file(tag).read_bytes().splitlines() if bytes_file(tag).exists() else []


def main() -> int:
    """Keep what is new; exit 1 where the shape of a kept version has changed."""
    from newsmon.codec import encode, record_tag
    from support.samples import every_record

    is_changed = False
    for sample in every_record():
        tag, shape = record_tag(type(sample)), json.dumps(shape_of(type(sample)), indent=1) + "\n"
        if not shape_file(tag).exists():
            shape_file(tag).write_text(shape, "utf-8")
        elif shape_file(tag).read_text("utf-8") != shape:
            is_changed = True
            print(f"the shape of {tag} has changed: raise its version and add a step to newsmon/records/upgrades.py")
            continue
        if encode(filled(type(sample))) not in kept(tag):
            with bytes_file(tag).open("ab") as file:
                file.write(encode(filled(type(sample))) + b"\n" + encode(sample) + b"\n")
    in_force = {shape_file(record_tag(type(sample))) for sample in every_record()}
    for outdated in set(FOLDER.glob("*.shape.json")) - in_force:
        outdated.unlink()
    return int(is_changed)


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
    sys.exit(main())
