"""`newsmon stories list | show`: the articles of each story, why each is in it, and what was told when."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from newsmon.app.cli.database import open_database
from newsmon.app.cli.options import config_option, settings_from
from newsmon.app.cli.printing import counted, json_value
from newsmon.app.cli.stories.named import story_named
from newsmon.app.cli.times import Since

if TYPE_CHECKING:
    from sqlalchemy import Row

    from sinks.queries.stories import Shown

NOT_FOR_PEOPLE = frozenset({"kafka_partition", "kafka_offset", "digest"})
TOLD = ("alert_id", "revision", "raised_at", "state", "reason", "severity", "event_id", "title")
SHOWN_WORDS = 4
NOT_MEASURED = "bias"  # the same for every pair
WHY = {
    "opened": "opened the story",
    "continued": "began a further event of the story",
    "joined": "another report of the event",
    "copy": "the same report elsewhere",
    "update": "a new text of an article already in it",
}


@click.command("list", short_help="List stories, last changed first.")
@config_option
@click.option("--theme", "theme_id", help="Only stories of this theme.")
@click.option("--open", "state", flag_value="open", help="Only stories that are still running.")
@click.option("--closed", "state", flag_value="closed", help="Only stories that have closed.")
@click.option(
    "--superseded", "state", flag_value="superseded", help="Only stories that a loss of Kafka's data left behind; else they are left out."
)
@click.option("--since", type=Since(), help="Only stories that changed since this time or period: 24h, 7d, or 2026-11-24T06:00Z.")
@click.option("--before", help="Only the stories listed after this one: the next page.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True, help="How many stories to list.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object per story.")
def list_command(
    config_file: Path | None, theme_id: str | None, state: str | None, since: datetime | None, before: str | None, limit: int, as_json: bool
) -> None:  # fmt: skip
    """List stories in their current state, last changed first."""
    from sinks.database.engine import reading
    from sinks.queries.stories import list_stories

    with reading(open_database(settings_from(config_file))) as connection:
        after = story_named(connection, before, argument="--before").story_id if before is not None else None
        found = list_stories(connection, theme_id=theme_id, state=state, since=since, before=after, limit=limit)
    for row in found:
        click.echo(_json(_plain(row)) if as_json else _line(row))
    if not found and not as_json:
        click.echo("no stories", err=True)
    if len(found) == limit and not as_json:
        click.echo(f"more: --before {found[-1].story_id}", err=True)


@click.command("show", short_help="Show one story: its events and articles, why each is in it, what was told.")
@config_option
@click.argument("story_id", metavar="STORY")
@click.option("--limit", type=click.IntRange(1, 100_000), default=200, show_default=True, help="How many articles to show, oldest first.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def show_command(config_file: Path | None, story_id: str, limit: int, as_json: bool) -> None:
    """Show one story: its articles by event, why each is in it, what was told and when, and who corrected it.

    The start of the id is enough.
    """
    from sinks.database.engine import reading
    from sinks.queries.stories import show_story

    with reading(open_database(settings_from(config_file))) as connection:
        shown = show_story(connection, story_named(connection, story_id).story_id, limit=limit)
    assert shown is not None
    if as_json:
        click.echo(_json(_as_object(shown)))
        return
    for line in _pages(shown):
        click.echo(line)


def _json(value: dict[str, Any]) -> str:
    return json.dumps(value, default=json_value, ensure_ascii=False)


def _plain(row: Row[Any]) -> dict[str, Any]:
    return {name: value for name, value in row._asdict().items() if name not in NOT_FOR_PEOPLE}


def _as_object(shown: Shown) -> dict[str, Any]:
    told = []
    for row in shown.told:
        key = (row.alert_id, row.revision)
        sent = {"deliveries": shown.deliveries.get(key, {}), "delivered_at": shown.delivered_at.get(key)}
        told.append({name: getattr(row, name) for name in TOLD} | sent)
    return {
        "story": _plain(shown.story), "events": list(map(_plain, shown.events)), "members": list(map(_plain, shown.members)),
        "member_count": shown.member_count, "told": told, "corrections": list(map(_plain, shown.corrections)), "went_to": shown.went_to,
    }  # fmt: skip


def _line(row: Row[Any]) -> str:
    return (
        f"{row.updated_at:%Y-%m-%d %H:%M}Z  {row.severity:<6}  {row.state:<7}  {row.theme_id}  {row.story_id}  "
        f"{counted(row.event_count or 1, 'event')}, {counted(row.article_count, 'article')}, {counted(row.source_count, 'source')}  "
        f"{row.title[:80]}"
    )  # fmt: skip


def _pages(shown: Shown) -> Iterator[str]:
    story = shown.story
    reason = f" ({story.severity_reason})" if story.severity_reason else ""
    until = f", closed {story.closed_at:%Y-%m-%d %H:%M}Z" if story.closed_at is not None else ""
    yield f"{story.story_id}  {story.theme_id}  {story.state}  {story.severity}{reason}  revision {story.revision}"
    yield f"  {story.title}"
    yield (
        f"  {story.opened_at:%Y-%m-%d %H:%M}Z to {story.updated_at:%Y-%m-%d %H:%M}Z{until}; {counted(story.article_count, 'article')} "
        f"({_copies(story.copy_count)}), {counted(story.source_count, 'independent source')}, {counted(story.outlet_count, 'outlet')}"
    )
    if shown.went_to:
        yield left_behind("its articles", shown.went_to)
    known = {row.event_id: row for row in shown.events}
    for event_id in [*known, *sorted({row.event_id or "" for row in shown.members} - known.keys())]:
        yield ""
        yield _event_line(known[event_id]) if event_id in known else f"event {event_id or 'not recorded'}"
        for row in shown.members:
            if (row.event_id or "") == event_id:
                yield from _member_lines(row, story.story_id)
    if len(shown.members) < shown.member_count:
        yield f"and {shown.member_count - len(shown.members)} more articles (--limit)"
    yield ""
    yield from _told_lines(shown)
    for row in shown.corrections:
        yield _correction_line(row)


def left_behind(what: str, went_to: Mapping[str, int]) -> str:
    """The line about a story that a loss left behind, with where its articles are now."""
    where = ", ".join(f"{story_id} ({count})" for story_id, count in went_to.items())
    return f"  superseded: Kafka's data was lost, and {what} were decided again; now in {where}"


def _event_line(row: Row[Any]) -> str:
    return f"event {row.event_id}  {row.opened_at:%Y-%m-%d %H:%M}Z  {row.severity} ({row.severity_reason})  {row.title}"


def _member_lines(row: Row[Any], story_id: str) -> Iterator[str]:
    moved = f"; moved here from {row.decided_story_id} by {row.correction_id}" if row.decided_story_id != story_id else ""
    original = f" ({row.copy_of})" if row.copy_of else ""
    yield f"  {row.decided_at:%Y-%m-%d %H:%M}Z  {row.source}: {row.title}  {row.article_id}"
    yield f"    in because: {WHY.get(row.relation, row.relation)}{original}{moved}; alert: {row.alert_decision.replace('_', ' ')}"
    if row.likeness:
        yield f"    {_likeness(row.likeness)}"
    if row.evidence:
        words = list(dict.fromkeys(f"{one['field']} “{one['text']}”" for one in row.evidence))
        more = f" and {len(words) - SHOWN_WORDS} more" if len(words) > SHOWN_WORDS else ""
        yield f"    on theme because: {', '.join(words[:SHOWN_WORDS])}{more}; score {row.score:g}, threshold {row.threshold:g}"
    if row.url:
        yield f"    {row.url}"


def _likeness(one: dict[str, Any]) -> str:
    """What grouping or copy detection measured when the article came, the strongest first."""
    verdict = one["verdict"].replace("_", " ")
    if not one["evidence"]:
        return f"compared with {one['article_id']}: {verdict}, {one['event_score']:.0%} alike"
    strongest = sorted(one["evidence"].items(), key=lambda pair: (-abs(pair[1]), pair[0]))
    measured = ", ".join(f"{name.replace('_', ' ')} {value:g}" for name, value in strongest if value and name != NOT_MEASURED)
    return f"compared with {one['article_id']}: {verdict}, event {one['event_score']:+.2f}, story {one['story_score']:+.2f} ({measured})"


def _told_lines(shown: Shown) -> Iterator[str]:
    if not shown.told:
        yield "nothing was told"
    for row in shown.told:
        key = (row.alert_id, row.revision)
        went = ", ".join(f"{state} {count}" for state, count in sorted(shown.deliveries.get(key, {}).items())) or "not queued yet"
        first = f", first {shown.delivered_at[key]:%H:%M:%S}Z" if key in shown.delivered_at else ""
        yield (
            f"told {row.raised_at:%Y-%m-%d %H:%M}Z  {row.severity}  {row.state}: {row.reason}  {row.title}  "
            f"[{went}{first}]  {row.alert_id} revision {row.revision}"
        )  # fmt: skip


def _correction_line(row: Row[Any]) -> str:
    if row.kind == "split":
        what = f"{counted(len(row.article_ids), 'article')} split off {row.story_id}"
        what += f" as {row.new_story_id}" if row.new_story_id else ""
    else:
        what = f"{row.other_story_id} merged into {row.story_id}"
    note = f" ({row.note})" if row.note else ""
    outcome = "not answered yet" if row.outcome is None else row.outcome.replace("_", " ")
    return f"corrected {row.made_at:%Y-%m-%d %H:%M}Z by {row.by}: {what}{note}: {outcome}  {row.correction_id}"


def _copies(count: int) -> str:
    return "no copies" if count == 0 else "1 copy" if count == 1 else f"{count} copies"
