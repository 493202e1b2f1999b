"""A campaign of faults against a real `newsmon run`: .venv/bin/python tests/faults/campaign.py [--seed N] [--minutes M] [--database D]

Without --minutes the short one: at least 60 faults of at least 20 kinds. With it, faults until the time is over, among them outages
longer than every client's time-outs. Exit code 0: nothing was lost, doubled or astray, the ledger balances and every fault was got over.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from support.campaign.kinds import Kind
from support.campaign.setting_up import run_campaign


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=random.randrange(1_000_000), help="the same seed gives the same faults")
    parser.add_argument("--minutes", type=float, help="length of a long campaign")
    parser.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    parser.add_argument("--without", type=Kind, nargs="*", default=[], help="kinds of fault to leave out")
    parser.add_argument("--only", type=Kind, nargs="*", default=[], help="only these kinds of fault")
    parser.add_argument("--report", type=Path, help="write the report to this file as JSON")
    options = parser.parse_args()
    print(f"campaign: seed {options.seed}", flush=True)
    report = run_campaign(
        seed=options.seed, minutes=options.minutes, database=options.database, without=options.without, only=options.only,
        say=partial(print, flush=True),
    )  # fmt: skip
    if options.report:
        options.report.write_text(json.dumps(report.as_json(), indent=1, default=str) + "\n", "utf-8")
    print(report.text())
    return 0 if report.is_good else 1


if __name__ == "__main__":
    sys.exit(main())
