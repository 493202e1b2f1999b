"""Writes the generated pages in docs/ and seeds/newsmon.toml from the code. A test fails while they differ; `make docs` fixes it.

Out: docs/reference.md (commands, settings, topics, metrics), docs/schemas/*.json (records, the webhook's body), seeds/newsmon.toml.
"""

from __future__ import annotations

import copy
import json
import sys
import textwrap
import typing
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

ROOT = Path(__file__).resolve().parent.parent


def documents() -> dict[Path, str]:
    """Every generated file, relative to the checkout, and its content."""
    from newsmon.codec import json_schema, record_tag
    from newsmon.records import ALL_RECORDS
    from sinks.message.alert_payload import payload_schema
    from sinks.message.other_payloads import other_schemas

    found = {Path("docs/reference.md"): reference(), Path("seeds/newsmon.toml"): settings_file()}
    for kind in ALL_RECORDS:
        name = record_tag(kind).replace("/", ".v")
        found[Path(f"docs/schemas/{name}.json")] = json.dumps(json_schema(kind), indent=2, default=list) + "\n"
    found[Path("docs/schemas/webhook-alert.v1.json")] = json.dumps(payload_schema(), indent=2, default=list) + "\n"
    for webhook, schema in other_schemas().items():
        found[Path(f"docs/schemas/webhook-{webhook}.v1.json")] = json.dumps(schema, indent=2, default=list) + "\n"
    return found


def reference() -> str:
    parts = ["# Reference", "", "Generated from the code by `make docs`; do not edit. A test fails while the two differ.", ""]
    parts += [*_commands(), *_settings(), *_topics(), *_metrics()]
    return "\n".join(parts).rstrip() + "\n"


def _commands() -> Iterator[str]:
    from newsmon.app.cli import cli

    yield "## Commands"
    yield ""
    yield (
        "Exit codes: 0 done, 1 the answer is no, 2 wrong settings or arguments (all problems are listed), 3 a dependency is unreachable, "
        "130 interrupted."
    )
    yield ""
    context = click.Context(cli, info_name="newsmon", terminal_width=100, **cli.context_settings)
    for name in cli.list_commands(context):
        command = cli.get_command(context, name)
        assert command is not None
        yield from _command(command, click.Context(command, info_name=name, parent=context, terminal_width=100))


def _command(command: click.Command, context: click.Context) -> Iterator[str]:
    yield f"### `{context.command_path}`"
    yield ""
    yield "```text"
    yield _asked_afresh(command).get_help(context)
    yield "```"
    yield ""
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            sub = command.get_command(context, name)
            assert sub is not None
            yield from _command(sub, click.Context(sub, info_name=name, parent=context, terminal_width=100))


def _asked_afresh(command: click.Command) -> click.Command:
    """A copy without its cached help option, which click names after the place where the command was first called."""
    fresh = copy.copy(command)
    fresh._help_option = None
    return fresh


def _settings() -> Iterator[str]:
    yield "## Settings"
    yield ""
    yield "Settings are read from one TOML file: `--config FILE`, else `./newsmon.toml`, else `newsmon/newsmon.toml` in your config"
    yield "directory. Environment variables take precedence: `NEWSMON_KAFKA__BOOTSTRAP_SERVERS` sets `kafka.bootstrap_servers`."
    yield "Relative paths are relative to the file. Names end in their unit: `_s` seconds, `_h` hours, `_mb` MiB."
    yield ""
    for section, model, repeated in sections():
        title = f"[[{section}]]" if repeated else f"[{section}]" if section else "(top level)"
        yield f"### `{title}`"
        yield ""
        yield _one_line(model.__doc__)
        yield ""
        yield "| setting | default | meaning |"
        yield "|---|---|---|"
        for name, field in own_fields(model):
            path = f"{section}.{name}" if section else name
            yield f"| `{path}` | {default_text(name, field)} | {_cell(_one_line(field.description))} |"
        yield ""


def _topics() -> Iterator[str]:
    from newsmon.codec import record_tag
    from newsmon.topics import ALL_TOPICS, DAY_MS

    yield "## Kafka topics"
    yield ""
    yield "| topic | key | record | partitions | kept | content |"
    yield "|---|---|---|---|---|---|"
    for topic in ALL_TOPICS:
        record = ", ".join(f"`{record_tag(kind)}`" for kind in topic.records) or "raw bytes"
        kept = f"{topic.retention_ms // DAY_MS} days" if topic.retention_ms else "compacted"
        yield f"| `{topic.base_name}` | {topic.key} | {record} | {topic.partitions} | {kept} | {topic.purpose} |"
    yield ""
    yield "The JSON Schemas of the records are in [`docs/schemas/`](schemas/)."
    yield ""


