"""What is known of labelled articles: their event, their story, and of which report they are a copy.

In: the written series of tests/data/stories, or a folder: `stream.jsonl.gz` (or .jsonl), `events.jsonl` (event, theme, articles with
`id`), and if there are any `labels.jsonl` (stream_id, labels, confidence, weight). Out: `Known` by theme and article, `Label`s.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from support.places import DATA

STORIES = DATA / "stories"
THEMES = STORIES / "themes"
SERIES = ("ships", "fires", "rulings")
COPIES = ("stubs", "same-agency")
_NO_INCIDENT = ("bg-", "court-")  # events of background pieces, and of courts on an older case
_ARCHIVE_FIELDS = ("id", "title", "text", "lang", "source", "published_at", "first_seen_at")
Key = tuple[str, str]  # theme, article


@dataclass(frozen=True)
class Known:
    """One article as labelled. An event with a `story` of another name is a follow-up of that event."""

    event: str
    story: str
    is_incident: bool = True
    copy_of: str | None = None
    lang: str | None = None


@dataclass(frozen=True)
class Label:
    """The themes an article of the stream belongs to, and how many articles it stands for."""

    article_id: str
    themes: frozenset[str]
    weight: float


def items(name: str) -> list[dict[str, Any]]:
    return _lines(STORIES / f"{name}.jsonl")


def known_of(theme: str, labelled: Iterable[dict[str, Any]]) -> dict[Key, Known]:
    """The labels of a written series, all its articles being on the theme."""
    return {
        (theme, item["id"]): Known(
            item["event"], item["story"], not item["event"].startswith(_NO_INCIDENT), item.get("copy_of"), item["lang"]
        )
        for item in labelled
    }


def archive(labelled: Iterable[dict[str, Any]], file: Path) -> Path:
    """Write the items as an archive, without labels. Outlets are of tier 2: one that nobody has ranked would confirm nothing."""
    lines = ({name: item[name] for name in _ARCHIVE_FIELDS} | {"tier": 2} for item in labelled)
    file.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    return file


def stream_of(folder: Path) -> Path:
    return next(file for file in (folder / "stream.jsonl.gz", folder / "stream.jsonl") if file.exists())


def events_of(folder: Path) -> dict[Key, Known]:
    return {
        (event["theme"], article["id"]): Known(event["event"], event["event"])
        for event in _lines(folder / "events.jsonl")
        for article in event["articles"]
    }


def labels_of(folder: Path) -> list[Label]:
    """Those a labeller was sure of, with an article in the stream."""
    file = folder / "labels.jsonl"
    return [
        Label(one["stream_id"], frozenset(theme.replace("_", "-") for theme in one["labels"]), one["weight"])
        for one in (_lines(file) if file.exists() else ())
        if one["confidence"] >= 2 and one.get("stream_id")
    ]


def _lines(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text("utf-8").splitlines()]
