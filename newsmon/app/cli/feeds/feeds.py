"""`newsmon feeds`: the group, and its `list` of every feed's health from the feed states on Kafka."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import click

from newsmon.app.cli.feeds.check import check_command
from newsmon.app.cli.feeds.discover import discover_command
from newsmon.app.cli.feeds.explain import explain_command
from newsmon.app.cli.feeds.opml import export_command, import_command
from newsmon.app.cli.feeds.states import states_of
from newsmon.app.cli.options import config_option, settings_from
from newsmon.app.cli.printing import escape_controls
from newsmon.app.cli.times import short_span
from newsmon.logs import configure_logs
from newsmon.records import Feed, FeedState
from newsmon.settings.feeds import load_feeds
from producers.health.feed_health import FeedHealth, Health, health_of
from producers.health.feed_remarks import remarks_of


@click.group(name="feeds")
def command() -> None:
    """List, check and explain feeds; import, export and discover them."""


for _one in (check_command, discover_command, explain_command, export_command, import_command):
    command.add_command(_one)


@command.command(name="list", short_help="List feeds: health, last result, next poll.")
@config_option
@click.option("--health", "only", type=click.Choice([word.value for word in FeedHealth]), help="Only feeds in this state.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON lines instead of the table.")
def list_(config_file: Path | None, only: str | None, as_json: bool) -> None:
    """List the configured feeds: health, last result, next poll and what is odd about them. Needs Kafka."""
    settings = settings_from(config_file)
    configure_logs(settings.log, stage="feeds")
    feeds = load_feeds(settings.producer.feeds_file)
    states = states_of(settings)
    now = datetime.now(UTC)
    shown = [(feed, states.get(feed.feed_id)) for feed in feeds]
    rows = [(feed, state, health_of(state, now=now)) for feed, state in shown]
    width = max((len(feed.feed_id) for feed in feeds), default=0)
    if not as_json:
        click.echo(f"{'feed':<{width}} {'health':<9} {'last result':<15} {'polled':>6} {'next':>5} {'every':>5} {'news':>5}")
    for feed, state, health in rows:
        if only is None or health.word == only:
            click.echo(json.dumps(as_object(feed, state, health, now)) if as_json else _line(feed, state, health, now, width))
    if not as_json:
        words = [health.word for _feed, _state, health in rows]
        click.echo(", ".join(f"{words.count(word)} {word.value}" for word in FeedHealth if word in words))


def as_object(feed: Feed, state: FeedState | None, health: Health, now: datetime) -> dict[str, Any]:
    """One feed for `--json`."""
    found: dict[str, Any] = {"feed_id": feed.feed_id, "url": feed.url, "health": health.word.value, "why": health.why}
    if state is None:
        return found
    return found | {
        "since": _iso(health.since), "last_result": state.last_result.value, "polled_at": _iso(state.polled_at),
        "next_due_at": _iso(state.next_due_at), "interval_s": state.interval_s, "failure_count": state.failure_count,
        "due_reason": state.due_reason.value if state.due_reason else None, "gap_count": state.gap_count,
        "validator_lie_count": state.validator_lie_count, "moved_to": state.moved_to,
        "result_counts": {result.value: count for result, count in state.result_counts.items()},
        "last_success_at": _iso(state.last_success_at), "last_new_article_at": _iso(state.last_new_article_at),
        "remarks": list(remarks_of(state, now=now)),
    }  # fmt: skip


def _line(feed: Feed, state: FeedState | None, health: Health, now: datetime, width: int) -> str:
    if state is None:
        return f"{feed.feed_id:<{width}} {health.word.value:<9} -"
    polled, due = short_span(now - state.polled_at), short_span(state.next_due_at - now)
    news = short_span(now - state.last_new_article_at) if state.last_new_article_at else "never"
    every = short_span(timedelta(seconds=state.interval_s))
    line = f"{feed.feed_id:<{width}} {health.word.value:<9} {state.last_result.value:<15} {polled:>6} {due:>5} {every:>5} {news:>5}"
    said = "; ".join(filter(None, (health.why, *remarks_of(state, now=now))))
    return f"{line}  {escape_controls(said)}".rstrip()


def _iso(at: datetime | None) -> str | None:
    return at.isoformat(timespec="seconds") if at else None