def _metrics() -> Iterator[str]:
    from newsmon.metrics import EVERYONE, EXPORTED_BY, REGISTRY

    yield "## Metrics"
    yield ""
    yield "| metric | type | labels | from | meaning |"
    yield "|---|---|---|---|---|"
    collectors = {id(collector): collector for collector in REGISTRY._names_to_collectors.values()}
    rows = []
    for collector in collectors.values():
        name = getattr(collector, "_name", "")
        if not name.startswith("newsmon_"):
            continue
        kind = collector._type
        shown = f"{name}_total" if kind == "counter" else f"{name}_info" if kind == "info" else name
        labels = ", ".join(f"`{label}`" for label in collector._labelnames)
        processes = EXPORTED_BY[collector]
        source = "every process" if processes == EVERYONE else ", ".join(processes)
        rows.append(f"| `{shown}` | {kind} | {labels} | {source} | {_cell(collector._documentation)} |")
    yield from sorted(rows)
    yield ""


def sections() -> Iterator[tuple[str, type[BaseModel], bool]]:
    """Section name ("" for the top level), its model, and whether it may be repeated; a section comes before those inside it."""
    from newsmon.settings import Settings

    yield "", Settings, False
    yield from _sections_inside(Settings, "")


def _sections_inside(outer: type[BaseModel], prefix: str) -> Iterator[tuple[str, type[BaseModel], bool]]:
    for name, field in outer.model_fields.items():
        model, repeated = _section_model(field)
        if model is not None:
            yield prefix + name, model, repeated
            yield from _sections_inside(model, f"{prefix}{name}.")


def own_fields(model: type[BaseModel]) -> Iterator[tuple[str, FieldInfo]]:
    """The settings of a section without its inner sections, those declared by the class itself before inherited ones."""
    declared = model.__annotations__
    for name in sorted(model.model_fields, key=lambda name: name not in declared):
        if _section_model(model.model_fields[name])[0] is None:
            yield name, model.model_fields[name]


def _section_model(field: FieldInfo) -> tuple[type[BaseModel] | None, bool]:
    annotation: Any = field.annotation
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation, False
    arguments = typing.get_args(annotation)
    if arguments and isinstance(arguments[0], type) and issubclass(arguments[0], BaseModel):
        return arguments[0], True
    return None, False


PLACES = {
    "state_dir": "the user's state directory",
    "feeds_file": "the shipped `feeds.toml`",
    "directory": "the shipped `themes/`",
}


def default_text(name: str, field: FieldInfo) -> str:
    if name in PLACES and field.default is PydanticUndefined:
        return PLACES[name]
    if field.default is PydanticUndefined:
        return "required"
    return "" if field.default is None else f"`{_toml(field.default)}`"


def _toml(value: Any) -> str:
    if isinstance(value, tuple):
        return "[" + ", ".join(_toml(item) for item in value) + "]"
    return json.dumps(value)


def settings_file() -> str:
    """The starter settings: every key as a comment with its default. Loads unchanged."""
    lines = [
        "# newsmon's settings. Every key is here as a comment with its default: uncomment and change what you need.",
        "# Relative paths are relative to this file. Environment variables take precedence: NEWSMON_KAFKA__HEAP_MB=1024.",
        "",
    ]
    for section, model, repeated in sections():
        if section:
            header = f"[[{section}]]" if repeated else f"[{section}]"
            lines += [*textwrap.wrap(_one_line(model.__doc__), 128, initial_indent="# ", subsequent_indent="# ")]
            lines += [f"# {header}" if repeated else header]
        for name, field in own_fields(model):
            default = "..." if field.default in (None, PydanticUndefined) else _toml(field.default)
            lines += [f"# {name} = {default}  # {_one_line(field.description)}"]
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def _one_line(text: str | None) -> str:
    return " ".join((text or "").split())


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def main() -> int:
    """Write every file that differs; with `--check` only name them and exit with 1."""
    stale, wanted = [], documents()
    for path, content in wanted.items():
        target = ROOT / path
        if not target.exists() or target.read_text("utf-8") != content:
            stale.append(path)
            if "--check" not in sys.argv:
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_text(content, "utf-8")
    for target in sorted((ROOT / "docs" / "schemas").glob("*.v[0-9]*.json")):
        if target.relative_to(ROOT) not in wanted:  # a version that is no longer in force
            stale.append(target.relative_to(ROOT))
            if "--check" not in sys.argv:
                target.unlink()
    for path in stale:
        print(("differs: " if "--check" in sys.argv else "written: ") + str(path))
    return int(bool(stale) and "--check" in sys.argv)


if __name__ == "__main__":
    sys.exit(main())
