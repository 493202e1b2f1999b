"""The cost of counting words: per article, and of summing a month of everybody's counts, as a worker does at its start and once a day.

    python benchmarks/word_counts.py [--articles 4000] [--keys 5000]

Articles are made of a seeded vocabulary; `--keys` is the number of keys in one partition's day (176 outlets: some 4,000). One core.
"""

from __future__ import annotations

import argparse
import random
import resource
import time
from datetime import UTC, date, datetime, timedelta
from functools import partial

import msgspec

from newsmon import ids
from newsmon.codec import decode, encode
from newsmon.records import Article, DateQuality, Origin, WordCounts
from processors.likeness.traits import observed
from processors.rarity.counting import Counting
from processors.rarity.day_counts import DayCounts
from processors.rarity.shipped import shipped_shares

DAYS, PARTITIONS = 30, 6
TODAY = datetime(2026, 11, 24, 12, tzinfo=UTC)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=int, default=4_000)
    parser.add_argument("--keys", type=int, default=5_000)
    options = parser.parse_args()
    rng = random.Random(13)
    counting = count_articles(rng, options.articles)
    sum_month(rng, options.keys, counting)


def count_articles(rng: random.Random, number: int) -> Counting:
    words = ["".join(rng.choices("abdefgiklmnoprstuvz", k=rng.randint(3, 11))) for _ in range(20_000)]
    articles = [article(rng, words, one) for one in range(number)]
    counting = Counting(shipped_shares())
    found = [observed(one) for one in articles[:200]]  # caches
    start = time.process_time()
    found = [observed(one) for one in articles]
    middle = time.process_time()
    for one in found:
        if one is not None:
            counting.add(one)
    end = time.process_time()
    print(f"finding keys  {(middle - start) / number * 1e6:6.1f} µs an article (every third one is counted)")
    print(f"counting      {(end - middle) / number * 1e6:6.1f} µs an article")
    return counting


def article(rng: random.Random, words: list[str], number: int) -> Article:
    def text(count: int) -> str:
        chosen = (words[int(len(words) * rng.random() ** 3)] for _ in range(count))
        return " ".join(word.title() if rng.random() < 0.2 else word for word in chosen)

    lead = ". ".join(text(14) for _ in range(3)) + "."
    article_id = ids.article_id_of_url(f"https://press.example/{number}")
    return Article(
        article_id=article_id, revision=1, revision_id="r", content_hash="c", origin=Origin.LIVE, feed_id="press", source="Press", tier=2,
        poll_seq=1, poll_id="p", url=None, title=text(9), lead=lead, body="", language="en", published_at=TODAY,
        date_quality=DateQuality.STATED, first_seen_at=TODAY,
    )  # fmt: skip


def sum_month(rng: random.Random, number: int, counting: Counting) -> None:
    words = [f"w:{rng.randrange(16**6):06x}" for _ in range(number * 12)]
    values = {
        (TODAY.date() - timedelta(days=day + 1), partition): record(rng, words, number)
        for day in range(DAYS)
        for partition in range(PARTITIONS)
    }
    largest = max(map(len, values.values()))
    print(f"a month       {sum(map(len, values.values())) / 1e6:6.1f} MB in {len(values)} records, the largest {largest / 1e3:.0f} kB")
    before = peak_mb()
    start = time.process_time()
    shares = counting.shares_at(TODAY, {part: partial(counts, value) for part, value in values.items()})
    took_s = time.process_time() - start
    print(f"summing it    {took_s:6.2f} s, {peak_mb() - before:.0f} MB more at the peak; {len(shares)} keys held")
    start = time.process_time()
    for word in words[:20_000]:
        shares.rarity(word, "en")
    print(f"one rarity    {(time.process_time() - start) / min(len(words), 20_000) * 1e6:6.2f} µs")


def record(rng: random.Random, words: list[str], number: int) -> bytes:
    keys: dict[str, int] = {}
    for _ in range(number):
        word = words[int(len(words) * rng.random() ** 2.5)]
        keys[word] = keys.get(word, 0) + 1
    keys |= {f"l:{rng.randrange(16**12):012x}": 1 for _ in range(number // 3)}
    template = WordCounts(
        day=date.min.isoformat(), partition=0, through_offset=0, articles_log=None, articles={"en": number // 15}, keys={}
    )
    return encode(msgspec.structs.replace(template, keys=keys))


def counts(value: bytes) -> DayCounts:
    kept = decode(value, WordCounts)
    return DayCounts(kept.articles, kept.keys, kept.level)


def peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
