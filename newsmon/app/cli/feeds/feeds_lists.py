"""`newsmon feeds import | export | discover`: lists of feeds in and out, and the feeds behind a page."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from newsmon import paths
from newsmon.app.cli.options import config_option, settings_from
from newsmon.errors import Problem, SettingsError
from newsmon.settings.feeds import load_feeds

EXIT_NO = 1


@contextmanager
def _writing(file: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise SettingsError([Problem(str(file), f"cannot be written: {error.strerror}")]) from None


@click.command(name="import", short_help="Add the feeds of an OPML file.")
@config_option
@click.option("--to", type=click.Path(dir_okay=False, path_type=Path), help="Feeds file to add to, instead of producer.feeds_file.")
@click.option("--dry-run", is_flag=True, help="Say what would be added, change nothing.")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def import_(config_file: Path | None, to: Path | None, dry_run: bool, file: Path) -> None:
    """Add the feeds of an OPML FILE to the feeds file; what is there keeps its id and its comments.

    Each feed is named: added, duplicate of one that is there, or invalid and why. Exit code 1 when one was invalid. The producer
    reads the file when it starts.
    """
    from producers.formats.opml import NotOpmlError, read_opml
    from producers.lists.feed_import import Added, append_to, merged

    target = to or settings_from(config_file).producer.feeds_file
    if target.resolve().is_relative_to(paths.seeds().resolve()):
        raise SettingsError(
            [Problem(str(target), "is the list newsmon came with; name one of your own with --to, and set producer.feeds_file to it")]
        )
    try:
        outlines = read_opml(file.read_bytes())
    except NotOpmlError as error:
        raise SettingsError([Problem(str(file), f"is no OPML: {error}")]) from error
    imports = merged(outlines, load_feeds(target) if target.exists() else ())
    for one in imports:
        click.echo(f"{one.result.value:<10} {one.url}  {'as ' if one.result is not Added.INVALID else ''}{one.detail}")
    counts = {result: sum(one.result is result for one in imports) for result in Added}
    if counts[Added.ADDED] and not dry_run:
        with _writing(target):
            append_to(target, imports)
    done = "would be added to" if dry_run else "added to"
    click.echo(f"{counts[Added.ADDED]} {done} {target}, {counts[Added.DUPLICATE]} there already, {counts[Added.INVALID]} invalid.")
    sys.exit(EXIT_NO if counts[Added.INVALID] or not imports else 0)


@click.command(short_help="Write the configured feeds as OPML.")
@config_option
@click.argument("file", required=False, type=click.Path(dir_okay=False, path_type=Path))
def export(config_file: Path | None, file: Path | None) -> None:
    """Write the configured feeds as OPML to FILE, or to standard output; `feeds import` reads everything back."""
    from producers.formats.opml import write_opml

    written = write_opml(load_feeds(settings_from(config_file).producer.feeds_file), title="newsmon feeds")
    if file is None:
        sys.stdout.buffer.write(written)
    else:
        with _writing(file):
            file.write_bytes(written)


@click.command(short_help="Find the feeds and news sitemaps of a page.")
@config_option
@click.option("--json", "as_json", is_flag=True, help="JSON lines instead of the table.")
@click.argument("url")
def discover(config_file: Path | None, as_json: bool, url: str) -> None:
    """Find the feeds and news sitemaps of the page at URL: what it links to, else the usual places; each is fetched and parsed.

    Exit code 1 when there is none.
    """
    from producers.lists.discover import discover as search

    settings = settings_from(config_file)
    result = asyncio.run(search(url if "://" in url else f"https://{url}", settings.producer))
    for one in result.found:
        newest = one.newest_at.isoformat(timespec="minutes") if one.newest_at else None
        if as_json:
            click.echo(
                json.dumps({"url": one.url, "kind": one.kind, "entry_count": one.entry_count, "newest_at": newest, "example": one.example},
                           ensure_ascii=False)
            )  # fmt: skip
        else:
            click.echo(f"{one.kind:<8} {one.entry_count:>5} entries  newest {newest or 'unknown':<22}  {one.url}")
    if not as_json:
        for address, why in result.tried:
            click.echo(f"no feed: {address} ({why})", err=True)
        if result.left_out_count:
            click.echo(f"{result.left_out_count} further links were not tried", err=True)
    sys.exit(0 if result.found else EXIT_NO)


COMMANDS = (import_, export, discover)
