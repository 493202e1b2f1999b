"""`newsmon feeds check | explain`: fetch one feed once and show what it comes to; say when one is polled next and why."""

from __future__ import annotations

import asyncio
import json
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import click

from newsmon.app.cli.feeds.feeds_state import short_span, states_of
from newsmon.app.cli.health.quarantine import harmless
from newsmon.app.cli.options import config_option, settings_from
from newsmon.logs import configure_logs
from newsmon.records import DueReason, Feed, FeedState
from newsmon.settings import ProducerSettings, Settings
from newsmon.settings.feeds import load_feeds
from producers.answers.outcome import SUCCESSES
from producers.answers.redirects import is_move_proposed
from producers.health.feed_health import health_of, silent_after
from producers.http.fetch import Fetcher
from producers.polling.poller import Poller, limits_of, pace_of_feeds
from producers.reports.poll_report import FeedReport
from producers.timing.rhythm import burst_factor, level_h, rate_h
from producers.workers.worker_pool import WorkerPool

EXIT_NO = 1
SHOWN_ENTRIES = 10
WHY_NEXT = {
    DueReason.RHYTHM: "its rhythm: how much it publishes at these hours, at the pace all feeds share",
    DueReason.SERVER_WISH: "its server says its answers hold so long (Cache-Control or Expires)",
    DueReason.FEED_HINT: "the feed says so itself (ttl or sy:update*), and nothing it published contradicts it",
    DueReason.FAILURE: "it failed: the more often in a row, the longer the wait",
    DueReason.RETRY_AFTER: "its server asked to be left alone so long (Retry-After)",
    DueReason.OUTAGE: "the network was away: asked again soon, no failure counted",
}


@click.command(short_help="Fetch one feed now and show what it comes to.")
@config_option
@click.argument("feed", metavar="FEED|URL")
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of the page.")
def check(config_file: Path | None, feed: str, as_json: bool) -> None:
    """Fetch a feed once, now, as the producer would, and show what it comes to; nothing is published or remembered.

    FEED is an id from the feeds file, URL any address. Exit code 1 when the answer cannot be used.
    """
    settings = settings_from(config_file)
    configure_logs(settings.log, stage="feeds")
    wanted = Feed(feed_id="check", url=feed, source="check") if "://" in feed else feed_named(settings, feed)
    found = asyncio.run(_polled(wanted, settings.producer))
    if as_json:
        click.echo(json.dumps(_check_object(found), ensure_ascii=False))
    else:
        for line in _check_page(found):
            click.echo(line)
    sys.exit(0 if found.outcome.result in SUCCESSES else EXIT_NO)


@click.command(short_help="How a feed does, when it is polled and why.")
@config_option
@click.argument("feed_id", metavar="FEED")
def explain(config_file: Path | None, feed_id: str) -> None:
    """How a feed is doing, when it is polled next and why, and what was learned of it, from news.feed-state on Kafka."""

    settings = settings_from(config_file)
    configure_logs(settings.log, stage="feeds")
    feed = feed_named(settings, feed_id)
    states = states_of(settings)
    feeds = {one.feed_id: one for one in load_feeds(settings.producer.feeds_file)}
    pace = pace_of_feeds({one: states.get(one) for one in feeds}, feeds, settings.producer)
    for line in explanation(feed, states.get(feed_id), settings.producer, pace, now=datetime.now(UTC)):
        click.echo(line)


def feed_named(settings: Settings, feed_id: str) -> Feed:
    """The configured feed; a usage error (exit code 2) when there is none of that id."""
    found = next((one for one in load_feeds(settings.producer.feeds_file) if one.feed_id == feed_id), None)
    if found is None:
        raise click.UsageError(f"no feed is called {feed_id!r} in {settings.producer.feeds_file}")
    return found


async def _polled(feed: Feed, settings: ProducerSettings) -> FeedReport:
    parsing = WorkerPool(timeout_s=settings.parse_timeout_s)
    try:
        async with Fetcher(settings) as fetcher:
            return await Poller(fetcher, parsing, settings, "feeds-check").poll(feed, None)
    finally:
        parsing.close()


def _check_object(found: FeedReport) -> dict[str, Any]:
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


