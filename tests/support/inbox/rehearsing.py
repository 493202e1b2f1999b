"""Runs an archive through `newsmon rehearse`, and written items through `newsmon stories`: the commands themselves, in this process."""

from __future__ import annotations

import io
import json
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from newsmon.app.cli.past.rehearse import command
from newsmon.app.cli.stories.offline import group
from support.inbox.labelled import SERIES, THEMES, archive, items, known_of
from support.inbox.scores import Inbox, Row, inbox_of


def rehearsed(archive_file: Path, *, themes: Path | None = None, config: Path | None = None) -> list[Row]:
    """The lines about articles, in the order decided; built-in settings unless a `config` is given."""
    with tempfile.TemporaryDirectory() as scratch:
        empty = Path(scratch) / "newsmon.toml"
        empty.touch()
        given = [str(archive_file), "--json", "--config", str(config or empty), *(("--themes", str(themes)) if themes else ())]
        result = CliRunner().invoke(command, given, catch_exceptions=False)
    assert result.exit_code == 0, result.output[-2000:]
    return [row for row in map(json.loads, result.stdout.splitlines()) if row["article_id"] is not None]


def rehearsed_series(name: str) -> tuple[list[Row], Inbox]:
    """The lines of a written series about its own theme, and what the inbox was worth."""
    assert name in SERIES
    labelled = items(f"series-{name}")
    with tempfile.TemporaryDirectory() as scratch:
        rows = rehearsed(archive(labelled, Path(scratch) / f"{name}.jsonl"), themes=THEMES)
    return rows, inbox_of(rows, known_of(name, labelled))


def grouped(labelled: Iterable[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """The answers of `newsmon stories`, by the item's id; no theme is asked."""
    out = io.StringIO()
    assert group(io.BytesIO("\n".join(map(json.dumps, labelled)).encode()), out) == 0
    return {answer["id"]: answer for answer in map(json.loads, out.getvalue().splitlines())}


def grouped_inbox(name: str) -> Inbox:
    """What is together and what is a copy in a written set; nothing is told there."""
    labelled = items(name)
    rows = [
        {"theme": name, "article_id": item_id, "relation": answer["relation"], "story": answer["event_id"], "running": answer["story_id"],
         "told": None}
        for item_id, answer in grouped(labelled).items()
    ]  # fmt: skip
    return inbox_of(rows, known_of(name, labelled))
