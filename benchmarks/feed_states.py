"""The size of feeds' states on Kafka and in memory: .venv/bin/python -I benchmarks/feed_states.py [--feeds N]; no Kafka needed.

Compares states that hold every known entry as an object and are written whole after every poll (as older versions did, whose records
are still read) with packed entries that records refer to.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection
from pathlib import Path

import msgspec

from newsmon.codec import decode, encode
from newsmon.ids import article_id_of_url, content_hash
from newsmon.records import FeedState, KnownEntry
from producers.articles.known_entries import pack_entries
from producers.articles.state_record import SavedState, saved_state_of, state_write_after
from producers.identity.of_entry import short_hash
from producers.timing.rhythm import first_rhythm

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
SHOWN = 30  # entries in the feed at a time
POLLS = 1_000


def entry(feed: int, number: int) -> KnownEntry:
    return KnownEntry(
        article_id=article_id_of_url(f"https://a.example/{feed}/{number}"), content_hash=content_hash(f"{number}", f"{feed}", ""), revision=1,
        last_seen_at=NOW, guid_hash=short_hash(f"g{feed} {number}"), title_hash=short_hash(f"t{feed} {number}"),
        fingerprint=short_hash(f"f{feed} {number}"),
    )  # fmt: skip


def state_of(feed: int, known: tuple[KnownEntry, ...]) -> FeedState:
    """A state as after weeks of polls."""
    rhythm = first_rhythm(NOW, [NOW - timedelta(hours=7 * number + feed % 5) for number in range(60)])
    return FeedState(
        feed_id=f"feed-{feed}", url=f"https://a.example/{feed}/feed.xml", poll_seq=4_711, polled_at=NOW, next_due_at=NOW + timedelta(minutes=5),
        interval_s=300, etag='"5f3e-61a"', last_modified="Tue, 24 Nov 2026 11:40:12 GMT", body_sha256=content_hash("", "", ""),
        last_success_at=NOW, last_new_article_at=NOW, rhythm=rhythm, known=known,
    )  # fmt: skip


def states_in_order(known_count: int, polls_per_entry: int | None) -> Iterator[tuple[KnownEntry, ...]]:
    """The known entries after each poll, with a new one every `polls_per_entry` polls (None: never); those shown move to the end."""
    known = [entry(0, number) for number in range(known_count)]
    for poll in range(POLLS):
        if polls_per_entry and poll % polls_per_entry == 0:
            kept, shown = known[1:-SHOWN], known[-SHOWN:]
            known = [*kept, shown[-1], entry(0, known_count + poll), *shown[:-1]]  # newest first in the feed: the last one sank
        yield tuple(known)


def written(known_count: int, polls_per_entry: int | None) -> tuple[int, int]:
    """Bytes written to Kafka by a thousand polls of an established feed: as whole states, and with references."""
    whole_bytes = referring_bytes = 0
    saved: SavedState | None = None
    for number, known in enumerate(states_in_order(known_count, polls_per_entry)):
        state = msgspec.structs.replace(state_of(0, known), poll_seq=number)
        whole_bytes += len(encode(state))
        step = state_write_after(msgspec.structs.replace(state, known=pack_entries(known)), saved)
        referring_bytes += len(encode(step.record)) + (len(encode(step.base)) if step.base else 0)
        saved = step.saved
    return whole_bytes, referring_bytes


def rss_bytes() -> int:
    return int(Path("/proc/self/statm").read_text("ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")


def hold(kind: str, feed_count: int, known_count: int, answer: Connection) -> None:
    """Runs in its own process: the memory of the states in a producer that has read them from Kafka."""
    states: list[FeedState] = []
    saved: list[SavedState] = []
    before = rss_bytes()
    for feed in range(feed_count):
        state = state_of(feed, tuple(entry(feed, number) for number in range(known_count)))
        if kind == "objects":
            states.append(decode(encode(state), FeedState))
            continue
        saved.append(saved_state_of(decode(encode(state), FeedState), None)[0])
        if kind == "packed, and a base that differs":
            state = saved[-1].state
            saved[-1] = state_write_after(msgspec.structs.replace(state, known=state.known[61:] + state.known[:61]), saved[-1]).saved  # type: ignore[operator]
    answer.send(rss_bytes() - before)


def measured(kind: str, feed_count: int, known_count: int) -> int:
    near, far = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=hold, args=(kind, feed_count, known_count, far))
    process.start()
    taken: int = near.recv()
    process.join()
    return taken


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--feeds", type=int, default=10_000)
    arguments = parser.parse_args()
    for known_count in (200, 40):
        for polls_per_entry, words in ((None, "unchanged"), (5, "a new entry every fifth"), (1, "a new entry each")):
            whole, referring = written(known_count, polls_per_entry)
            print(
                f"1,000 polls, {words}, {known_count} known: {whole / 1e6:6.2f} MB before, {referring / 1e6:5.2f} MB now "
                f"({referring / whole:.1%})",
                flush=True,
            )
    for known_count in (200, 40):
        objects = measured("objects", arguments.feeds, known_count)
        print(f"memory of {arguments.feeds} feeds, {known_count} known: {objects / 1e6:6.0f} MB as objects", flush=True)
        for kind in ("packed", "packed, and a base that differs"):
            taken = measured(kind, arguments.feeds, known_count)
            print(f"  {kind}: {taken / 1e6:6.0f} MB ({taken / objects:.1%})", flush=True)


if __name__ == "__main__":
    main()
