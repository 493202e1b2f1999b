"""An archive is read in the order in which the service would have seen it, and nothing of it is left out unnamed."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from newsmon.records import EntryRejection
from producers.articles.backfill_lines import BadLine
from producers.backfill import past

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def archive(tmp_path: Path, *lines: object, packed: bool = False) -> Path:
    text = "\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines).encode()
    file = tmp_path / "archive"  # the name says nothing
    file.write_bytes(gzip.compress(text) if packed else text)
    return file


def read(file: Path) -> tuple[list[str], list[BadLine]]:
    bad: list[BadLine] = []
    return [line.title for _at, _number, line in past.in_order(file, now=NOW, on_bad_line=bad.append)], bad


def seen(title: str, hour: int, **more: object) -> dict[str, object]:
    return {"title": title, "first_seen_at": f"2026-11-20T{hour:02}:00:00Z", **more}


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("run_bytes", [past.RUN_BYTES, 100, 1])
def test_lines_come_by_the_time_they_were_first_seen_and_ties_in_file_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, packed: bool, run_bytes: int
) -> None:
    monkeypatch.setattr(past, "RUN_BYTES", run_bytes)
    file = archive(
        tmp_path, seen("third", 9), seen("first", 7), "", seen("fourth", 9), seen("second", 8, text="ä \\n tab\t"),
        {"title": "fifth", "published_at": "Fri, 20 Nov 2026 12:00:00 +0100"}, packed=packed,
    )  # fmt: skip
    assert read(file) == (["first", "second", "third", "fourth", "fifth"], [])


def test_the_time_of_a_line_is_when_it_was_first_seen_not_when_it_was_published(tmp_path: Path) -> None:
    ((at, number, _line),) = past.in_order(
        archive(tmp_path, seen("a", 9, published_at="2026-11-19T23:00:00Z")), now=NOW, on_bad_line=lambda _bad: None
    )
    assert (at, number) == (datetime(2026, 11, 20, 9, tzinfo=UTC), 1)


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("{broken", "malformed"),
        ({"title": "a", "published": "2026-11-20"}, "unknown field"),
        ({"title": "a"}, "neither first_seen_at nor published_at"),
        ({"title": "a", "first_seen_at": "some day"}, "first_seen_at: unreadable date 'some day'"),
        ({"title": "a", "published_at": "2027-03-01T00:00:00Z"}, "published_at: future date '2027-03-01T00:00:00Z'"),
    ],
)
def test_a_line_that_gives_no_article_is_named_with_its_number_and_the_others_stay(tmp_path: Path, line: object, why: str) -> None:
    titles, bad = read(archive(tmp_path, seen("before", 7), line, seen("after", 8)))
    assert titles == ["before", "after"]
    assert [(one.number, one.reason) for one in bad] == [(2, EntryRejection.BAD_LINE)]
    assert why in bad[0].why
