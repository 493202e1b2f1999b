"""`newsmon feeds import | export`: the list of feeds as OPML."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from newsmon import paths
from newsmon.app.cli import EXIT_NO
from newsmon.app.cli.options import config_option, settings_from
from newsmon.errors import Problem, SettingsError
from newsmon.settings.feeds import load_feeds


@contextmanager
def _writing(file: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise SettingsError([Problem(str(file), f"cannot be written: {error.strerror}")]) from None


@click.command(name="import", short_help="Add the feeds of an OPML file.")
@config_option
@click.option("--to", type=click.Path(dir_okay=False, path_type=Path), help="Feeds file to add to. Default: producer.feeds_file.")
@click.option("--dry-run", is_flag=True, help="Show what would be added, change nothing.")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def import_command(config_file: Path | None, to: Path | None, dry_run: bool, file: Path) -> None:
    """Add the feeds of an OPML FILE to the feeds file. Feeds already in it keep their ids and comments.

    Prints one line per feed: added, duplicate, or invalid with the reason. Exit code 1 if any was invalid. Restart the producer
    to poll the new feeds.
    """
    from producers.formats.opml import NotOpmlError, read_opml
    from producers.lists.feed_import import Added, append_to, merged

    target = to or settings_from(config_file).producer.feeds_file
    if target.resolve().is_relative_to(paths.seeds().resolve()):
        raise SettingsError(
            [Problem(str(target), "is the list shipped with newsmon; name your own file with --to, and set producer.feeds_file to it")]
        )
    try:
        outlines = read_opml(file.read_bytes())
    except NotOpmlError as error:
        raise SettingsError([Problem(str(file), f"is not OPML: {error}")]) from error
    imports = merged(outlines, load_feeds(target) if target.exists() else ())
    for one in imports:
        click.echo(f"{one.result.value:<10} {one.url}  {'as ' if one.result is not Added.INVALID else ''}{one.detail}")
    counts = {result: sum(one.result is result for one in imports) for result in Added}
    if counts[Added.ADDED] and not dry_run:
        with _writing(target):
            append_to(target, imports)
    done = "would be added to" if dry_run else "added to"
    click.echo(f"{counts[Added.ADDED]} {done} {target}, {counts[Added.DUPLICATE]} already there, {counts[Added.INVALID]} invalid.")
    sys.exit(EXIT_NO if counts[Added.INVALID] or not imports else 0)


@click.command(name="export", short_help="Write the configured feeds as OPML.")
@config_option
@click.argument("file", required=False, type=click.Path(dir_okay=False, path_type=Path))
def export_command(config_file: Path | None, file: Path | None) -> None:
    """Write the configured feeds as OPML to FILE, or to standard output. `feeds import` restores every field."""
    from producers.formats.opml import write_opml

    written = write_opml(load_feeds(settings_from(config_file).producer.feeds_file), title="newsmon feeds")
    if file is None:
        sys.stdout.buffer.write(written)
    else:
        with _writing(file):
            file.write_bytes(written)
