"""Classification for a backtest on all cores: chunks of articles out to processes, answers back in the order of time.

In: an iterator of articles, the files of two theme versions. Out: per chunk, how many articles it held and what was found.
I/O: child processes. Memory is bounded: only a few chunks are under way at any time.
"""

from __future__ import annotations

import itertools
import multiprocessing
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor

import msgspec

from newsmon.records import Article
from processors.backtest import Compared, compare_article
from processors.themes import ThemeFiles, ThemeSet, compile_files

CHUNK = 250
WAITING_PER_WORKER = 4
Answer = tuple[int, list[Compared]]

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(list[Article]).decode
_themes: tuple[ThemeSet, ThemeSet] | None = None  # of a worker process


def compared(articles: Iterable[Article], before: ThemeFiles, after: ThemeFiles, *, workers: int) -> Iterator[Answer]:
    """Yield the answers of one chunk after another; with `workers` 0 in this very process. Raises what compiling raises."""
    source = iter(articles)
    chunks = iter(lambda: list(itertools.islice(source, CHUNK)), [])
    if workers < 1:
        themes = compile_files(before), compile_files(after)
        for chunk in chunks:
            yield _answer(chunk, themes)
        return
    context = multiprocessing.get_context("forkserver")
    with ProcessPoolExecutor(workers, mp_context=context, initializer=_start, initargs=(before, after)) as pool:
        waiting: deque[Future[Answer]] = deque()
        for chunk in chunks:
            waiting.append(pool.submit(_work, _encode(chunk)))
            if len(waiting) >= workers * WAITING_PER_WORKER:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def _start(before: ThemeFiles, after: ThemeFiles) -> None:
    global _themes
    _themes = compile_files(before), compile_files(after)


def _work(raw: bytes) -> Answer:
    assert _themes is not None
    return _answer(_decode(raw), _themes)


def _answer(chunk: list[Article], themes: tuple[ThemeSet, ThemeSet]) -> Answer:
    found = (compare_article(article, *themes) for article in chunk)
    return len(chunk), [one for one in found if one is not None]
