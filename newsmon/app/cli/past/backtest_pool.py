"""A backtest on all cores: a pool of processes classifies the articles, and two more replay the matches, before and after the change.

In: articles in time order, the files of two theme versions, settings. Out: `Comparison`.
I/O: child processes. Memory is bounded: only a few chunks are in flight at a time, and only matches are kept.
"""

from __future__ import annotations

import itertools
import multiprocessing
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import ExitStack
from datetime import datetime
from multiprocessing.context import BaseContext
from typing import Any

import msgspec

from newsmon.records import Article, Match
from newsmon.settings import Settings
from newsmon.words import use_directory
from processors.replay.backtest import Comparison, Doubt, Outcome, Replay, Version, compare_article
from processors.replay.rehearsal import PastMatches
from processors.runner.policies import decisions_for, grouping_factory
from processors.themes import ThemeFiles, compile_files

CHUNK = 250
CHUNKS_WAITING = 8  # to be classified, per worker
MATCHES_WAITING = 40  # chunks of matches before a replay
Answer = tuple[int, bytes, bytes, list[Doubt]]  # articles, matches before, matches after, why not

_encode = msgspec.msgpack.Encoder().encode
_articles = msgspec.msgpack.Decoder(list[Article]).decode
_matches = msgspec.msgpack.Decoder(list[Match]).decode
_NONE = _encode([])


def run(
    articles: Iterable[Article], before: ThemeFiles, after: ThemeFiles, settings: Settings, *, counted_from: datetime, workers: int,
    advance: Callable[[int], None],
) -> Comparison:  # fmt: skip
    """Replay everything, calling `advance` after every chunk. 0 workers: all in this process. SettingsError for invalid themes."""
    source = iter(articles)
    chunks = iter(lambda: list(itertools.islice(source, CHUNK)), [])
    found = Comparison(Outcome(), Outcome())
    with ExitStack() as stack:
        context = multiprocessing.get_context("forkserver")
        sides = [stack.enter_context(_Fold(context if workers else None, settings, counted_from)) for _side in ("before", "after")]
        answers = _classified(chunks, before, after, settings, workers, context)
        for held, was, now, doubts in answers:
            for side, matches in zip(sides, (was, now), strict=True):
                if matches != _NONE:
                    side.add(matches)
            found.doubt(doubts)
            advance(held)
        found.before, found.after = (side.outcome() for side in sides)
    return found


def _classified(
    chunks: Iterator[list[Article]], before: ThemeFiles, after: ThemeFiles, settings: Settings, workers: int, context: BaseContext
) -> Iterator[Answer]:
    if not workers:
        versions = _versions(before, after, settings)
        for chunk in chunks:
            yield _answer(chunk, versions)
        return
    with ProcessPoolExecutor(workers, mp_context=context, initializer=_start, initargs=(before, after, settings)) as pool:
        waiting: deque[Future[Answer]] = deque()
        for chunk in chunks:
            waiting.append(pool.submit(_classify_chunk, _encode(chunk)))
            if len(waiting) >= workers * CHUNKS_WAITING:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


_compared: tuple[Version, Version] | None = None  # of a classifying process
_replay: Replay | None = None  # of a replaying process


def _start(before: ThemeFiles, after: ThemeFiles, settings: Settings) -> None:
    global _compared
    use_directory(settings.words.directory)
    _compared = _versions(before, after, settings)


def _versions(before: ThemeFiles, after: ThemeFiles, settings: Settings) -> tuple[Version, Version]:
    old, new = compile_files(before), compile_files(after)
    return Version(old, decisions_for(settings, old)), Version(new, decisions_for(settings, new))


def _classify_chunk(raw: bytes) -> Answer:
    assert _compared is not None
    return _answer(_articles(raw), _compared)


def _answer(chunk: list[Article], versions: tuple[Version, Version]) -> Answer:
    found = [one for article in chunk if (one := compare_article(article, *versions)) is not None]
    was = [match for one in found for match in one.before]
    now = [match for one in found for match in one.after]
    return len(chunk), _encode(was), _encode(now), [doubt for one in found for doubt in one.doubts]


class _Fold:
    """One side's replay: in its own process, or without a context in this one."""

    def __init__(self, context: BaseContext | None, settings: Settings, counted_from: datetime) -> None:
        self._own = None if context is not None else Replay(PastMatches(grouping_factory(settings)), counted_from)
        self._pool = ProcessPoolExecutor(1, context, _start_fold, (settings, counted_from)) if context is not None else None
        self._waiting: deque[Future[None]] = deque()

    def __enter__(self) -> _Fold:
        return self

    def __exit__(self, *_unused: Any) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)

    def add(self, matches: bytes) -> None:
        if self._pool is None:
            assert self._own is not None
            self._own.add(_matches(matches))
            return
        self._waiting.append(self._pool.submit(_fold, matches))
        if len(self._waiting) >= MATCHES_WAITING:
            self._waiting.popleft().result()

    def outcome(self) -> Outcome:
        if self._pool is None:
            assert self._own is not None
            return self._own.outcome
        for one in self._waiting:
            one.result()
        return self._pool.submit(_outcome).result()


def _start_fold(settings: Settings, counted_from: datetime) -> None:
    global _replay
    use_directory(settings.words.directory)
    _replay = Replay(PastMatches(grouping_factory(settings)), counted_from)


def _fold(matches: bytes) -> None:
    assert _replay is not None
    _replay.add(_matches(matches))


def _outcome() -> Outcome:
    assert _replay is not None
    return _replay.outcome
