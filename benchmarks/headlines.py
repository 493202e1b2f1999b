"""The B-cubed score of our stories on headlines alone, against stories marked by others.

Run: NEWSMON_HEADLINES=uci-news-aggregator.csv .venv/bin/python -I benchmarks/headlines.py

The file is the public UCI news aggregator's, or a part of it (columns ID, TITLE, PUBLISHER, STORY, TIMESTAMP in milliseconds); it is not in the
repository. The headlines go through `newsmon stories` in the order they appeared, without texts and without themes: the hardest case
of all, unfiltered general news. B-cubed precision, recall and F1 are means over the headlines (Bagga and Baldwin, 1998).
"""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path


def main() -> int:
    file = os.environ.get("NEWSMON_HEADLINES")
    if not file:
        print("NEWSMON_HEADLINES names no file: nothing measured")
        return 0
    with Path(file).open(encoding="utf-8", newline="") as opened:
        rows = [row for row in csv.DictReader(opened) if row.get("STORY")]
    rows.sort(key=lambda row: (int(row["TIMESTAMP"]), row["ID"]))
    items = "".join(
        json.dumps(
            {"id": str(number), "title": row["TITLE"], "text": "", "lang": "en", "source": row["PUBLISHER"], "published_at": moment(row)}
        )
        + "\n"
        for number, row in enumerate(rows)
    )
    done = subprocess.run([sys.executable, "-Im", "newsmon", "stories"], input=items, capture_output=True, text=True, check=False)
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    ours = [answer.get("event_id", f"refused {answer['id']}") for answer in answers]
    precision, recall = b_cubed(ours, [row["STORY"] for row in rows])
    f1 = 2 * precision * recall / (precision + recall)
    print(f"{len(rows)} headlines, {len({row['STORY'] for row in rows})} marked stories, {len(set(ours))} of ours")
    print(f"B-cubed precision {precision:.3f}, recall {recall:.3f}, F1 {f1:.3f}")
    return 0


def moment(row: dict[str, str]) -> str:
    return datetime.fromtimestamp(int(row["TIMESTAMP"]) / 1000, UTC).isoformat()


def b_cubed(ours: list[str], marked: list[str]) -> tuple[float, float]:
    mine, theirs = defaultdict(set), defaultdict(set)
    for number, (one, other) in enumerate(zip(ours, marked, strict=True)):
        mine[one].add(number)
        theirs[other].add(number)
    shared = [len(mine[one] & theirs[other]) for one, other in zip(ours, marked, strict=True)]
    count = len(ours)
    precision = sum(common / len(mine[one]) for common, one in zip(shared, ours, strict=True)) / count
    recall = sum(common / len(theirs[other]) for common, other in zip(shared, marked, strict=True)) / count
    return precision, recall


if __name__ == "__main__":
    sys.exit(main())
