"""`newsmon stories split | merge`: a person's correction of stories, published as a record that every replay repeats."""

from __future__ import annotations

import getpass
import json
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from newsmon.app.cli import EXIT_NO
from newsmon.app.cli.database import open_database
from newsmon.app.cli.options import config_option, settings_from
from newsmon.app.cli.stories.named import story_named
from newsmon.errors import Problem, SettingsError

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from newsmon.settings import Settings
    from sinks.queries.corrections import Checked, Wanted

F = TypeVar("F", bound=Callable[..., Any])

WAIT_S = 10.0
NOT_DONE = {
    "story_not_live": "nothing changed: by then a story had closed, or grouping no longer knew it, and such stories stay as they are",
    "whole_story": "nothing changed: no article that grouping remembers would be left to split these from",
}


def correction_options(function: F) -> F:
    """Adds the options of both commands: who, why, how long to wait, how to print, the settings."""
    options = (
        config_option,
        click.option("--by", default=getpass.getuser, show_default="your user name", help="Who makes the correction."),
        click.option("--note", default="", help="Why, in your own words."),
        click.option("--wait", "wait_s", type=click.FloatRange(0, 600), default=WAIT_S, show_default=True,
                     help="Seconds to wait until the processor's answer is stored."),
        click.option("--json", "as_json", is_flag=True, help="Print one JSON object."),
    )  # fmt: skip
    for option in reversed(options):
        function = option(function)
    return function


@click.command("split", short_help="Move articles out of a story into one of their own.")
@click.argument("story_id", metavar="STORY")
@click.argument("articles", metavar="ARTICLE...", nargs=-1, required=True)
@correction_options
def split_command(
    story_id: str, articles: tuple[str, ...], config_file: Path | None, by: str, note: str, wait_s: float, as_json: bool
) -> None:  # fmt: skip
    """Move ARTICLEs (ids or addresses) out of STORY into one new story.

    Sends nothing: events already told are not told again, and later articles join either story as if they had always been two. Copies of
    an article stay unless you name them. To undo it, merge the two stories. Splitting off the same articles again changes nothing. Exit
    code 1 if the story has closed or no article would be left in it.
    """
    from sinks.database.engine import reading
    from sinks.queries.corrections import split_of

    settings = settings_from(config_file)
    engine = open_database(settings)
    with reading(engine) as connection:
        story = story_named(connection, story_id)
        checked = split_of(connection, story, articles, by=by, note=note, now=datetime.now(UTC))
    _carry_out(settings, engine, checked, wait_s=wait_s, as_json=as_json)


@click.command("merge", short_help="Merge two stories.")
@click.argument("story_id", metavar="STORY")
@click.argument("other_id", metavar="OTHER")
@correction_options
def merge_command(story_id: str, other_id: str, config_file: Path | None, by: str, note: str, wait_s: float, as_json: bool) -> None:
    """Merge OTHER, with all its events, into STORY: STORY goes on and keeps its alert, OTHER and its alert close.

    To undo it, split the articles off again. Merging stories that are already one changes nothing. Exit code 1 if either has closed, or
    they belong to different themes.
    """
    from sinks.database.engine import reading
    from sinks.queries.corrections import merge_of

    settings = settings_from(config_file)
    engine = open_database(settings)
    with reading(engine) as connection:
        story, other = story_named(connection, story_id), story_named(connection, other_id, argument="OTHER")
        checked = merge_of(connection, story, other, by=by, note=note, now=datetime.now(UTC))
    _carry_out(settings, engine, checked, wait_s=wait_s, as_json=as_json)


def _carry_out(settings: Settings, engine: Engine, checked: Checked, *, wait_s: float, as_json: bool) -> None:
    """Publish a correction that is wanted, wait for its answer, and print what came of it."""
    from newsmon.records import CorrectionOutcome
    from newsmon.settings.problems import did_you_mean
    from sinks.queries.corrections import AlreadySo, Refused, answer_within, send

    if isinstance(checked, Refused):
        if checked.known is not None and checked.named is not None:
            raise SettingsError([Problem("ARTICLE", f"{checked.why}{did_you_mean(checked.named, checked.known)}")])
        click.echo(checked.why, err=True)
        sys.exit(EXIT_NO)
    if isinstance(checked, AlreadySo):
        said = {"outcome": CorrectionOutcome.ALREADY_SO.value, "story_id": checked.story_id, "correction_id": None}
        click.echo(json.dumps(said) if as_json else f"already so: {checked.why} ({checked.story_id})")
        return
    send(settings, checked.correction)
    answer = answer_within(engine, checked.correction.correction_id, wait_s=wait_s)
    outcome = None if answer is None else CorrectionOutcome(answer.outcome)
    click.echo(json.dumps(_as_object(checked, outcome), ensure_ascii=False) if as_json else "\n".join(_lines(checked, outcome)))
    if outcome not in (None, CorrectionOutcome.APPLIED, CorrectionOutcome.ALREADY_SO):
        sys.exit(EXIT_NO)


def _new_story_id(wanted: Wanted) -> str | None:
    from newsmon.ids import split_story_id
    from newsmon.records import CorrectionKind

    correction = wanted.correction
    return split_story_id(correction.theme_id, correction.correction_id) if correction.kind is CorrectionKind.SPLIT else None


def _as_object(wanted: Wanted, outcome: str | None) -> dict[str, Any]:
    correction = wanted.correction
    return {
        "correction_id": correction.correction_id, "kind": correction.kind.value, "theme_id": correction.theme_id,
        "story_id": correction.story_id, "other_story_id": correction.other_story_id, "new_story_id": _new_story_id(wanted),
        "article_ids": correction.article_ids, "by": correction.by, "outcome": outcome, "staying_copies": wanted.staying_copies,
    }  # fmt: skip


def _lines(wanted: Wanted, outcome: str | None) -> list[str]:
    correction, made = wanted.correction, _new_story_id(wanted)
    if made is not None:
        lines = [f"split off {correction.story_id} as {made}:", *(f"  {title}" for title in wanted.titles)]
        undo = f"newsmon stories merge {correction.story_id} {made}"
    else:
        lines = [f"{correction.other_story_id} ({wanted.titles[1]}) merged into {correction.story_id} ({wanted.titles[0]})"]
        undo = f"newsmon stories split {correction.story_id} ARTICLE... (those of {correction.other_story_id})"
    if wanted.staying_copies:
        lines.append(f"copies that stay, because they were not named: {wanted.staying_copies}")
    if outcome in NOT_DONE:
        return [f"{correction.correction_id}: {NOT_DONE[outcome]}"]
    said = "sent, not answered yet; the processor answers once it is running" if outcome is None else outcome.replace("_", " ")
    return [*lines, f"{correction.correction_id}: {said}", f"undo it with: {undo}"]
