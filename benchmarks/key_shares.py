"""Makes seeds/key-shares.txt: how many articles hold a key, by what a word list says, for the days before newsmon has counted for itself.

    pip download --no-deps wordfreq==3.1.1 && unzip wordfreq-3.1.1-*.whl -d lists
    python benchmarks/key_shares.py lists/wordfreq/data > seeds/key-shares.txt

The lists are those of wordfreq (Robyn Speer, CC BY-SA 4.0), made of subtitles, encyclopedias, news, books and the web. Run it again when
the keys of `processors/features/of_article.py` or the word files change.

A word of frequency f stands in 1 - exp(-60 f) of the articles: a headline and 320 characters have about 60 words. Against the counts of
12,730 English articles this is right within a factor of four for most words. Names in general (`s:`) share a skeleton with common words,
which are seldom written with a capital, so their share is cut off. A name, place or event word of the word files is there because the
news is full of it, so it has at least one article in 400. Numbers are by rule: the smaller and rounder, the more common.
"""

from __future__ import annotations

import argparse
import gzip
import math
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import msgspec

from newsmon.words import current
from newsmon.words.plain import plain
from processors.features.of_article import name_skeleton

LANGUAGES = {"en": 0.5, "cs": 0.05, "de": 0.1, "es": 0.05, "fr": 0.05, "it": 0.05, "pl": 0.1, "ru": 0.05, "uk": 0.05}  # shares of a stream
WORDS_OF_AN_ARTICLE = 60
LEAST_SHARE = 5e-4
MOST_OF_A_NAME = 3e-3
LEAST_OF_THE_GAZETTEER = 1 / 400
STEPS = 8  # a factor of ten is cut into so many steps
_WORD = re.compile(r"[^\W\d_]+")

HEADER = """\
# The share of articles that contain a key, in the news at large: one line per share and language, * for keys that are the same in all.
# Made by benchmarks/key_shares.py from the word lists of wordfreq 3.1.1 (Robyn Speer), which are licensed under CC BY-SA 4.0
# (https://creativecommons.org/licenses/by-sa/4.0/); so is this file.
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("lists", type=Path, help="the folder with large_en.msgpack.gz and the others")
    folder = parser.parse_args().lists
    print(HEADER, end="")
    common: dict[str, float] = defaultdict(float)
    for language, part in LANGUAGES.items():
        words, others = keys_of(folder / f"large_{language}.msgpack.gz")
        show(language, {key: of_articles(frequency) for key, frequency in words.items()}, LEAST_SHARE)
        for key, frequency in others.items():
            common[key] += part * of_articles(frequency)
    names = {key: min(share, MOST_OF_A_NAME) for key, share in common.items() if key.startswith("s:")}
    known = {key: max(common.get(key, 0.0), LEAST_OF_THE_GAZETTEER) for key in current().gazetteer.weights}
    show("*", names, 2 * LEAST_SHARE)
    show("*", known | dict(numbers()), LEAST_SHARE)


def keys_of(path: Path) -> tuple[dict[str, float], dict[str, float]]:
    """The frequencies of a list's words as keys: stems, and what is the same in every language."""
    table, stop_words = current(), current().stop_words.words
    words: dict[str, float] = defaultdict(float)
    others: dict[str, float] = defaultdict(float)
    for word, frequency in frequencies(path):
        token = plain(word).replace("'", "")
        if not _WORD.fullmatch(token):
            continue
        known = table.gazetteer.key_of([token], 0)
        if known is not None:
            others[known[0]] += frequency
        elif len(token) >= 3 and token not in stop_words:
            words["w:" + token[:6]] += frequency
            others["s:" + name_skeleton(token)] += frequency
    return words, others


def frequencies(path: Path) -> Iterator[tuple[str, float]]:
    """The words of a list and how often each is used: row n of the file has those of 10 ** (-n / 100)."""
    _head, *rows = msgspec.msgpack.decode(gzip.decompress(path.read_bytes()))
    for number, words in enumerate(rows):
        for word in words:
            yield word, 10 ** (-number / 100)


def of_articles(frequency: float) -> float:
    return 1 - math.exp(-WORDS_OF_AN_ARTICLE * frequency)


def numbers() -> Iterator[tuple[str, float]]:
    """By rule, not by count."""
    yield from ((f"q:{value}", 0.02 if value <= 10 else 0.01) for value in range(32))
    yield from ((f"q:{value}", 0.003) for value in range(32, 101))
    yield from ((f"q:{value}", 0.003) for value in range(150, 1001, 50))
    yield from ((f"q:{value}", 0.01) for value in range(2000, 2041))
    yield from ((f"q:{value}%", 0.002) for value in (*range(1, 21), 25, 30, 40, 50, 60, 70, 80, 90, 100))
    yield from (
        (f"q:{value:.4g}", 0.002) for power in (3, 6, 9) for factor in (1, 2, 3, 5, 10, 20, 50, 100) for value in (factor * 10.0**power,)
    )


def show(language: str, shares: dict[str, float], least: float) -> None:
    rows: dict[int, list[str]] = defaultdict(list)
    for key, share in shares.items():
        if share >= least:
            rows[round(STEPS * math.log10(share))].append(key)
    for step in sorted(rows, reverse=True):
        print(f"{language} {10 ** (step / STEPS):.2g}: {' '.join(sorted(rows[step]))}")


if __name__ == "__main__":
    main()
