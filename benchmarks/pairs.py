"""Same-story decisions by pair: our own blind pairs and, if you have them, the labelled pairs of real news of SemEval-2022 task 8.

Run: [NEWSMON_NEWS_PAIRS=testing_set.csv] .venv/bin/python -I benchmarks/pairs.py

The CSV (columns lang1, lang2, text_1, text_2, Overall) is public and not in the repository. It has no titles and no dates: the first
sentence serves as a title, and both articles of a pair get times up to 40 hours apart by chance, regardless of their label. 1 to 2 of 4 counts
as the same story, 3 and more as different; pairs in between are left out, as are languages that no shipped theme covers. Each pair is
decided alone, then with all items in one file.
"""

from __future__ import annotations

import csv
import io
import json
import os
import random
import re
import sys
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from newsmon.app.cli.stories.offline import match_of_item
from processors.stories.grouping import Grouping

_OWN = Path(__file__).parents[1] / "tests" / "data" / "stories"
_LANGUAGES = frozenset(("cs", "de", "en", "es", "fr", "it", "pl", "ru", "uk"))
_FIRST_SENTENCE = re.compile(r"(.{25,140}?[.!?:])\s")
Pair = dict[str, Any]


def main() -> int:
    for file in sorted(_OWN.glob("pairs*.jsonl")):
        _report(file.name, [json.loads(line) for line in file.read_text("utf-8").splitlines()])
    real = os.environ.get("NEWSMON_NEWS_PAIRS")
    if real:
        _report("real news", list(_real_pairs(Path(real))))
    return 0


def _report(name: str, pairs: list[Pair]) -> None:
    judged = [pair for pair in pairs if pair["relation"] != "copy"]
    across = [pair for pair in judged if pair["a"]["lang"] != pair["b"]["lang"]]
    together = _stories(_item(pair, side) for pair in pairs for side in "ab")
    print(f"{name}: {len(pairs)} pairs, {len(judged)} of them no copies, {len(across)} of those across languages")
    print("  alone           ", _figures(judged, _alone(judged)))
    print("  across languages", _figures(across, _alone(across)))
    print("  in one file     ", _figures(judged, [together[pair["pair"] + "a"] == together[pair["pair"] + "b"] for pair in judged]))


def _item(pair: Pair, side: str) -> Pair:
    return pair[side] | {"id": pair["pair"] + side}


def _alone(pairs: list[Pair]) -> list[bool]:
    found = (_stories([_item(pair, "a"), _item(pair, "b")]) for pair in pairs)
    return [len(set(stories.values())) == 1 for stories in found]


def _stories(items: Iterable[Pair]) -> dict[str, str]:
    """Return the story of each item by its id, the items taken in the order they appeared."""
    grouping, stories = Grouping(), {}
    for offset, item in enumerate(sorted(items, key=lambda item: item["published_at"])):
        state = grouping.decide(match_of_item(item), source_offset=offset)
        grouping.apply(state)
        stories[item["id"]] = state.event_id
    return stories


def _figures(pairs: list[Pair], same: list[bool]) -> str:
    judged = [(pair["relation"] == "story", found) for pair, found in zip(pairs, same, strict=True)]
    hits, false, missed = judged.count((True, True)), judged.count((False, True)), judged.count((True, False))
    return f"F1 {2 * hits / (2 * hits + false + missed):.3f}  P {hits / (hits + false):.2f}  R {hits / (hits + missed):.2f}"


def _real_pairs(file: Path) -> Iterator[Pair]:
    chance = random.Random(5)
    csv.field_size_limit(sys.maxsize)
    with file.open(encoding="utf-8", newline="") as opened:
        for row in csv.DictReader(opened):
            overall = float(row["Overall"])
            if 2 < overall < 3 or not {row["lang1"], row["lang2"]} <= _LANGUAGES:
                continue
            first = datetime(2020, 3, 1, tzinfo=UTC) + timedelta(hours=chance.uniform(0, 24 * 60))
            second = first + timedelta(hours=min(chance.expovariate(1 / 9), 40))
            yield {
                "pair": row["pair_id"],
                "relation": "story" if overall <= 2 else "different",
                "a": _article(row["text_1"], row["lang1"], first),
                "b": _article(row["text_2"], row["lang2"], second),
            }


def _article(text: str, language: str, at: datetime) -> Pair:
    text = _unbroken(text).strip()
    found = _FIRST_SENTENCE.match(text)
    title = found[1] if found else " ".join(text.split()[:12])
    return {"title": title, "text": text[len(title) :].strip(), "lang": language, "published_at": at.isoformat()}


def _unbroken(text: str) -> str:
    """Return the text without the one wrong decoding that much of the file went through."""
    out = io.StringIO()
    for line in text.splitlines(keepends=True):
        try:
            out.write(line.encode("latin-1").decode("utf-8"))
        except UnicodeError:
            out.write(line)
    return out.getvalue()


if __name__ == "__main__":
    sys.exit(main())
