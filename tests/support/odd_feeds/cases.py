"""Reads one case: the command of its `expected.txt`, the claims about the answer, and the files beside it.

    what: pubDate '05. 11. 2026 14:05'
    source: a public report
    command: newsmon parse --url https://quay.example/feed input.xml
    expected: 1 article(s)
      article 1: published_at is '2026-11-05T14:05:00Z'
    seen: what newsmon answered once

A further `command:` with its own `expected:` is another step of the same case. What cannot be read is an error, never skipped.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from support.odd_feeds.claims import Claim, NotUnderstood, claim_of

EXPECTED = "expected.txt"
REMARKS = frozenset({"what", "source", "seen", "note", "why"})  # for people
_KEY = re.compile(r"(?P<key>[a-z_]+):(?: (?P<value>.*))?")
_FILE = re.compile(r"(?:input|response)[\w.-]*")


@dataclass(frozen=True, slots=True)
class Step:
    """One command, as words after `newsmon`, and the claims about its answer."""

    words: tuple[str, ...]
    claims: tuple[Claim, ...]


@dataclass(frozen=True, slots=True)
class Case:
    """One folder. `responses` are sent one after the other by a server; the last is repeated."""

    name: str
    folder: Path
    what: str
    steps: tuple[Step, ...]
    responses: tuple[Path, ...]

    @property
    def kind(self) -> str:
        return self.name.partition("-")[0]


def case_folders(directory: Path) -> list[Path]:
    """The folders that hold a case; a folder without `expected.txt` counts too, so that it is reported."""
    if (directory / EXPECTED).exists():
        return [directory]
    return sorted(one for one in directory.iterdir() if one.is_dir() and not one.name.startswith("."))


def read_case(folder: Path) -> Case:
    """The case in a folder; NotUnderstood says which line or file is the trouble."""
    try:
        text = (folder / EXPECTED).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise NotUnderstood(f"{EXPECTED} cannot be read: {error}") from error
    remarks, steps = _sections(text)
    if not steps:
        raise NotUnderstood(f"{EXPECTED} names no command")
    read = tuple(Step(_command(command), _claims(lines)) for command, lines in steps)
    responses = tuple(sorted(folder.glob("response*.http"), key=lambda path: (len(path.name), path.name)))
    for step in read:
        _check_files(step, folder, responses)
    return Case(folder.name, folder, remarks.get("what", ""), read, responses)


def _sections(text: str) -> tuple[dict[str, str], list[tuple[str, list[str]]]]:
    """The remarks, and every command with the lines of its expectation. Indented lines continue the key before them."""
    remarks: dict[str, str] = {}
    steps: list[tuple[str, list[str]]] = []
    key = ""
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        found = None if line[0].isspace() else _KEY.fullmatch(line)
        if found is not None and found["key"] in REMARKS | {"command", "expected"}:
            key, value = found["key"], (found["value"] or "").strip()
        elif key in REMARKS:
            continue  # a remark of several lines
        elif key == "expected" and line[0].isspace():
            value = line.strip()
        else:
            raise NotUnderstood(f"line {number} of {EXPECTED}: {line.strip()!r}")
        if key == "command":
            steps.append((value, []))
        elif key == "expected":
            if not steps:
                raise NotUnderstood(f"line {number} of {EXPECTED} expects something before any command")
            steps[-1][1].extend([value] if value else [])
        else:
            remarks[key] = value
    return remarks, steps


def _command(text: str) -> tuple[str, ...]:
    """`newsmon feeds check URL (a remark)` as words, without `newsmon` and the remark."""
    bare = re.sub(r"\s*\((?:[^()]*)\)\s*$", "", text)
    try:
        words = shlex.split(bare)
    except ValueError as error:
        raise NotUnderstood(f"command {text!r}: {error}") from error
    if words[:2] == ["newsmon", "parse"] or words[:3] == ["newsmon", "feeds", "check"]:
        return tuple(words[1:])
    raise NotUnderstood(f"command {text!r}: neither `newsmon parse` nor `newsmon feeds check`")


def _claims(lines: Sequence[str]) -> tuple[Claim, ...]:
    if not lines:
        raise NotUnderstood("a command without an expectation")
    return tuple(claim_of(line) for line in lines)


def _check_files(step: Step, folder: Path, responses: Sequence[Path]) -> None:
    named = [word for word in step.words[1:] if _FILE.fullmatch(word)]
    missing = [word for word in named if not (folder / word).exists()]
    if missing:
        raise NotUnderstood(f"{missing[0]} is not there")
    if step.words[0] == "parse" and not named:
        raise NotUnderstood("`newsmon parse` without a file of the case")
    if step.words[0] == "feeds" and not responses:
        raise NotUnderstood("`newsmon feeds check` without a response to send")
