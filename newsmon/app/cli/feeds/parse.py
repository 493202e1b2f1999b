"""`newsmon parse`: a feed file becomes articles, as in the producer, without Kafka or network."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from typing import BinaryIO

import click

from newsmon import ids
from newsmon.app.cli import EXIT_NO
from newsmon.app.cli.options import words_option
from newsmon.codec import encode
from newsmon.records import Feed, FetchResult
from newsmon.settings import ProducerSettings
from producers.articles.comparison import PollStamp, compare
from producers.articles.parse_job import ParseJob, drafts_of_body

FEED_ID = "parse"


@click.command(name="parse")
@click.option("--url", default="", help="Address of the feed, to resolve relative links.")
@click.option("--content-type", default="", help="Content-Type header of the feed; decides the encoding.")
@click.argument("file", type=click.File("rb"))
@words_option
def command(url: str, content_type: str, file: BinaryIO) -> None:
    """Print the articles in the feed FILE (`-` is standard input) as JSON lines, exactly as the producer publishes them.

    Rejected entries go to standard error, one line each with the reason. Exit code 1 if FILE is not a feed.
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
    parsed = drafts_of_body(ParseJob(feed, body, content_type, url, limits.max_entries, now))
    if parsed.result is not FetchResult.OK:
        _refuse(name, parsed.detail or parsed.result.value)
    poll = ids.poll_id(FEED_ID, 1, now.isoformat(), "")
    answer = compare(parsed.drafts, None, feed, PollStamp(1, poll, now, limits.max_revisions), links=parsed.links)
    for article in answer.articles:
        sys.stdout.buffer.write(encode(article) + b"\n")
    sys.stdout.buffer.flush()
    for number, reason in answer.refused:
        click.echo(f"entry {number}: {reason.value}", err=True)
    if parsed.is_cut:
        click.echo(f"newsmon parse: {name}: {parsed.detail}", err=True)


def _refuse(name: str, why: str) -> None:
    click.echo(f"newsmon parse: {name}: not a feed: {' '.join(why.split())}", err=True)
    sys.exit(EXIT_NO)
