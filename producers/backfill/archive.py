"""Publishes a file of JSON lines: in pieces, each acknowledged, at a limited rate. Its articles raise no alerts.

In: a file. Out: counts, and every line that gave no article. I/O: the file, Kafka.
"""

from __future__ import annotations

import asyncio
import hashlib
import itertools
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from newsmon.kafka.admin import ensure_topics
from newsmon.records import EntryRejection
from newsmon.settings import Settings
from producers.articles.backfill_lines import BadLine, Piece, feed_of, piece_of
from producers.backfill.past import numbered_lines
from producers.polling.kafka_writer import KafkaWriter

PIECE_LINES = 200


@dataclass
class Report:
    """The counts for a file: lines = published + rejected."""

    feed_id: str
    line_count: int = 0
    published_count: int = 0
    unreadable_date_count: int = 0
    rejected: Counter[EntryRejection] = field(default_factory=Counter)

    def add(self, piece: Piece) -> None:
        self.line_count += piece.outcome.entry_count
        self.published_count += len(piece.articles)
        self.unreadable_date_count += piece.unreadable_date_count
        self.rejected.update(piece.outcome.rejected)


def backfill(
    settings: Settings, file: Path, *, source: str, per_second: float, on_bad_line: Callable[[BadLine], None], dry_run: bool
) -> Report:
    """Publish the file's articles; `on_bad_line` is called for each bad line. After DependencyError or PublishError, run it again."""
    if dry_run:
        return asyncio.run(_run(settings, file, None, source=source, per_second=0.0, on_bad_line=on_bad_line))
    ensure_topics(settings)
    writer = KafkaWriter(settings)
    try:
        return asyncio.run(_run(settings, file, writer, source=source, per_second=per_second, on_bad_line=on_bad_line))
    finally:
        writer.close()


async def _run(
    settings: Settings, file: Path, writer: KafkaWriter | None, *, source: str, per_second: float, on_bad_line: Callable[[BadLine], None]
) -> Report:
    with file.open("rb") as stream:
        feed = feed_of(hashlib.file_digest(stream, "sha256").hexdigest(), source)
    report = Report(feed.feed_id)
    loop = asyncio.get_running_loop()
    for seq, lines in enumerate(_pieces(file), start=1):
        started_s = loop.time()
        piece = piece_of(feed, seq, lines, now=datetime.now(UTC), max_revisions=settings.producer.max_revisions)
        for bad in piece.bad:
            on_bad_line(bad)
        if writer is not None:
            await writer.write_articles(piece.articles)
            await writer.write_outcome(piece.outcome)
            if per_second:
                await asyncio.sleep(max(0.0, len(lines) / per_second - (loop.time() - started_s)))
        report.add(piece)
    return report


def _pieces(file: Path) -> Iterator[list[tuple[int, bytes]]]:
    lines = numbered_lines(file)
    return iter(lambda: list(itertools.islice(lines, PIECE_LINES)), [])
