"""`newsmon alerts list | show | ack`: alerts, their deliveries, and acknowledging them."""

from __future__ import annotations

import getpass
import json
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from newsmon.app.cli import EXIT_NO
from newsmon.app.cli.database import open_database
from newsmon.app.cli.options import config_option, settings_from
from newsmon.app.cli.printing import counted, json_value
from newsmon.app.cli.stories.look import left_behind
from newsmon.app.cli.times import Since

if TYPE_CHECKING:
    from sqlalchemy import Connection, Row

    from sinks.queries.alerts import Listed, Shown

SEVERITIES = ("notice", "urgent", "flash")
NOT_FOR_PEOPLE = frozenset(
    {"kafka_partition", "kafka_offset", "digest", "payload", "payload_digest", "leased_by", "leased_until", "published"}
)
COLUMNS_OF_JSON = ("alert_id", "revision", "theme_id", "state", "reason", "severity", "severity_reason", "title", "story_id",
                   "source_count", "outlet_count", "opened_at", "raised_at")  # fmt: skip


@click.group()
def command() -> None:
    """List, show and acknowledge alerts."""


@command.command("list")
@config_option
@click.option("--theme", "theme_id", help="Only alerts of this theme.")
@click.option("--severity", type=click.Choice(SEVERITIES), multiple=True, help="Only alerts of this severity. May be repeated.")
@click.option("--since", type=Since(), help="Only alerts since this time or period: 24h, 7d, or 2026-11-24T06:00Z.")
@click.option("--unacknowledged", is_flag=True, help="Only alerts that no one has acknowledged.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True, help="How many alerts to list.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object per alert.")
def list_command(
    config_file: Path | None, theme_id: str | None, severity: tuple[str, ...], since: datetime | None, unacknowledged: bool, limit: int,
    as_json: bool,
) -> None:  # fmt: skip
    """List alerts in their current state, newest first. Alerts that a loss of Kafka's data left behind are left out: another goes on."""
    from sinks.database.engine import reading
    from sinks.queries.alerts import list_alerts

    with reading(open_database(settings_from(config_file))) as connection:
        found = list_alerts(
            connection, theme_id=theme_id, severity=severity, since=since, unacknowledged=unacknowledged, limit=limit
        )  # fmt: skip
    for one in found:
        click.echo(json.dumps(_as_object(one), default=json_value, ensure_ascii=False) if as_json else _line(one))
    if not found and not as_json:
        click.echo("no alerts", err=True)


@command.command("show", short_help="Show one alert and its deliveries.")
@config_option
@click.argument("alert_id", metavar="ALERT-ID")
@click.option("--limit", type=click.IntRange(0, 100_000), default=50, show_default=True, help="How many articles to show, oldest first.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def show_command(config_file: Path | None, alert_id: str, limit: int, as_json: bool) -> None:
    """Show one alert: its revisions with their evidence, the articles of its story, its receivers, every delivery attempt.

    The start of the id is enough. `newsmon stories show` says why each article is in the story.

    Exit code 1 if there is no such alert.
    """
    from sinks.database.engine import reading
    from sinks.queries.alerts import show_alert

    with reading(open_database(settings_from(config_file))) as connection:
        shown = show_alert(connection, _one(connection, alert_id), member_limit=limit)
    if as_json:
        click.echo(json.dumps(_whole(shown), default=json_value, ensure_ascii=False))
        return
    for line in _pages(shown):
        click.echo(line)


@command.command("ack", short_help="Acknowledge an alert.")
@config_option
@click.argument("alert_id", metavar="ALERT-ID")
@click.option("--by", "author", default=getpass.getuser, show_default="your user name", help="Who acknowledges it.")
@click.option("--comment", default="", help="What is being done about it.")
def ack_command(config_file: Path | None, alert_id: str, author: str, comment: str) -> None:
    """Acknowledge an alert, so that it is not escalated unless its severity rises again. The start of the id is enough.

    Exit code 1 if there is no such alert.
    """
    from sinks.acks.rows import acknowledge
    from sinks.database.engine import writing

    with writing(open_database(settings_from(config_file))) as connection:
        whole = _one(connection, alert_id)
        revision = acknowledge(connection, whole, author=author, comment=comment, now=datetime.now(UTC))
    click.echo(f"{whole} revision {revision} acknowledged by {author}")


def _one(connection: Connection, prefix: str) -> str:
    from sinks.queries.alerts import named

    found = named(connection, prefix)
    if prefix in found:
        return prefix
    if len(found) == 1:
        return found[0]
    what = f"several alerts start with {prefix!r}: {', '.join(found)}" if found else f"no alert is called {prefix!r}"
    click.echo(what, err=True)
    sys.exit(EXIT_NO)


def _as_object(one: Listed) -> dict[str, Any]:
    row = one.row._asdict()
    return {name: row[name] for name in COLUMNS_OF_JSON} | {
        "deliveries": one.deliveries, "acknowledged_by": one.acknowledged_by, "acknowledged_revision": one.acknowledged_revision,
    }  # fmt: skip


def _whole(shown: Shown) -> dict[str, Any]:
    """Everything shown, without the bytes of messages and what only newsmon needs."""
    ack = shown.acknowledgement
    return {
        "revisions": list(map(_plain, shown.revisions)), "members": list(map(_plain, shown.members)), "member_count": shown.member_count,
        "deliveries": list(map(_plain, shown.deliveries)), "attempts": list(map(_plain, shown.attempts)),
        "acknowledgement": None if ack is None else _plain(ack), "went_to": shown.went_to,
    }  # fmt: skip


def _plain(row: Row[Any]) -> dict[str, Any]:
    return {name: value for name, value in row._asdict().items() if name not in NOT_FOR_PEOPLE}


def _severity(row: Row[Any]) -> str:
    """The severity and, where it is known, the reason for it."""
    return f"{row.severity} ({row.severity_reason})" if row.severity_reason is not None else str(row.severity)


def _line(one: Listed) -> str:
    row = one.row
    went = ", ".join(f"{state} {count}" for state, count in sorted(one.deliveries.items())) or "not queued yet"
    seen = f"  seen by {one.acknowledged_by} (revision {one.acknowledged_revision})" if one.acknowledged_by is not None else ""
    return (
        f"{row.raised_at:%Y-%m-%d %H:%M:%S}Z  {_severity(row):<24}  {row.state:<7}  {row.theme_id}  {row.alert_id}  "
        f"revision {row.revision}  {row.title[:80]}  [{went}]{seen}"
    )


def _confirmed(row: Row[Any]) -> str:
    """How well the event that the revision tells was confirmed then, and its story; older rows know only the story."""
    counts = [(name, one) for name, one in (("event", row.event), ("story", row._asdict())) if one]
    return ", ".join(
        f"{name} {counted(one['source_count'], 'independent source')} of {counted(one['outlet_count'], 'outlet')}" for name, one in counts
    )


def _pages(shown: Shown) -> Iterator[str]:
    from sinks.message.chat_text import evidence_lines, facts_beside

    for row in shown.revisions:
        yield f"revision {row.revision}  {row.raised_at:%Y-%m-%d %H:%M:%S}Z  {_severity(row)}  {row.state}: {row.reason}  {row.theme_id}"
        yield f"  {row.title}"
        if facts := facts_beside(row.title, row.new_facts or ()):
            yield f"  new: {', '.join(facts)}"
        yield f"  {_confirmed(row)}; score {row.score:g}, threshold {row.threshold:g}"
        cause = row.articles[0] if row.articles else None
        if cause is not None:
            yield f"  {cause['source']}: {cause['url'] or 'no address'}"
        yield from (f"  {line}" for line in evidence_lines(row.evidence))
    if shown.revisions:
        yield f"story {shown.revisions[-1].story_id}: {counted(shown.member_count, 'article')}"
    if shown.went_to:
        yield left_behind("the story's articles", shown.went_to)
    for row in shown.members:
        yield f"  {row.decided_at:%Y-%m-%d %H:%M}Z  {row.relation:<9}  {row.source}: {row.title}  {row.article_id}"
    if len(shown.members) < shown.member_count:
        yield f"  and {shown.member_count - len(shown.members)} more (--limit)"
    for row in shown.deliveries:
        how = f" ({row.reason})" if row.reason else ""
        with_it = f", in the message {row.carried_by}" if row.carried_by else ""
        until = f" until {row.next_attempt_at:%Y-%m-%d %H:%M}Z" if row.state == "held" else ""
        kind = "" if row.kind == "alert" else f" {row.kind}"
        yield f"to {row.receiver}{kind}, revision {row.revision}: {row.state}{how}{until}{with_it}  {row.delivery_id}"
    for row in shown.attempts:
        status = f" {row.status}" if row.status is not None else ""
        detail = f" ({row.detail})" if row.detail else ""
        yield f"attempt {row.attempt} at {row.receiver}  {row.attempted_at:%Y-%m-%d %H:%M:%S}Z  {row.outcome}: {row.reason}{status}{detail}"
    if shown.acknowledgement is not None:
        ack = shown.acknowledgement
        comment = f": {ack.comment}" if ack.comment else ""
        yield f"seen by {ack.author} at {ack.acknowledged_at:%Y-%m-%d %H:%M:%S}Z, revision {ack.revision}{comment}"
