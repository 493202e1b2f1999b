"""Pairs written by people who had not seen the code: copies, reports of one story in other words, look-alikes of other events.

`pairs.jsonl` and `pairs-2.jsonl` were written to be hard, mostly in two or three sentences; `pairs-3.jsonl` (two authors) and `pairs-4.jsonl`
as outlets write, those of `pairs-4.jsonl` all within hours. First seen, with the code of that day, they had F1 .07, .37, .92 and .77, and
30 of 35, -, 30 of 30 and 12 of 12 copies; now that the weights have seen them .59, .91, .95 and .94, and every copy. The first fell from .70
when the weights were fitted on real news too, in which different events are never so alike, and the same ones never so unlike. The gates lie
a little below, so they guard against steps back and are no proof of what unseen pairs will get.
"""

from __future__ import annotations

import io
import json
from functools import cache
from typing import Any

import pytest
from support.reports import STORIES

from newsmon.app.cli.stories.offline import group


@cache
def _answers(file: str = "pairs.jsonl") -> list[tuple[dict[str, Any], bool, bool]]:
    """Return (pair, grouped, copy) for each, alone in a grouping of its own."""
    found = []
    for pair in map(json.loads, (STORIES / file).read_text("utf-8").splitlines()):
        out = io.StringIO()
        items = (json.dumps(pair[side] | {"id": side}).encode() for side in "ab")
        assert group(io.BytesIO(b"\n".join(items)), out) == 0
        first, second = map(json.loads, out.getvalue().splitlines())
        found.append((pair, first["event_id"] == second["event_id"], second["relation"] == "copy"))
    return found


def _f1(file: str = "pairs.jsonl", *, across_languages: bool = False) -> tuple[float, float]:
    judged = [
        (pair["relation"] == "story", grouped)
        for pair, grouped, _copy in _answers(file)
        if pair["relation"] != "copy" and (pair["a"]["lang"] != pair["b"]["lang"] or not across_languages)
    ]
    hits, false, missed = judged.count((True, True)), judged.count((False, True)), judged.count((True, False))
    return 2 * hits / (2 * hits + false + missed), hits / (hits + false)


@pytest.mark.parametrize("file", ["pairs.jsonl", "pairs-3.jsonl", "pairs-4.jsonl"])
def test_every_copy_is_found_and_none_is_false(file: str) -> None:
    copies = [(pair["relation"] == "copy", is_copy) for pair, _grouped, is_copy in _answers(file)]
    assert copies.count((False, True)) == 0
    assert copies.count((True, True)) >= 0.97 * sum(is_copy for is_copy, _found in copies)


@pytest.mark.parametrize(
    ("file", "least_f1", "least_precision"),
    [("pairs.jsonl", 0.50, 0.72), ("pairs-2.jsonl", 0.85, 0.93), ("pairs-3.jsonl", 0.92, 0.92), ("pairs-4.jsonl", 0.86, 0.80)],
)
def test_reports_of_one_story_are_grouped_and_look_alikes_are_not(file: str, least_f1: float, least_precision: float) -> None:
    f1, precision = _f1(file)
    assert f1 >= least_f1, (f1, precision)
    assert precision >= least_precision, (f1, precision)


@pytest.mark.parametrize(
    ("file", "least_f1", "most_merged"), [("pairs.jsonl", 0.43, 5), ("pairs-3.jsonl", 0.90, 2), ("pairs-4.jsonl", 0.86, 2)]
)
def test_they_are_grouped_when_all_items_are_read_together(file: str, least_f1: float, most_merged: int) -> None:
    pairs = [json.loads(line) for line in (STORIES / file).read_text("utf-8").splitlines()]
    items = [pair[side] | {"id": pair["pair"] + side} for pair in pairs for side in "ab"]
    items.sort(key=lambda item: item["published_at"])
    out = io.StringIO()
    assert group(io.BytesIO("\n".join(map(json.dumps, items)).encode()), out) == 0
    story_of = {answer["id"]: answer["event_id"] for answer in map(json.loads, out.getvalue().splitlines())}
    judged = [
        (pair["relation"] == "story", story_of[pair["pair"] + "a"] == story_of[pair["pair"] + "b"])
        for pair in pairs
        if pair["relation"] != "copy"
    ]
    hits, false, missed = judged.count((True, True)), judged.count((False, True)), judged.count((True, False))
    assert 2 * hits / (2 * hits + false + missed) >= least_f1
    owners: dict[str, set[str]] = {}
    for item_id, story_id in story_of.items():
        owners.setdefault(story_id, set()).add(item_id[:-1])
    assert sum(len(found) - 1 for found in owners.values()) <= most_merged  # what belongs to different pairs


@pytest.mark.parametrize(
    ("file", "least_f1"), [("pairs.jsonl", 0.80), ("pairs-2.jsonl", 0.88), ("pairs-3.jsonl", 0.92), ("pairs-4.jsonl", 0.82)]
)
def test_they_are_grouped_across_languages(file: str, least_f1: float) -> None:
    f1, _precision = _f1(file, across_languages=True)
    assert f1 >= least_f1, f1
