"""`newsmon stories [list | show | split | merge]`; without a command it groups the articles on standard input."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from newsmon.app.cli.options import words_option
from newsmon.app.cli.stories.correct import merge_command, split_command
from newsmon.app.cli.stories.look import list_command, show_command


@click.group(invoke_without_command=True)
@click.option("--themes", "themes_dir", type=click.Path(path_type=Path), help="Check these theme files first. Grouping needs none.")
@words_option
@click.pass_context
def command(context: click.Context, themes_dir: Path | None) -> None:
    """List, show and correct stories; without a command, group items given as JSON lines on standard input.

    In: {id, title, text, lang?, published_at?, source?}. Out, one line per item, in order: {id, story_id, event_id, relation, copy_of?}.
    `relation` is new, continued (a further event of a story), same_story (another report of one event), copy, or update (a known id with
    a new text); `copy_of` is the id of the original. An invalid line gives {id, error} and exit code 1 at the end.
    """
    if context.invoked_subcommand is not None:
        return
    from newsmon.app.cli.stories.offline import group

    if themes_dir is not None:
        from processors.themes import load_themes  # compiles every pattern: only when asked for

        load_themes(themes_dir)
    sys.exit(group(sys.stdin.buffer, sys.stdout))


for one in (list_command, show_command, split_command, merge_command):
    command.add_command(one)
