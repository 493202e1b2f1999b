"""`newsmon backtest`: what a changed theme would have done to stored articles, before it can page anyone."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from newsmon.app.cli.options import config_option, settings_from
from newsmon.app.cli.times import Since
from newsmon.errors import Problem, SettingsError

if TYPE_CHECKING:
    from newsmon.records import Article
    from newsmon.settings import Settings
    from processors.replay.backtest import Comparison
    from processors.themes import ThemeFiles

SMALL = 2_000  # articles: classified before a process pool has started


@click.command(name="backtest")
@click.argument("theme_files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--since", "start", type=Since(), default="30d", show_default=True, help="How far back: 12h, 30d, or 2026-11-24T06:00Z.")
@click.option("--themes", "directory", type=click.Path(path_type=Path), help="Directory of the current themes. Default: themes.directory.")
@click.option("--fail-on", type=click.Choice(["lost", "gained", "any"]), help="Exit code 1 if there are stories of this kind.")
@click.option("--limit", default=10, show_default=True, type=click.IntRange(min=0), help="How many lost and gained stories to show.")
@click.option("--workers", type=click.IntRange(min=0), help="How many processes classify. Default: one per core.")
@click.option("--json", "as_json", is_flag=True, help="Print the full result as one JSON object.")
@config_option
def command(
    theme_files: tuple[Path, ...], start: datetime, directory: Path | None, fail_on: str | None, limit: int, workers: int | None,
    as_json: bool, config_file: Path | None,
) -> None:  # fmt: skip
    """Replay stored articles through changed themes, and compare the stories and alerts before and after.

    THEME_FILES are changed or new themes, or one directory. Sends and stores nothing. Exit code 1 if --fail-on finds something, 2
    if a theme file is invalid.
    """
    from newsmon.app.cli.past.backtest_page import as_object, page
    from processors.themes import read_files

    settings = settings_from(config_file)
    before = read_files(directory or settings.themes.directory)
    after = _changed(before, theme_files)
    theme_ids = _differing(before, after)
    comparison, article_count = _compared(settings, before.only(theme_ids), after.only(theme_ids), start, workers)
    lost, gained = comparison.lost(), comparison.gained()
    days = max((datetime.now(UTC) - start) / timedelta(days=1), 1 / 24)
    if as_json:
        click.echo(json.dumps(as_object(comparison, lost, gained, days, article_count), indent=2, default=str))
    else:
        for line in page(comparison, lost, gained, days, article_count, limit, theme_ids):
            click.echo(line)
    sys.exit(int(bool((lost and fail_on in ("lost", "any")) or (gained and fail_on in ("gained", "any")))))


def _changed(before: ThemeFiles, paths: tuple[Path, ...]) -> ThemeFiles:
    """The files after the change. SettingsError for what cannot be read."""
    from processors.themes import read_files

    if len(paths) == 1 and paths[0].is_dir():
        return read_files(paths[0])
    after, problems = before, []
    for path in paths:
        try:
            after = after.with_theme(path.name, path.read_bytes())
        except OSError as error:
            problems.append(Problem(str(path), f"cannot be read: {error.strerror}"))
    if problems:
        raise SettingsError(problems)
    return after


def _differing(before: ThemeFiles, after: ThemeFiles) -> list[str]:
    """The ids of the themes that differ; all of them if a shared list changed. Validates every file first."""
    from processors.themes import compile_files

    ids = [{theme.theme_id for theme in compile_files(files).themes} for files in (before, after)]
    if before.lists != after.lists:
        return sorted(ids[0] | ids[1])
    old, new = (frozenset(content for _name, content in files.themes) for files in (before, after))
    return sorted(_theme_ids(old ^ new) & (ids[0] | ids[1])) or sorted(_theme_ids(new))


def _theme_ids(contents: frozenset[bytes]) -> set[str]:
    from processors.themes.files import id_of

    return {found for content in contents if (found := id_of(content)) is not None}


def _compared(settings: Settings, before: ThemeFiles, after: ThemeFiles, start: datetime, workers: int | None) -> tuple[Comparison, int]:
    from newsmon.app.cli.past.backtest_pool import run
    from processors.replay.rehearsal import COUNTED_BEFORE
    from sinks.database.engine import create_engine_for
    from sinks.queries.history import stored_articles, stored_count

    warm = start - timedelta(seconds=settings.stories.idle_close_s)  # so that stories open at the start are known
    since = warm - COUNTED_BEFORE
    engine = create_engine_for(settings, must_exist=True)
    article_count = 0

    def counted(articles: Iterator[Article]) -> Iterator[Article]:
        nonlocal article_count
        for one in articles:
            article_count += one.first_seen_at >= warm
            yield one

    try:
        total = stored_count(engine, since=since)
        count = (os.cpu_count() or 1) if workers is None else workers
        with _progress(total) as advance:
            found = run(
                counted(stored_articles(engine, since=since)), before, after, settings, decided_from=warm, counted_from=start,
                workers=count if total > SMALL else 0, advance=advance,
            )  # fmt: skip
    finally:
        engine.dispose()
    return found, article_count


@contextmanager
def _progress(total: int) -> Iterator[Callable[[int], None]]:
    """A progress bar on stderr, if that is a terminal."""
    if not sys.stderr.isatty():
        yield lambda _count: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("replaying"), BarColumn(), MofNCompleteColumn(), TextColumn("articles"), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("replaying", total=total)
        yield lambda count: progress.advance(task, count)
