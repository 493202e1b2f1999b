"""`newsmon backfill FILE.jsonl`: an archive goes the way of live news, and notifies nobody."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from newsmon.app.cli.options import config_option, settings_from
from newsmon.errors import DependencyError, PublishError
from newsmon.logs import configure_logs

if TYPE_CHECKING:
    from producers.articles.backfill_lines import BadLine


@click.command(name="backfill", short_help="files of JSON lines -> articles that notify nobody")
@config_option
@click.option("--source", default="backfill", show_default=True, help="The publisher, where a line does not name one.")
@click.option(
    "--per-second",
    type=click.FloatRange(0, 100_000),
    default=200.0,
    show_default=True,
    help="Most articles a second, so that live news is not kept waiting behind the archive; 0 is as fast as it goes.",
)
@click.option("--dry-run", is_flag=True, help="Read and count everything, publish nothing; needs no Kafka.")
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
def command(config_file: Path | None, source: str, per_second: float, dry_run: bool, files: tuple[Path, ...]) -> None:
    """Publish the articles in FILES with origin `backfill`: classified, stored and counted like live ones, never sent to anybody.

    One JSON object per line: title, text, id, url, published_at, lang, source, country, tier; all optional but a title or a text.
    The same file gives the same ids, however often it is read. Each line that becomes no article is named with its number and the
    reason; exit code 1 when there was any.
    """
    from producers.backfill.archive import backfill

    settings = settings_from(config_file)
    configure_logs(settings.log, stage="backfill")
    rejected_count = 0
    for file in files:

        def told(bad: BadLine, file: Path = file) -> None:
            click.echo(f"{file}:{bad.number}: {bad.reason.value}: {' '.join(bad.why.split())[:200]}", err=True)

        try:
            report = backfill(settings, file, source=source, per_second=per_second, on_bad_line=told, dry_run=dry_run)
        except PublishError as error:
            raise DependencyError("Kafka", f"{error}. Run the command again: what was published keeps its ids.") from error
        rejected = ", ".join(f"{reason.value} {count}" for reason, count in sorted(report.rejected.items())) or "none"
        click.echo(
            f"{file}: {report.line_count} lines, {report.published_count} {'readable' if dry_run else 'published'}, rejected: {rejected}"
            f", dates not readable: {report.unreadable_date_count}  ({report.feed_id})"
        )
        rejected_count += report.rejected.total()
    sys.exit(1 if rejected_count else 0)
