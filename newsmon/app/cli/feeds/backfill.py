"""`newsmon backfill`: archived articles, processed like live news without notifying anyone."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from newsmon.app.cli import EXIT_NO
from newsmon.app.cli.options import config_option, settings_from
from newsmon.errors import DependencyError, PublishError
from newsmon.logs import configure_logs

if TYPE_CHECKING:
    from producers.articles.backfill_lines import BadLine


@click.command(name="backfill")
@config_option
@click.option("--source", default="backfill", show_default=True, help="Publisher of lines that do not name one.")
@click.option(
    "--per-second",
    type=click.FloatRange(0, 100_000),
    default=200.0,
    show_default=True,
    help="Articles per second at most, so that live news does not wait behind the archive. 0: no limit.",
)
@click.option("--dry-run", is_flag=True, help="Read and count everything, publish nothing. Needs no Kafka.")
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
def command(config_file: Path | None, source: str, per_second: float, dry_run: bool, files: tuple[Path, ...]) -> None:
    """Publish the articles in FILES. They are classified, stored and counted like live ones, but never sent to anyone.

    Each line is one JSON object with title or text, and optionally id, url, published_at, lang, source, country, tier, and
    first_seen_at, which only `newsmon rehearse` reads. A file may be gzip. Reading it again gives the same ids. Prints
    the number of each invalid line and the reason; exit code 1 if there was one.
    """
    from producers.backfill.archive import backfill

    settings = settings_from(config_file)
    configure_logs(settings.log, stage="backfill")
    rejected_count = 0
    for file in files:

        def print_bad_line(bad: BadLine, file: Path = file) -> None:
            click.echo(f"{file}:{bad.number}: {bad.reason.value}: {' '.join(bad.why.split())[:200]}", err=True)

        try:
            report = backfill(settings, file, source=source, per_second=per_second, on_bad_line=print_bad_line, dry_run=dry_run)
        except PublishError as error:
            raise DependencyError("Kafka", f"{error}. Run the command again: published articles keep their ids.") from error
        rejected = ", ".join(f"{reason.value} {count}" for reason, count in sorted(report.rejected.items())) or "none"
        click.echo(
            f"{file}: {report.line_count} lines, {report.published_count} {'valid' if dry_run else 'published'}, rejected: {rejected}"
            f", unreadable dates: {report.unreadable_date_count}  ({report.feed_id})"
        )
        rejected_count += report.rejected.total()
    sys.exit(EXIT_NO if rejected_count else 0)
