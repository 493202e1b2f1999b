"""The names in a page's code: paths, modules, commands, settings, metrics, topics and make targets, and which of them do not exist."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import click
from pydantic import BaseModel

from newsmon.app.cli import cli
from newsmon.metrics import REGISTRY
from newsmon.settings import Settings
from newsmon.topics import ALL_TOPICS
from support.places import ROOT

PACKAGES = ("newsmon", "producers", "processors", "sinks")
FOLDERS = (*PACKAGES, "tests", "seeds", "deploy", "docs", "benchmarks", ".ci")
ENDINGS = "py|md|toml|yml|yaml|service|jsonl|json|lock|sh|txt|rules"
CODE = re.compile(r"^ *```[^\n]*\n(.*?)^ *```|`([^`\n]+)`", re.MULTILINE | re.DOTALL)
# what a reader makes or has, and no file of the checkout
READERS_OWN = re.compile(r"^(?:/|~|\.{1,2}/|\.venv/|dist/|https?:|newsmon/newsmon\.toml$|[\w.-]+\.(?:com|org|net|example)/)")


def unknown_names(text: str, folder: Path = ROOT) -> list[str]:
    """Return "kind: name" for each name in the page's code that does not exist; `folder` is where the page lies."""
    found: list[str] = []
    for match in CODE.finditer(text):
        code = match[1] if match[1] is not None else match[2]
        found += _unknown(code, folder)
    return sorted(set(found))


def _unknown(code: str, folder: Path) -> Iterator[str]:
    for path in re.findall(
        rf"(?<![\w/.:<>$*=-])(?:[\w.*-]+/)+(?:[\w*-]+\.(?:{ENDINGS})\b)?|(?<![\w/.:<>$*-])[\w-]+\.(?:py|md|yml|service)\b", code
    ):
        if not READERS_OWN.match(path) and not _path_exists(path, folder):
            yield f"path: {path}"
    for name in re.findall(rf"(?<![\w/.-])(?:{'|'.join(PACKAGES)})(?:\.\w+)+", code):
        if not re.search(rf"\.(?:{ENDINGS})$", name) and not _module_exists(name) and not _is_setting_or_event(name):
            yield f"module: {name}"
    for line in code.splitlines():
        command = re.match(r"(?:[$#] )?(?:\S*/)?newsmon((?: +(?:[\w-]+))+)", line.strip())
        if command and (wrong := _wrong_in_command(command[1].split())):
            yield f"command: newsmon {wrong}"
    sections = "|".join(sorted({name.split(".")[0] for name in setting_names() if "." in name}))
    for name in re.findall(rf"(?<![\w/.-])(?:{sections})(?:\.[a-z_]+)+(?![\w.(/-])", code):
        if not re.search(rf"\.(?:{ENDINGS})$", name) and not _is_setting_or_event(name):
            yield f"setting: {name}"
    for name in re.findall(r"\bNEWSMON_([A-Z]+__[A-Z_]+)", code):
        if name.lower().replace("__", ".") not in setting_names():
            yield f"setting: NEWSMON_{name}"
    for name, rest in re.findall(r"\bnewsmon_([a-z_]+)(\*?)", code):
        if not any(known.startswith(f"newsmon_{name}") if rest else known == f"newsmon_{name}" for known in metric_names()):
            yield f"metric: newsmon_{name}{rest}"
    for name in re.findall(r"(?<![\w./@-])news\.[a-z]+(?:-[a-z]+)*(?![\w./:])", re.sub(r"-\n\s*", "-", code)):
        if name not in {topic.base_name for topic in ALL_TOPICS}:
            yield f"topic: {name}"
    for name in re.findall(r"(?:^|[$] )make ([a-z][a-z-]*)", code, re.MULTILINE):
        if name not in make_targets():
            yield f"make target: {name}"


def _path_exists(path: str, folder: Path) -> bool:
    first = path.split("/")[0]
    if "/" not in path:
        return path in _file_names()
    if path.endswith("/") and first not in FOLDERS and not (folder / first).exists():
        return path.count("/") == 1  # a folder of the reader's, such as the state directory's `kafka/`
    return any(any(base.glob(path.rstrip("/"))) for base in (ROOT, folder))


def _module_exists(name: str) -> bool:
    """Whether it is a module or package, or a name that one of them holds."""
    parts = name.split(".")
    for count in range(len(parts), 0, -1):
        place = ROOT.joinpath(*parts[:count])
        sources = [one for one in (place.with_suffix(".py"), place / "__init__.py") if one.exists()]
        if sources or place.is_dir():
            return all(any(_defines(source.read_text("utf-8"), part) for source in sources) for part in parts[count:])
    return False


def _defines(source: str, name: str) -> bool:
    """Whether the module or one of its classes defines or imports the name."""
    return (
        re.search(
            rf"^\s*(?:(?:async )?def|class) {name}\b|^\s*{name}(?:: .*)?(?: =|$)|^(?:from|import) .*\b{name}\b|^    {name},$",
            source,
            re.MULTILINE,
        )
        is not None
    )


def _wrong_in_command(words: list[str]) -> str | None:
    command: click.Command = cli
    context = click.Context(cli)
    for number, word in enumerate(words):
        if word.startswith("-"):
            known = {option for one in command.get_params(context) for option in (*one.opts, *one.secondary_opts)}
            if word not in known:
                return " ".join(words[: number + 1])
        elif isinstance(command, click.Group):
            if not re.fullmatch(r"[a-z][a-z-]*", word):
                return None  # a placeholder: COMMAND
            below = command.get_command(context, word)
            if below is None:
                return " ".join(words[: number + 1])
            command = below
    return None


def _is_setting_or_event(name: str) -> bool:
    return name in setting_names() or f'"{name}"' in _sources()


@cache
def setting_names() -> frozenset[str]:
    """Sections and keys, `alerts.burst` and `alerts.burst.enabled` alike."""
    return frozenset(_keys_of(Settings, ""))


def _keys_of(model: type[BaseModel], before: str) -> Iterator[str]:
    for name, field in model.model_fields.items():
        yield before + name
        for inner in (field.annotation, *getattr(field.annotation, "__args__", ())):
            if isinstance(inner, type) and issubclass(inner, BaseModel):
                yield from _keys_of(inner, f"{before}{name}.")


@cache
def metric_names() -> frozenset[str]:
    return frozenset(REGISTRY._names_to_collectors)


@cache
def make_targets() -> frozenset[str]:
    return frozenset(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))


@cache
def _file_names() -> frozenset[str]:
    kept = (ROOT / folder for folder in FOLDERS)
    return frozenset(path.name for folder in kept for path in folder.rglob("*.*")) | {path.name for path in ROOT.glob("*.*")}


@cache
def _sources() -> str:
    return "\n".join(path.read_text("utf-8") for folder in PACKAGES for path in (ROOT / folder).rglob("*.py"))
