"""`newsmon feeds explain`: a feed's health, its next poll and why then, from its state on Kafka."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import click

from newsmon.app.cli.feeds.states import states_of
from newsmon.app.cli.options import config_option, settings_from
from newsmon.app.cli.printing import escape_controls
from newsmon.app.cli.times import short_span
from newsmon.logs import configure_logs
from newsmon.records import DueReason, Feed, FeedState, LinkHabits
from newsmon.settings import ProducerSettings, Settings
from newsmon.settings.feeds import load_feeds
from producers.answers.redirects import is_move_proposed
from producers.answers.validators import distrusted_until
from producers.health.feed_health import health_of, silent_after
from producers.identity.habits import what_changes
from producers.polling.poller import limits_of, pace_of_feeds
from producers.timing.rhythm import burst_factor, level_h, rate_h

UNHEEDED_SAID_FROM = 5  # conditional polls without use, before it is worth a word
WHY_NEXT = {
    DueReason.RHYTHM: "its rhythm: how much it publishes at these hours, at the pace all feeds share",
    DueReason.SERVER_WISH: "its server says the response stays fresh this long (Cache-Control or Expires)",
    DueReason.FEED_HINT: "the feed asks for it (ttl or sy:update*), and what it published does not contradict that",
    DueReason.FAILURE: "it failed: the wait grows with each failure in a row",
    DueReason.RETRY_AFTER: "its server asked for this pause (Retry-After)",
    DueReason.OUTAGE: "the network was down: retry soon, count no failure",
}


@click.command(name="explain", short_help="Explain a feed's health and its next poll.")
@config_option
@click.argument("feed_id", metavar="FEED")
def explain_command(config_file: Path | None, feed_id: str) -> None:
    """Explain a feed's health, when it is polled next and why, and what newsmon has learned about it. Needs Kafka."""
    settings = settings_from(config_file)
    configure_logs(settings.log, stage="feeds")
    feed = feed_named(settings, feed_id)
    states = states_of(settings)
    feeds = {one.feed_id: one for one in load_feeds(settings.producer.feeds_file)}
    pace = pace_of_feeds({one: states.get(one) for one in feeds}, feeds, settings.producer)
    for line in explanation(feed, states.get(feed_id), settings.producer, pace, now=datetime.now(UTC)):
        click.echo(line)


def feed_named(settings: Settings, feed_id: str) -> Feed:
    """The configured feed; a usage error (exit code 2) if there is none with that id."""
    found = next((one for one in load_feeds(settings.producer.feeds_file) if one.feed_id == feed_id), None)
    if found is None:
        raise click.UsageError(f"no feed is called {feed_id!r} in {settings.producer.feeds_file}")
    return found


def explanation(feed: Feed, state: FeedState | None, settings: ProducerSettings, pace: float, *, now: datetime) -> list[str]:
    """The lines of `newsmon feeds explain`."""
    if state is None:
        return [f"{feed.feed_id}: not polled yet"]
    health = health_of(state, now=now)
    bounds = limits_of(feed, settings).bounds
    results = sorted(state.result_counts.items(), key=lambda one: -one[1])
    lines = [
        f"feed         {feed.feed_id} {escape_controls(feed.url)}",
        f"health       {health.word.value}{f': {health.why}' if health.why else ''}",
        f"last poll    {_at(state.polled_at, now)}: {state.last_result.value}; poll number {state.poll_seq}",
        f"next poll    {_at(state.next_due_at, now)}: {WHY_NEXT[state.due_reason] if state.due_reason else 'set by an older version'}",
        f"last success {_at(state.last_success_at, now)}; last new article {_at(state.last_new_article_at, now)}",
        f"results      {', '.join(f'{count} {result.value}' for result, count in results) or 'none counted yet'}",
        f"silent       after {short_span(silent_after(state))} without a new article",
        f"validators   {_validators(state)}",
        f"gaps         {state.gap_count}, last {_at(state.last_gap_at, now)}",
        *link_lines(state),
    ]
    for one in state.rejecting:
        example = f", for example {escape_controls(one.example)!r}" if one.example else ""
        lines.append(f"rejected     {one.entry_count} {one.reason.value} for {one.poll_count} polls, since {_at(one.since, now)}{example}")
    if state.moved_to:
        verdict = "change its address in the feeds file" if is_move_proposed(state, now=now) else "not confirmed yet"
        seen = f"seen {state.moved_count} times since {_at(state.moved_since, now)}"
        lines.append(f"moved        to {escape_controls(state.moved_to)}, {seen}; {verdict}")
    if state.address:
        lines.append(f"polled at    {escape_controls(state.address)} (producer.follow_moves)")
    if state.rhythm is not None:
        level, burst = level_h(state.rhythm), burst_factor(state.rhythm, level_h(state.rhythm), now)
        usual = f"normally {rate_h(state.rhythm, now):.2f} articles an hour at this hour of the week"
        shortest, longest = (short_span(timedelta(seconds=bound)) for bound in (bounds.min_s, bounds.max_s))
        lines += [
            f"rhythm       {level * 24:.1f} articles a day; {usual}, now {burst:.1f} times that",
            f"interval     {short_span(timedelta(seconds=state.interval_s))}, between {shortest} and {longest}",
            f"pace         {pace:.1f} polls an hour times the square root of the hourly rate",
            f"busiest      {_busiest(state)}",
        ]
    if state.trouble is not None:
        said = f"open since {_at(state.trouble.opened_at, now)}, sent {state.trouble.revision} times"
        lines.append(f"notice       {state.trouble.kind.value} {state.trouble.notice_id}, {said}")
    return lines


def link_lines(state: FeedState) -> list[str]:
    """What the feed has shown about its links and guids, and what newsmon does about it; nothing where they behave."""
    links = state.links or LinkHabits()
    lines = []
    changing = what_changes(state.links)
    if changing:
        lines.append(f"changing     its {changing} change from poll to poll: the same title, text and date is the same article")
    if links.shared:
        where = escape_controls(links.shared_example or "")
        count = len(links.shared)
        lines.append(
            f"shared links {count} address{'es' if count > 1 else ''} with several entries, last {where}: "
            "there the guid or fragment (without one, title and date) tells articles apart"
        )
    if state.guids_repeat:
        lines.append("guids        several entries have the same guid: guids tell nothing in this feed")
    if links.tracking:
        lines.append(
            f"tracking     {escape_controls(', '.join(links.tracking))}: does not tell its entries apart, so articles are one without it"
        )
    for host, canonical in links.hosts:
        lines.append(f"host         {escape_controls(host)} is {escape_controls(canonical)}, its pages say")
    return lines


def _validators(state: FeedState) -> str:
    kept = [name for name, value in (("ETag", state.etag), ("Last-Modified", state.last_modified)) if value]
    said = f"{' and '.join(kept) or 'none'}; last full response {state.conditional_count} conditional polls ago"
    if state.validator_lie_count:
        until = distrusted_until(state)
        said += f"; {state.validator_lie_count} false claims caught{f', not used until {until:%Y-%m-%d}' if until else ''}"
    if state.unheeded_count >= UNHEEDED_SAID_FROM:
        said += f"; no use, the last {state.unheeded_count} conditional polls got the full feed although nothing had changed"
    return said


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
