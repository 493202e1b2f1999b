"""CPU that reading feeds costs: .venv/bin/python -I benchmarks/reading.py [FOLDER ...]; one process, no network, no Kafka.

Each folder holds feeds as they were fetched. For every feed: the CPU of reading it, of cleaning all its entries (its first poll), and
of cleaning one entry (a later poll: entries that have not changed are not cleaned again). Then the cores that 10,000 feeds polled
every 5 minutes need, for several shares of polls whose body has changed; unchanged bodies are recognised by 304 or hash and not read.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from newsmon.records import Feed
from producers.articles.clean import draft_of
from producers.formats.entry import DamagedFeedError, NotAFeedError, ParsedFeed, Reader
from producers.formats.parse import parse_feed

REPEATS = 1
POLLS_S = 10_000 / 300
CHANGED_SHARES = (0.03, 0.10, 0.40)
FOLDERS = ("tests/data/feeds", "seeds/demo/feeds")
FEED = Feed(feed_id="bench", url="https://bench.example/feed", source="Bench", language="en")
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def cpu_s(work: Callable[[], object]) -> float:
    """Of the best of a few runs."""
    found = []
    for _ in range(REPEATS):
        started_s = time.process_time()
        work()
        found.append(time.process_time() - started_s)
    return min(found)


def clean(found: ParsedFeed, count: int | None) -> None:
    for entry in found.entries[:count]:
        draft_of(entry, FEED, base=found.base, first_seen_at=NOW)


def measured(body: bytes) -> tuple[str, float, float, float, float] | None:
    """(reader, reading as shipped, reading by feedparser, cleaning all, cleaning one), in seconds; None for what is no feed."""
    try:
        found = parse_feed(body, url=FEED.url)
    except (NotAFeedError, DamagedFeedError):
        return None
    return (
        found.reader.value,
        cpu_s(lambda: parse_feed(body, url=FEED.url)),
        cpu_s(lambda: parse_feed(body, url=FEED.url, fast=False)),
        cpu_s(lambda: clean(found, None)),
        cpu_s(lambda: clean(found, 1)),
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="*", type=Path, default=[Path(folder) for folder in FOLDERS])
    arguments = parser.parse_args()
    files = [file for folder in arguments.folders for file in sorted(folder.rglob("*")) if file.is_file()]
    rows = [row for file in files if (row := measured(file.read_bytes())) is not None]
    ratios = [slow / quick for reader, quick, slow, _all, _one in rows if reader == Reader.FAST]
    print(f"{len(rows)} feeds of {len(files)} files; {len(ratios)} by the fast reader", flush=True)
    print(f"feedparser / fast reader on those: median {statistics.median(ratios):.1f}, {min(ratios):.1f} to {max(ratios):.1f}")
    for name, column in (("read as shipped", 1), ("read by feedparser", 2), ("clean all entries", 3), ("clean one entry", 4)):
        times_ms = [1_000 * row[column] for row in rows]
        print(f"{name:>20}: mean {statistics.mean(times_ms):6.2f} ms  median {statistics.median(times_ms):6.2f} ms  sum {sum(times_ms) / 1_000:5.2f} s")
    for share in CHANGED_SHARES:
        cores = [POLLS_S * share * statistics.mean(row[column] for row in rows) for column in (1, 2, 4)]
        print(f"{share:4.0%} of polls changed: {cores[0]:.3f} cores as shipped, {cores[1]:.3f} by feedparser; cleaning {cores[2]:.3f}")


if __name__ == "__main__":
    main()
