"""Where newsmon reads feeds otherwise than feedparser by itself, over feedparser's own test files, and why.

Run: .venv/bin/python -I benchmarks/feedparser_differences.py DIR [--list]

DIR is the folder `tests` of feedparser's repository. Prints the table of docs/feeds.md; with --list every difference. Exit code 1 if
there is one that no reason explains.
"""

from __future__ import annotations

import argparse
import sys
from collections import defaultdict
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from support.feedparser_differences import Difference, Reason, differences


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("directory", type=Path, help="feedparser's folder `tests`")
    parser.add_argument("--list", action="store_true", help="every difference, one a line")
    arguments = parser.parse_args()
    root: Path = arguments.directory
    files = sorted(path for path in root.rglob("*") if path.suffix in (".xml", ".json"))
    if not files:
        parser.error(f"{root} holds no feed")
    by_reason: defaultdict[Reason, list[Difference]] = defaultdict(list)
    for path in files:
        for one in differences(path, root):
            by_reason[one.reason].append(one)
    if arguments.list:
        for reason, found in by_reason.items():
            print(reason.value)
            for one in found:
                print(f"  {one.file}: {one.aspect}: newsmon {str(one.ours)[:100]!r}, feedparser {str(one.theirs)[:100]!r}")
    else:
        print("| difference and reason | files | for example |\n|---|---|---|")
        for reason in Reason:
            names = sorted({one.file for one in by_reason[reason]})
            if names:
                print(f"| {reason.value} | {len(names)} | {names[0]} |")
    other = {one.file for found in by_reason.values() for one in found}
    print(f"\n{len(files) - len(other):,} of {len(files):,} files are read alike.")
    return 1 if by_reason[Reason.UNEXPLAINED] else 0


if __name__ == "__main__":
    sys.exit(main())
