"""`newsmon feeds check`: fetch one feed once, as the producer would, and show the result."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from newsmon.app.cli import EXIT_NO
from newsmon.app.cli.feeds.explain import WHY_NEXT, feed_named
from newsmon.app.cli.options import config_option, settings_from
from newsmon.app.cli.printing import escape_controls
from newsmon.app.cli.times import short_span
from newsmon.logs import configure_logs
from newsmon.records import DueReason, Feed
from newsmon.settings import ProducerSettings
from newsmon.settings.feed_credentials import FeedCredentials, load_credentials
from newsmon.settings.feeds import load_feeds
from producers.answers.outcome import SUCCESSES
from producers.articles.publishers import Publishers, publishers_of
from producers.http.fetch import Fetcher
from producers.polling.poller import Poller
from producers.reports.poll_report import FeedReport
from producers.timing.rhythm import level_h
from producers.workers.worker_pool import WorkerPool

SHOWN_ENTRIES = 10


@click.command(name="check", short_help="Fetch one feed now and show the result.")
@config_option
@click.argument("feed", metavar="FEED|URL")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of the report.")
def check_command(config_file: Path | None, feed: str, as_json: bool) -> None:
    """Fetch a feed once, now, as the producer would, and show the result. Publishes and remembers nothing.

    FEED is an id from the feeds file, URL any address. Exit code 1 if the response is unusable.
    """
    settings = settings_from(config_file)
    configure_logs(settings.log, stage="feeds")
    wanted = Feed(feed_id="check", url=feed, source="check") if "://" in feed else feed_named(settings, feed)
    credentials = {} if "://" in feed else load_credentials(settings.producer.feeds_file)
    publishers = {} if "://" in feed else publishers_of(load_feeds(settings.producer.feeds_file))
    found = asyncio.run(_polled(wanted, settings.producer, credentials, publishers))
    if as_json:
        click.echo(json.dumps(_as_object(found), ensure_ascii=False))
    else:
        for line in _report(found):
            click.echo(line)
    sys.exit(0 if found.outcome.result in SUCCESSES else EXIT_NO)


async def _polled(
    feed: Feed, settings: ProducerSettings, credentials: Mapping[str, FeedCredentials], publishers: Publishers
) -> FeedReport:  # fmt: skip
    parsing = WorkerPool(cpu_limit_s=settings.parse_timeout_s)
    try:
        async with Fetcher(settings) as fetcher:
            return await Poller(fetcher, parsing, settings, "feeds-check", credentials=credentials, publishers=publishers).poll(feed, None)
    finally:
        parsing.close()


def _as_object(found: FeedReport) -> dict[str, Any]:
    outcome = found.outcome
    return {
        "result": outcome.result.value, "status": outcome.status, "detail": outcome.detail, "body_bytes": outcome.body_bytes,
        "entry_count": outcome.entry_count, "article_count": len(found.articles),
        "rejected": {reason.value: count for reason, count in outcome.rejected.items()},
        "etag": found.state.etag, "last_modified": found.state.last_modified, "retry_after_s": outcome.retry_after_s,
        "rate_per_day": round(level_h(found.state.rhythm) * 24, 2) if found.state.rhythm else None,
        "next_in_s": round((outcome.next_due_at - outcome.finished_at).total_seconds()),
        "next_because": outcome.due_reason.value if outcome.due_reason else None,
        "moved_to": found.state.moved_to,
        "articles": [
            {
                "title": one.title, "url": one.url, "language": one.language, "published_raw": one.published_raw,
                "published_at": one.published_at.isoformat() if one.published_at else None, "date_quality": one.date_quality.value,
            }
            for one in found.articles
        ],
    }  # fmt: skip


def _report(found: FeedReport) -> list[str]:
    outcome, state = found.outcome, found.state
    took_s = (outcome.finished_at - outcome.started_at).total_seconds()
    lines = [
        f"result       {outcome.result.value}{f' (HTTP {outcome.status})' if outcome.status else ''} after {took_s:.1f} s",
        *([f"detail       {escape_controls(outcome.detail)}"] if outcome.detail else []),
        f"body         {outcome.body_bytes:,} bytes",
        f"validators   ETag {escape_controls(state.etag or 'none')}, Last-Modified {escape_controls(state.last_modified or 'none')}",
        *([f"moved        permanently, to {escape_controls(state.moved_to)}"] if state.moved_to else []),
        f"entries      {outcome.entry_count}: {len(found.articles)} article{'' if len(found.articles) == 1 else 's'}"
        + "".join(f", {count} rejected ({reason.value})" for reason, count in outcome.rejected.items()),
        *(f"rejected     {one.reason.value}, for example {escape_controls(one.example)!r}" for one in state.rejecting if one.example),
    ]
    if found.articles:
        qualities = [one.date_quality.value for one in found.articles]
        lines.append("dates        " + ", ".join(f"{qualities.count(word)} {word}" for word in sorted(set(qualities))))
        if any(one.published_at for one in found.articles):
            lines.append(f"rate         about {level_h(state.rhythm) * 24:.1f} articles a day, judging by their dates")
        else:
            lines.append("rate         not known: no entry has a usable date")
    wait = outcome.next_due_at - outcome.finished_at
    lines.append(f"next poll    in {short_span(wait)}: {WHY_NEXT[outcome.due_reason or DueReason.RHYTHM]}")
    for one in found.articles[:SHOWN_ENTRIES]:
        at = one.published_at.isoformat(timespec="minutes").replace("+00:00", "Z") if one.published_at else one.date_quality.value
        lines.append(f"  {at:<18} {one.language:<3} {escape_controls(one.title[:100])}")
    if len(found.articles) > SHOWN_ENTRIES:
        lines.append(f"  ... {len(found.articles) - SHOWN_ENTRIES} more; --json shows all")
    return lines
