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
from processors.rarity.observation import Observation
from processors.replay.backtest import Comparison, Doubt, Outcome, Replay, Version, compare_article
from processors.replay.rehearsal import NewsAtLarge, PastMatches
from processors.runner.policies import decisions_for, grouping_factory
from processors.themes import ThemeFiles, compile_files

CHUNK = 250
CHUNKS_WAITING = 8  # to be classified, per worker
MATCHES_WAITING = 40  # chunks of matches before a replay
Read = tuple[bytes | None, Observation | None]  # of one article: its matches before and after, and what is counted of it
Answer = tuple[int, list[Read], list[Doubt]]  # number of articles, those with anything to say, why not

_encode = msgspec.msgpack.Encoder().encode
_articles = msgspec.msgpack.Decoder(list[Article]).decode
_matches = msgspec.msgpack.Decoder(list[Match]).decode
_both = msgspec.msgpack.Decoder(tuple[list[Match], list[Match]]).decode


def run(
    articles: Iterable[Article], before: ThemeFiles, after: ThemeFiles, settings: Settings, *, decided_from: datetime,
    counted_from: datetime, workers: int, advance: Callable[[int], None],
) -> Comparison:  # fmt: skip
    """Replay everything, calling `advance` after every chunk. 0 workers: all in this process. SettingsError for invalid themes.

    Articles before `decided_from` only have their words counted; decisions before `counted_from` only fill the memory.
    """
    source = iter(articles)
    chunks = iter(lambda: list(itertools.islice(source, CHUNK)), [])
    found = Comparison(Outcome(), Outcome())
    with ExitStack() as stack:
        context = multiprocessing.get_context("forkserver")
        sides = [stack.enter_context(_Fold(context if workers else None, settings, counted_from)) for _side in ("before", "after")]
        news = NewsAtLarge(decisions_for(settings, compile_files(ThemeFiles((), ()))))  # the themes do not matter to it
        for held, read, doubts in _classified(chunks, before, after, settings, decided_from, workers, context):
            was, now = list[Match](), list[Match]()
            for matches, observation in read:
                if matches is not None:
                    before_it, after_it = _both(matches)
                    was += news.stamped(before_it)
                    now += news.stamped(after_it)
                news.count(observation)
            for side, ready in zip(sides, (was, now), strict=True):
                if ready:
                    side.add(ready)
            found.doubt(doubts)
            advance(held)
        found.before, found.after = (side.outcome() for side in sides)
    return found


def _classified(
    chunks: Iterator[list[Article]], before: ThemeFiles, after: ThemeFiles, settings: Settings, decided_from: datetime, workers: int,
    context: BaseContext,
) -> Iterator[Answer]:  # fmt: skip
    if not workers:
        versions = _versions(before, after, settings)
        for chunk in chunks:
            yield _answer(chunk, versions, decided_from)
        return
    with ProcessPoolExecutor(workers, mp_context=context, initializer=_start, initargs=(before, after, settings)) as pool:
        waiting: deque[Future[Answer]] = deque()
        for chunk in chunks:
            waiting.append(pool.submit(_classify_chunk, _encode(chunk), decided_from))
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


def _classify_chunk(raw: bytes, decided_from: datetime) -> Answer:
    assert _compared is not None
    return _answer(_articles(raw), _compared, decided_from)


def _answer(chunk: list[Article], versions: tuple[Version, Version], decided_from: datetime) -> Answer:
    read: list[Read] = []
    doubts: list[Doubt] = []
    for article in chunk:
        found = compare_article(article, *versions) if article.first_seen_at >= decided_from else None
        observation = versions[1].decisions.observe(article)
        if found is not None or observation is not None:
            read.append((None if found is None else _encode((found.before, found.after)), observation))
        doubts += () if found is None else found.doubts
    return len(chunk), read, doubts


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

    def add(self, matches: list[Match]) -> None:
        if self._pool is None:
            assert self._own is not None
            self._own.add(matches)
            return
        self._waiting.append(self._pool.submit(_fold, _encode(matches)))
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
