"""The time and memory of a backtest over a made-up database, or of a rehearsal of the same articles as an archive.

Run: .venv/bin/python -I benchmarks/backtest.py [--articles 600000] [--keep DIR]
     .venv/bin/python -I benchmarks/backtest.py --rehearse [--articles 40000]

The database holds articles of 2 kB over 30 days from 400 feeds; one in thirty is on US trade, in the words of a few hundred
made-up stories that several feeds report. The changed theme is the shipped us-trade with a higher threshold.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import random
import resource
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from newsmon import ids, paths
from newsmon.settings import Settings
from sinks.database.engine import create_engine_for
from sinks.database.schema import migrate
from sinks.database.sqlite_file import SQLITE_FILE

SYLLABLES = tuple(a + b for a in "bcdfghklmnprstvz" for b in ("a", "e", "i", "o", "u", "an", "er", "is"))
COMMON = (
    "the of and to in a is that for it as was with be by on not he his but at are this have from or had they which one said government "
    "minister president defence trade talks steel troops budget force country billion market companies police court weather city "
    "school report week year plan deal leaders officials American Ukraine Europe after before while people time first old new house "
    "street water river road train station family doctor hospital teacher music film book story newspaper radio summer winter morning "
    "night day month north south village town mayor vote election party research science number problem answer change growth price job"
).split()
DAYS = 30
FEEDS = 400
ON_THEME = 30
STORIES_A_DAY = 40
GOODS = "steel aluminium cars wine chips soybeans timber copper medicines films trucks beef dairy batteries ships cheese textiles".split()
PARTNERS = "Canada Mexico China Japan India Brazil Vietnam Switzerland Britain Norway Taiwan Thailand Peru Chile Kenya Turkey".split()
DEEDS = (
    "US raises tariffs on {goods} from {partner} to {number} per cent", "Washington and {partner} reach trade deal on {goods}, {number} months of talks end",
    "{partner} files WTO complaint over US duties on {goods} of {number} per cent", "Trump threatens {number} per cent tariff on {goods} from {partner}",
)  # fmt: skip


def filler(chance: random.Random, size: int) -> str:
    words: list[str] = []
    while size > 0:
        word = chance.choice(COMMON) if chance.random() < 0.7 else "".join(chance.choices(SYLLABLES, k=3))
        words.append(word)
        size -= len(word) + 1
    return " ".join(words)


def rows(count: int, now: datetime) -> Iterator[tuple[dict[str, object], dict[str, object]]]:
    """Sightings and revisions, oldest first."""
    chance = random.Random(3)
    bodies = [filler(chance, 1_700) for _ in range(3_000)]
    stories: list[str] = []
    step = timedelta(days=DAYS + 3) / count
    for number in range(count):
        at = now - timedelta(days=DAYS + 3) + step * number
        if not stories or chance.random() < STORIES_A_DAY * (DAYS + 3) / count:
            stories = [
                *stories[-60:],
                chance.choice(DEEDS).format(goods=chance.choice(GOODS), partner=chance.choice(PARTNERS), number=chance.randint(5, 99)),
            ]
        if number % ON_THEME == 0:
            story = chance.choice(stories)
            title, lead = story, f"{story}, officials said on {at:%A} in report {chance.randint(1, 40)}. {filler(chance, 120)}"
        else:
            title, lead = filler(chance, 50).capitalize(), filler(chance, 150)
        body = f"{chance.choice(bodies)} {number}"
        article_id = ids.article_id_of_url(f"https://bench.example/{number}")
        content = ids.content_hash(title, lead, f"{number}")
        revision_id, seen = ids.revision_id(article_id, content), at.strftime("%Y-%m-%d %H:%M:%S.%f")
        feed = number % FEEDS
        shared = {
            "revision_id": revision_id,
            "article_id": article_id,
            "feed_id": f"feed-{feed}",
            "poll_seq": number,
            "first_seen_at": seen,
        }
        yield (
            shared | {
                "poll_id": "p", "revision": 1, "origin": "live", "source": f"Outlet {feed}", "tier": 2, "country": None,
                "url": f"https://bench.example/{number}", "guid": None, "published_at": seen, "published_raw": None, "date_quality": "stated",
                "baseline": 0, "reidentified": 0, "kafka_partition": 0, "kafka_offset": number,
            },
            shared | {"content_hash": content, "title": title, "lead": lead, "body": body, "language": "en"},
        )  # fmt: skip


def make(state: Path, count: int) -> None:
    settings = Settings(state_dir=state)
    engine = create_engine_for(settings)
    migrate(engine)
    engine.dispose()
    connection = sqlite3.connect(state / SQLITE_FILE)
    connection.execute("PRAGMA synchronous = OFF")
    pending: list[tuple[dict[str, object], dict[str, object]]] = []

    def write() -> None:
        for table, index in (("sightings", 0), ("revisions", 1)):
            values = [one[index] for one in pending]
            names = list(values[0])
            places = ", ".join(f":{name}" for name in names)
            connection.executemany(f"INSERT INTO {table} ({', '.join(names)}) VALUES ({places})", values)
        connection.commit()
        pending.clear()

    for one in rows(count, datetime.now(UTC)):
        pending.append(one)
        if len(pending) >= 5_000:
            write()
    if pending:
        write()
    connection.close()


def archive(file: Path, count: int) -> None:
    """The same articles as lines of an archive, packed."""
    with gzip.open(file, "wt", encoding="utf-8") as out:
        for sighting, revision in rows(count, datetime.now(UTC)):
            line = {"id": str(sighting["poll_seq"]), "title": revision["title"], "text": revision["lead"], "url": sighting["url"]}
            source = {"source": f"Outlet {sighting['feed_id']}", "first_seen_at": f"{sighting['first_seen_at']}Z"}
            out.write(json.dumps(line | source) + "\n")


def rehearse(count: int) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        file = Path(scratch) / "archive.jsonl.gz"
        archive(file, count)
        began = time.monotonic()
        ended = subprocess.run([sys.executable, "-Im", "newsmon", "rehearse", str(file)], check=True, capture_output=True, text=True)
        took_s = time.monotonic() - began
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(ended.stdout.splitlines()[1])
    print(f"{count:,} articles: {took_s:,.0f} s, {used.ru_utime:,.0f} s of processor time, {used.ru_maxrss / 1024:,.0f} MB")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, default=600_000)
    parser.add_argument("--keep", type=Path, help="Make the database here (once) and leave it.")
    parser.add_argument("--rehearse", action="store_true", help="Rehearse an archive instead.")
    options = parser.parse_args()
    if options.rehearse:
        rehearse(options.articles)
        return
    with tempfile.TemporaryDirectory() as scratch:
        state = options.keep or Path(scratch)
        if not (state / SQLITE_FILE).exists():
            make(state, options.articles)
        config = Path(scratch) / "newsmon.toml"
        config.write_text(f"state_dir = {json.dumps(str(state))}\n")
        changed = Path(scratch) / "us-trade.toml"
        shipped = (paths.seeds() / "themes" / "us-trade.toml").read_text("utf-8")
        threshold = next(line for line in shipped.splitlines() if line.startswith("threshold"))
        changed.write_text(shipped.replace(threshold, f"threshold = {float(threshold.partition('=')[2]) + 3}"), "utf-8")
        began = time.monotonic()
        ended = subprocess.run(
            [sys.executable, "-Im", "newsmon", "backtest", str(changed), "--since", f"{DAYS}d", "--config", str(config), "--limit", "3"],
            check=True,
        )
        took_s = time.monotonic() - began
    largest = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(
        f"{options.articles:,} articles: {took_s:,.0f} s on {os.cpu_count()} cores, largest process {largest:,.0f} MB, exit {ended.returncode}"
    )


if __name__ == "__main__":
    main()
