"""CPU that reading feeds costs: .venv/bin/python -I benchmarks/reading.py [FOLDER ...]; one process, no network, no Kafka.

Each folder holds feeds as fetched (real ones: `benchmark_data` of kagisearch/fastfeedparser). For every feed it measures reading,
cleaning all entries (the first poll) and cleaning one entry (a later poll: unchanged entries are not cleaned again). Then it prints the
cores that 10,000 feeds polled every 5 minutes need, by the share of polls whose body has changed; unchanged bodies are not read.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from newsmon.records import Feed
from producers.articles.draft import draft_of
from producers.documents.faults import DamagedFeedError, NotAFeedError
from producers.formats.entry import ParsedFeed
from producers.formats.parse import parse_feed

REPEATS = 2
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


def measured(body: bytes) -> tuple[float, float, float] | None:
    """Seconds for reading the feed, cleaning all its entries and cleaning one; None when the file is no feed."""
    try:
        found = parse_feed(body, url=FEED.url)
    except (NotAFeedError, DamagedFeedError):
        return None
    return cpu_s(lambda: parse_feed(body, url=FEED.url)), cpu_s(lambda: clean(found, None)), cpu_s(lambda: clean(found, 1))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="*", type=Path, default=[Path(folder) for folder in FOLDERS])
    arguments = parser.parse_args()
    files = [file for folder in arguments.folders for file in sorted(folder.rglob("*")) if file.is_file()]
    rows = [row for file in files if (row := measured(file.read_bytes())) is not None]
    print(f"{len(rows)} feeds of {len(files)} files", flush=True)
    for column, name in enumerate(("read", "clean all entries", "clean one entry")):
        times_ms = [1_000 * row[column] for row in rows]
        print(f"{name:>18}: mean {statistics.mean(times_ms):6.2f} ms  median {statistics.median(times_ms):6.2f} ms")
    for share in CHANGED_SHARES:
        read, clean_one = (POLLS_S * share * statistics.mean(row[column] for row in rows) for column in (0, 2))
        print(f"{share:4.0%} of polls changed: {read:.3f} cores to read, {clean_one:.3f} to clean")


if __name__ == "__main__":
    main()
