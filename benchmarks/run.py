"""One command for every benchmark: .venv/bin/python -I benchmarks/run.py [--quick]; the figures go to benchmarks/RESULTS.md by hand.

Runs, each in its own process: pure classification, input other than feeds, polls, states of feeds, stories, backtests and rehearsals, the rhythm of polling,
the pipeline on a real broker, start-up time and memory.
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent


def start_up() -> None:
    """Wall time of commands that need no Kafka, best of three."""
    for name, command in (("newsmon --version", ["--version"]), ("newsmon classify, one line", ["classify"])):
        times = []
        for _ in range(3):
            started_s = time.monotonic()
            line = b'{"id": 1, "title": "US raises tariffs on steel", "text": ""}\n'
            subprocess.run([sys.executable, "-Im", "newsmon", *command], input=line, capture_output=True, check=True)
            times.append(time.monotonic() - started_s)
        print(f"{name}: {min(times):.2f} s", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a tenth of the load")
    quick = parser.parse_args().quick
    print(f"{platform.platform()}, Python {platform.python_version()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}", flush=True)
    start_up()
    pipeline = ["--articles", "3000", "--seconds", "10"] if quick else []
    rhythm = ["--quick"] if quick else []
    scripts = (
        ("classify.py", []),
        ("intake.py", []),
        ("reading.py", []),
        ("polls.py", ["--polls", "400"] if quick else []),
        ("feed_states.py", ["--feeds", "200" if quick else "2000"]),
        ("stories.py", []),
        ("headlines.py", []),
        ("inbox.py", ["series", "copies"] if quick else []),
        ("bursts.py", []),
        ("backtest.py", ["--articles", "20000" if quick else "600000"]),
        ("backtest.py", ["--rehearse", "--articles", "4000" if quick else "40000"]),
        ("rhythm.py", rhythm),
        ("pipeline.py", pipeline),
        ("deliver.py", ["--quick"] if quick else []),
    )
    for script, arguments in scripts:
        print(f"\n== {script}", flush=True)
        subprocess.run([sys.executable, "-I", str(HERE / script), *arguments], check=True)


if __name__ == "__main__":
    main()
