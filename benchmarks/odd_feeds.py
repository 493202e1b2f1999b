"""How newsmon answers odd feeds: every case of a folder, right or wrong and how.

Run: .venv/bin/python -I benchmarks/odd_feeds.py DIR [--json] [--only TEXT]

A case is a folder with an input (`input.xml`, `input.json`, or `response.http`, a raw answer that a server on loopback sends byte for
byte) and an `expected.txt` that says what it is, the command and the right answer; tests/data/feeds/odd holds many, and
tests/support/odd_feeds/claims.py lists what an expectation may say. The commands are the real ones. Exit code 1 if an answer is wrong,
2 if a case is not understood.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter
from dataclasses import asdict
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from support.odd_feeds.cases import case_folders
from support.odd_feeds.running import Verdict, verdict_on

MOST_CHARS = 400  # of one answer


def printed(verdict: Verdict) -> str:
    if verdict.not_understood is not None:
        return f"NOT UNDERSTOOD {verdict.name}: {verdict.not_understood}"
    if not verdict.wrong:
        return f"right {verdict.name}"
    lines = [f"WRONG {verdict.name}: {verdict.what}"]
    for claim, got in verdict.wrong:
        lines += [f"      expected {claim}", f"      got      {got if len(got) <= MOST_CHARS else got[:MOST_CHARS] + ' ...'}"]
    return "\n".join(lines)


def totals(verdicts: list[Verdict], took_s: float) -> list[str]:
    kinds = sorted({one.kind for one in verdicts})
    counts = {kind: Counter(one.word for one in verdicts if one.kind == kind) for kind in kinds}
    lines = ["", f"{'kind':<10} {'right':>6} {'wrong':>6} {'not understood':>15}"]
    lines += [f"{kind:<10} {count['right']:>6} {count['wrong']:>6} {count['not understood']:>15}" for kind, count in counts.items()]
    whole = Counter(one.word for one in verdicts)
    lines.append(
        f"{'all':<10} {whole['right']:>6} {whole['wrong']:>6} {whole['not understood']:>15}   {len(verdicts)} cases in {took_s:.0f} s"
    )
    return lines


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("directory", type=Path, help="folder of cases, or one case")
    parser.add_argument("--json", action="store_true", help="one JSON object a case")
    parser.add_argument("--only", default="", metavar="TEXT", help="only cases whose name contains TEXT")
    arguments = parser.parse_args()
    if not arguments.directory.is_dir():
        parser.error(f"{arguments.directory} is no folder")
    folders = [one for one in case_folders(arguments.directory) if arguments.only in one.name]
    if not folders:
        parser.error(f"{arguments.directory} holds no case")
    started_s = time.monotonic()
    verdicts = []
    for folder in folders:
        verdict = verdict_on(folder)
        verdicts.append(verdict)
        print(
            json.dumps({"verdict": verdict.word, **asdict(verdict)}, ensure_ascii=False) if arguments.json else printed(verdict), flush=True
        )
    if not arguments.json:
        print("\n".join(totals(verdicts, time.monotonic() - started_s)))
    words = {one.word for one in verdicts}
    return 2 if "not understood" in words else 1 if "wrong" in words else 0


if __name__ == "__main__":
    sys.exit(main())
