"""`newsmon parse`: the bytes of a feed become articles, by the producer's own path, without Kafka and without the network."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import BinaryIO

import click

from newsmon import ids
from newsmon.app.cli.options import words_option
from newsmon.codec import encode
from newsmon.records import EntryRejection, Feed, FetchResult
from newsmon.settings import ProducerSettings
from producers.articles.clean import Draft, Unchanged
from producers.articles.known import PollStamp, compare
from producers.articles.parsed import Job, parse_job

FEED_ID = "parse"


@click.command(name="parse", short_help="bytes of a feed -> articles as JSON lines")
@click.option("--url", default="", help="Where the feed comes from: relative links are relative to it.")
@click.option("--content-type", default="", help="The Content-Type it came with; decides the encoding.")
@click.argument("file", type=click.File("rb"))
@words_option
def command(url: str, content_type: str, file: BinaryIO) -> None:
    """Write the articles in FILE (`-` is standard input) as JSON lines, just as they would go to Kafka.

    Entries that cannot be articles are named on standard error, one line each with the reason. Exit code 1 when FILE is no feed.
    """
    limits = ProducerSettings()
    name = str(getattr(file, "name", "standard input"))
    body = file.read(limits.max_body_bytes + 1)
    if len(body) > limits.max_body_bytes:
        _refuse(name, f"more than {limits.max_body_bytes} bytes")
    if not body.strip():
        _refuse(name, "empty")
    now = datetime.now(UTC)
    feed = Feed(feed_id=FEED_ID, url=url, source=FEED_ID)
    parsed = parse_job(Job(feed, body, content_type, url, limits.max_entries, now))
    if parsed.result is not FetchResult.OK:
        _refuse(name, parsed.detail or parsed.result.value)
    poll = ids.poll_id(FEED_ID, 1, now.isoformat(), "")
    answer = compare(parsed.drafts, None, feed, PollStamp(1, poll, now, limits.max_revisions))
    for article in answer.articles:
        sys.stdout.buffer.write(encode(article) + b"\n")
    sys.stdout.buffer.flush()
    for position, reason in _rejections(parsed.drafts):
        click.echo(f"entry {position}: {reason.value}", err=True)


def _rejections(drafts: Sequence[Draft | Unchanged | EntryRejection]) -> Iterator[tuple[int, EntryRejection]]:
    """Which entries (counted from 1) did not become articles, and why, as `compare` decides it for a first poll."""
    seen: set[str] = set()
    for position, draft in enumerate(drafts, start=1):
        if isinstance(draft, Unchanged):
            continue  # not without a state
        if isinstance(draft, EntryRejection):
            yield position, draft
        elif draft.article_id in seen:
            yield position, EntryRejection.DUPLICATE_ENTRY
        else:
            seen.add(draft.article_id)


def _refuse(name: str, why: str) -> None:
    click.echo(f"newsmon parse: {name}: not a feed: {' '.join(why.split())}", err=True)
    sys.exit(1)
