"""`newsmon silences add | list | end`: alerts that are not sent for a while, and who decided that."""

from __future__ import annotations

import getpass
import json
import sys
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from newsmon.app.cli import EXIT_NO
from newsmon.app.cli.database import open_database
from newsmon.app.cli.options import config_option, settings_from
from newsmon.app.cli.printing import json_value
from newsmon.app.cli.times import period_of
from newsmon.errors import Problem, SettingsError

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from newsmon.settings import Settings

MATCHED = ("theme_id", "receiver", "source", "story_id", "words")
SEVERITIES = ("notice", "urgent", "flash")

author_option = click.option(
    "--by", "author", default=getpass.getuser, show_default="your user name", help="Who decides this."
)  # fmt: skip


class Period(click.ParamType):
    """A period from now: 90m, 8h, 7d."""

    name = "PERIOD"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        period = value if isinstance(value, timedelta) else period_of(value)
        if period is None or period <= timedelta(0):
            self.fail(f"{value!r} is not a period like 90m, 8h or 7d", param, ctx)
        return period


@click.group()
def command() -> None:
    """Silence alerts for a while. Silenced alerts are still stored and counted.

    Silences are checked whenever newsmon is about to send something: an alert, an update, a retry, a replay, an escalation, or what was
    held for quiet hours or a digest. What a silence covers is never sent, with one exception: the message
    that closes an alert sent earlier goes out once the silence is over.

    A silence with only a receiver (and perhaps a severity) also covers newsmon's own notices to it. Heartbeats are never silenced.
    An attempt that is already under way when the silence begins still arrives.
    """


@command.command("add")
@config_option
@click.option("--for", "period", type=Period(), required=True, help="How long, at most 30d: 90m, 8h, 7d.")
@click.option("--theme", "theme_id", help="Only alerts of this theme.")
@click.option("--receiver", help="Only alerts to this receiver.")
@click.option("--source", help="Only alerts caused by an article from this source.")
@click.option("--story", "story_id", help="Only alerts about this story.")
@click.option("--words", help="Only alerts whose title or lead contains these words.")
@click.option("--max-severity", type=click.Choice(SEVERITIES), default="flash", show_default=True, help="Silence only up to this severity.")
@author_option
@click.option("--comment", default="", help="Why.")
@click.option("--force", is_flag=True, help="Keep the silence even if newsmon does not know the name yet.")
def add_command(
    config_file: Path | None, period: timedelta, theme_id: str | None, receiver: str | None, source: str | None, story_id: str | None,
    words: str | None, max_severity: str, author: str, comment: str, force: bool,
) -> None:  # fmt: skip
    """Silence alerts that meet all given conditions, from now on. Prints the id of the silence.

    A theme, receiver, source or story that newsmon does not know is refused, with the nearest name: the silence would match nothing.
    """
    from newsmon.records import Severity
    from sinks.database.engine import writing
    from sinks.outbox.state.silences import add, new_id
    from sinks.policy.silences import Silence

    settings = settings_from(config_file)
    engine = open_database(settings)
    given = {"theme": theme_id, "receiver": receiver, "source": source, "story": story_id}
    problems = _unknown(settings, engine, {name: value for name, value in given.items() if value is not None})
    if problems and not force:
        raise SettingsError([*problems, Problem("silences", "this silence would match nothing; add --force to keep it anyway")])
    for problem in problems:
        click.echo(str(problem), err=True)
    now = datetime.now(UTC)
    silence = Silence(
        silence_id=new_id(), author=author, comment=comment, created_at=now, ends_at=now + period, theme_id=theme_id, receiver=receiver,
        source=source, story_id=story_id, words=words, max_severity=Severity(max_severity),
    )  # fmt: skip
    try:
        with writing(engine) as connection:
            add(connection, silence)
    except ValueError as error:
        raise SettingsError([Problem("silences", str(error))]) from error
    click.echo(f"{silence.silence_id}  until {silence.ends_at:%Y-%m-%d %H:%M}Z")


@command.command("list")
@config_option
@click.option("--all", "also_ended", is_flag=True, help="Also list silences that have ended.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object per silence.")
def list_command(config_file: Path | None, also_ended: bool, as_json: bool) -> None:
    """List silences, newest first."""
    from sinks.database.engine import reading
    from sinks.outbox.state.silences import listed

    now = datetime.now(UTC)
    with reading(open_database(settings_from(config_file))) as connection:
        rows = [row for row in listed(connection) if also_ended or (row.ended_at is None and row.ends_at > now)]
    for row in rows:
        click.echo(json.dumps(row._asdict(), default=json_value, ensure_ascii=False) if as_json else _line(row, now))
    if not rows and not as_json:
        click.echo("no silences", err=True)


@command.command("end")
@config_option
@click.argument("silence_id", metavar="SILENCE-ID")
@author_option
def end_command(config_file: Path | None, silence_id: str, author: str) -> None:
    """End a silence now. Exit code 1 if no silence with this id is active."""
    from sinks.database.engine import writing
    from sinks.outbox.state.silences import end

    with writing(open_database(settings_from(config_file))) as connection:
        ended = end(connection, silence_id, author=author, now=datetime.now(UTC))
    if not ended:
        click.echo(f"no silence {silence_id} is active", err=True)
        sys.exit(EXIT_NO)
    click.echo(f"{silence_id} has ended")


def _unknown(settings: Settings, engine: Engine, given: Mapping[str, str]) -> list[Problem]:
    """One problem for each given name that neither the settings nor the database know, with the nearest that they do."""
    from newsmon.settings.problems import did_you_mean
    from newsmon.settings.theme_ids import theme_ids
    from sinks.database.engine import reading
    from sinks.queries.names import newest_story_ids, sources_of_stories, story_is_stored, theme_ids_of_alerts

    problems = []
    with reading(engine) as connection:
        for name, value in given.items():
            if name == "theme":
                known = {*theme_ids(settings.themes.directory), *theme_ids_of_alerts(connection)}
            elif name == "receiver":
                known = {one.id for one in settings.receivers}
            elif name == "source":
                known = {*_sources(settings), *sources_of_stories(connection)}
            else:
                known = {value} if story_is_stored(connection, value) else set(newest_story_ids(connection))
            if value not in known:
                problems.append(Problem(f"silences:--{name}", f"no {name} is called {value!r}{did_you_mean(value, known)}"))
    return problems


def _sources(settings: Settings) -> frozenset[str]:
    """The sources in the feeds file; none where it cannot be read, which the producer reports."""
    from newsmon.settings.feeds import load_feeds

    try:
        return frozenset(feed.source for feed in load_feeds(settings.producer.feeds_file))
    except SettingsError:
        return frozenset()


def _line(row: Any, now: datetime) -> str:
    what = "  ".join(f"{name.removesuffix('_id')}={getattr(row, name)}" for name in MATCHED if getattr(row, name) is not None)
    passes = "" if row.max_severity == "flash" else f"  above {row.max_severity} is sent"
    state = "ended by " + row.ended_by if row.ended_at is not None else "expired" if row.ends_at <= now else "active"
    comment = f"  {row.comment}" if row.comment else ""
    return f"{row.silence_id}  {state}  until {row.ends_at:%Y-%m-%d %H:%M}Z  {what}{passes}  by {row.author}{comment}"