def _check_page(found: FeedReport) -> list[str]:
    outcome, state = found.outcome, found.state
    took_s = (outcome.finished_at - outcome.started_at).total_seconds()
    lines = [
        f"result       {outcome.result.value}{f' (HTTP {outcome.status})' if outcome.status else ''} after {took_s:.1f} s",
        *([f"detail       {harmless(outcome.detail)}"] if outcome.detail else []),
        f"body         {outcome.body_bytes:,} bytes",
        f"validators   ETag {harmless(state.etag or 'none')}, Last-Modified {harmless(state.last_modified or 'none')}",
        *([f"moved        permanently, it says, to {harmless(state.moved_to)}"] if state.moved_to else []),
        f"entries      {outcome.entry_count}: {len(found.articles)} articles"
        + "".join(f", {count} rejected ({reason.value})" for reason, count in outcome.rejected.items()),
    ]
    if found.articles:
        qualities = [one.date_quality.value for one in found.articles]
        lines.append("dates        " + ", ".join(f"{qualities.count(word)} {word}" for word in sorted(set(qualities))))
        lines.append(f"rate         about {level_h(state.rhythm) * 24:.1f} articles a day, by the dates in it")
    wait = outcome.next_due_at - outcome.finished_at
    lines.append(f"would then   be polled again in {short_span(wait)}: {WHY_NEXT[outcome.due_reason or DueReason.RHYTHM]}")
    for one in found.articles[:SHOWN_ENTRIES]:
        at = one.published_at.isoformat(timespec="minutes").replace("+00:00", "Z") if one.published_at else one.date_quality.value
        lines.append(f"  {at:<18} {one.language:<3} {harmless(one.title[:100])}")
    if len(found.articles) > SHOWN_ENTRIES:
        lines.append(f"  ... {len(found.articles) - SHOWN_ENTRIES} more; --json gives all")
    return lines


def explanation(feed: Feed, state: FeedState | None, settings: ProducerSettings, pace: float, *, now: datetime) -> list[str]:
    """The page of `newsmon feeds explain`. [pure]"""
    if state is None:
        return [f"{feed.feed_id}: not polled yet"]
    health = health_of(state, now=now)
    bounds = limits_of(feed, settings).bounds
    results = sorted(state.result_counts.items(), key=lambda one: -one[1])
    lines = [
        f"feed         {feed.feed_id} {harmless(feed.url)}",
        f"health       {health.word.value}{f': {health.why}' if health.why else ''}",
        f"last poll    {_at(state.polled_at, now)}: {state.last_result.value}; poll number {state.poll_seq}",
        f"next poll    {_at(state.next_due_at, now)}: {WHY_NEXT[state.due_reason] if state.due_reason else 'by an older version'}",
        f"last well    {_at(state.last_success_at, now)}; last new article {_at(state.last_new_article_at, now)}",
        f"results      {', '.join(f'{count} {result.value}' for result, count in results) or 'not counted yet'}",
        f"silent       when nothing new comes for {short_span(silent_after(state))}",
        f"validators   {_validators(state)}",
        f"gaps         {state.gap_count}, last {_at(state.last_gap_at, now)}",
    ]
    if state.moved_to:
        verdict = "proposed: change its address" if is_move_proposed(state, now=now) else "not yet believed"
        lines.append(
            f"moved        to {harmless(state.moved_to)}, said {state.moved_count} times since {_at(state.moved_since, now)}; {verdict}"
        )
    if state.address:
        lines.append(f"asked at     {harmless(state.address)} (producer.follow_moves)")
    if state.rhythm is not None:
        level, burst = level_h(state.rhythm), burst_factor(state.rhythm, level_h(state.rhythm), now)
        usual = f"usually {rate_h(state.rhythm, now):.2f} an hour at this hour of the week"
        shortest, longest = (short_span(timedelta(seconds=bound)) for bound in (bounds.min_s, bounds.max_s))
        lines += [
            f"rhythm       {level * 24:.1f} articles a day; {usual}, lately {burst:.1f} times that",
            f"interval     {short_span(timedelta(seconds=state.interval_s))}, between {shortest} and {longest}",
            f"pace         {pace:.1f} polls an hour x the root of the hourly rate",
            f"busiest      {_busiest(state)}",
        ]
    if state.trouble is not None:
        said = f"open since {_at(state.trouble.opened_at, now)}, said {state.trouble.revision} times"
        lines.append(f"notice       {state.trouble.kind.value} {state.trouble.notice_id}, {said}")
    return lines


def _validators(state: FeedState) -> str:
    kept = [name for name, value in (("ETag", state.etag), ("Last-Modified", state.last_modified)) if value]
    lies = f"; {state.validator_lie_count} lies caught" if state.validator_lie_count else ""
    return f"{' and '.join(kept) or 'none'}; full answer {state.conditional_count} conditional polls ago{lies}"


def _busiest(state: FeedState) -> str:
    assert state.rhythm is not None
    start = state.polled_at.replace(minute=0, second=0, microsecond=0)
    hours = sorted((start + timedelta(hours=number) for number in range(168)), key=lambda at: -rate_h(state.rhythm, at))
    return ", ".join(f"{at:%a %H}h" for at in hours[:5]) + " (UTC)"


def _at(at: datetime | None, now: datetime) -> str:
    if at is None:
        return "never"
    span = short_span(abs(at - now))
    return f"{at.isoformat(timespec='seconds').replace('+00:00', 'Z')} ({f'in {span}' if at > now else f'{span} ago'})"


COMMANDS = (check, explain)
