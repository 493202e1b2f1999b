"""The cost of copies, features and grouping per article, and the memory of a grouping.

    python benchmarks/stories.py [--articles 20000] [--members 10000]

Articles are made of a seeded vocabulary: 300 words each, one in four a copy with edits, one in four on a story that
is already there. One core; figures are medians over batches of 250.
"""

from __future__ import annotations

import argparse
import platform
import random
import statistics
import time
import tracemalloc
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

from newsmon import ids
from newsmon.codec import encode
from newsmon.records import Article, DateQuality, Evidence, Match, Origin, Severity
from newsmon.text.boilerplate import without_boilerplate
from newsmon.text.language import identify_language
from processors.features.of_article import features_of
from processors.features.sketch import sketch_of
from processors.likeness.copies import compare
from processors.stories.closing import Bounds
from processors.stories.grouping import Grouping

_BATCH = 250
_START = datetime(2026, 11, 24, tzinfo=UTC)
_SYLLABLES = "ka lo mi ter van sol ber nit dra qu fes hal tor men sis gra pol ned zu rin".split()


def _vocabulary(chance: random.Random, count: int) -> list[str]:
    return ["".join(chance.choices(_SYLLABLES, k=chance.randint(1, 4))) for _ in range(count)]


def articles(count: int, seed: int = 1) -> Iterator[Match]:
    """Yield matches: half new, a quarter edited copies, a quarter other words on a known story."""
    chance = random.Random(seed)
    common, names = _vocabulary(chance, 4_000), [word.title() for word in _vocabulary(chance, 3_000)]
    recent: list[tuple[str, list[str], list[str]]] = []
    for number in range(count):
        kind = chance.random()
        if recent and kind < 0.25:
            title, words, cast = chance.choice(recent)
            words = [word if chance.random() > 0.05 else chance.choice(common) for word in words]
        else:
            cast = chance.choice(recent)[2] if recent and kind < 0.5 else chance.sample(names, 6)
            words = [chance.choice(cast) if chance.random() < 0.08 else chance.choice(common) for _ in range(300)]
            title = f"{cast[0]} and {cast[1]} {' '.join(chance.choices(common, k=5))} {chance.randint(5, 900)}"
            recent = [*recent[-400:], (title, words, cast)]
        body = "".join(word + (". " if position % 18 == 17 else " ") for position, word in enumerate(words)).strip()
        yield _match(number, title, body)


def _match(number: int, title: str, body: str) -> Match:
    at = _START + timedelta(seconds=20 * number)
    article_id = ids.article_id_of_url(f"https://bench.example/{number}")
    content = ids.content_hash(title, "", body)
    revision_id = ids.revision_id(article_id, content)
    article = Article(
        article_id=article_id, revision=1, revision_id=revision_id, content_hash=content, origin=Origin.LIVE, feed_id="bench",
        source=f"Outlet {number % 60}", tier=2, poll_seq=1, poll_id="p", url=None, title=title, lead="", body=body, language="en",
        published_at=at, date_quality=DateQuality.STATED, first_seen_at=at,
    )  # fmt: skip
    return Match(
        match_id=ids.match_id(revision_id, "bench"), theme_id="bench", theme_label="bench", theme_version="1", generation="1", score=2.0,
        threshold=1.0, severity=Severity.NOTICE, evidence=(Evidence(clause="c", field="title", start=0, end=1, text=title[:1], contribution=2.0),),
        matched_at=at, article=article,
    )  # fmt: skip


def _microseconds(name: str, matches: list[Match], parts: Callable[[Match], object]) -> None:
    took: list[float] = []
    for at in range(0, len(matches), _BATCH):
        batch = matches[at : at + _BATCH]
        begun = time.perf_counter()
        for match in batch:
            parts(match)
        took.append((time.perf_counter() - begun) / len(batch) * 1e6)
    print(f"{name:<44} {statistics.median(took):9.0f} µs")


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, default=4_000)
    parser.add_argument("--members", type=int, default=10_000)
    options = parser.parse_args()
    matches = list(articles(options.articles))
    print(f"{platform.processor() or platform.machine()}, Python {platform.python_version()}, {options.articles} articles of about 2 kB")
    _microseconds("boilerplate removed", matches[:1000], lambda match: without_boilerplate(match.article.body))
    _microseconds("language identified", matches[:1000], lambda match: identify_language(match.article.title + match.article.body[:300]))
    _microseconds("copy sketch", matches[:1000], lambda match: sketch_of(match.article.title, "", match.article.body))
    one = sketch_of("", "", matches[0].article.body)
    other = sketch_of("", "", matches[1].article.body)
    _microseconds("two sketches compared", matches[:1000], lambda _match: compare(one, other))
    _microseconds("story features", matches[:1000], lambda match: features_of(match.article.title, match.article.body, "en"))
    grouping = Grouping()
    offsets = iter(range(options.articles))
    _microseconds(
        "decide and remember (copies + story + alert)",
        matches,
        lambda match: grouping.apply(grouping.decide(match, source_offset=next(offsets))),
    )
    print(f"{'live stories, members':<44} {grouping.story_count():>9}, {len(grouping)}")
    state_bytes = statistics.mean(len(encode(state)) for state in grouping.states()[-500:])
    print(f"{'bytes of a state on the topic':<44} {state_bytes:9.0f}")
    _memory(options.members)


def _memory(members: int) -> None:
    grouping = Grouping(bounds=Bounds(max_members=members, max_stories=members))
    tracemalloc.start()
    for offset, match in enumerate(articles(members, seed=2)):
        grouping.apply(grouping.decide(match, source_offset=offset))
    held_bytes, _peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    print(f"{f'memory of {len(grouping)} members':<44} {held_bytes / 1e6:9.0f} MB")


if __name__ == "__main__":
    main()
