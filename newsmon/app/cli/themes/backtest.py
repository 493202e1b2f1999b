"""`newsmon backtest`: what a changed theme would have done to the retained past, told before it can page anyone."""

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


@click.command(name="backtest")
@click.argument("theme_files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--since", "start", type=Since(), default="30d", show_default=True, help="How far back: 12h, 30d, or 2026-11-24T06:00Z.")
@click.option("--themes", "directory", type=click.Path(path_type=Path), help="The themes as they are now (left out: the configured).")
@click.option("--fail-on", type=click.Choice(["lost", "gained", "any"]), help="Exit 1 when there are stories of this kind.")
@click.option("--limit", default=10, show_default=True, type=click.IntRange(min=0), help="Lost and gained stories shown in full.")
@click.option("--workers", type=click.IntRange(min=0), help="Processes that classify; as many as there are cores when left out.")
@click.option("--json", "as_json", is_flag=True, help="The whole answer as one JSON object.")
@config_option
def command(
    theme_files: tuple[Path, ...], start: datetime, directory: Path | None, fail_on: str | None, limit: int, workers: int | None,
    as_json: bool, config_file: Path | None,
) -> None:  # fmt: skip
    """Replay the retained articles through THEME_FILES (changed or new themes, or a whole directory) and the story and alert policy.

    Nothing is sent and nothing is stored. Exit 1 when --fail-on finds something, 2 when a theme file cannot be used.
    """
    from newsmon.app.cli.themes.backtest_page import as_object, page
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
    """The files as they would be. Raises SettingsError for what cannot be read."""
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
    """The ids of the themes that are not the same on both sides; all of them when a shared list changed. Judges every file first."""
    from processors.themes import compile_files

    ids = [{theme.theme_id for theme in compile_files(files).themes} for files in (before, after)]
    if before.lists != after.lists:
        return sorted(ids[0] | ids[1])
    old, new = (frozenset(content for _name, content in files.themes) for files in (before, after))
    changed = ThemeIds(old ^ new).found()
    return sorted(changed & (ids[0] | ids[1])) or sorted(ThemeIds(new).found())


class ThemeIds:
    """The ids in a set of theme files' contents."""

    def __init__(self, contents: frozenset[bytes]) -> None:
        self._contents = contents

    def found(self) -> set[str]:
        from processors.themes.files import id_of

        return {found for content in self._contents if (found := id_of(content)) is not None}


def _compared(settings: Settings, before: ThemeFiles, after: ThemeFiles, start: datetime, workers: int | None) -> tuple[Comparison, int]:
    from newsmon.app.cli.themes.backtest_pool import run
    from sinks.database.engine import create_engine_for
    from sinks.queries.history import stored_articles, stored_count

    warm = start - timedelta(seconds=settings.stories.idle_close_s)  # stories that were open then are known by what came before
    engine = create_engine_for(settings, must_exist=True)
    article_count = 0

    def counted(articles: Iterator[Article]) -> Iterator[Article]:
        nonlocal article_count
        for one in articles:
            article_count += 1
            yield one

    try:
        total = stored_count(engine, since=warm)
        count = (os.cpu_count() or 1) if workers is None else workers
        with _progress(total) as advance:
            found = run(
                counted(stored_articles(engine, since=warm)), before, after, settings, counted_from=start,
                workers=count if total > SMALL else 0, advance=advance,
            )  # fmt: skip
    finally:
        engine.dispose()
    return found, article_count


SMALL = 2_000  # articles that are done before a process has started


@contextmanager
def _progress(total: int) -> Iterator[Callable[[int], None]]:
    """A bar on stderr when that is a terminal."""
    if not sys.stderr.isatty():
        yield lambda _count: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("replaying"), BarColumn(), MofNCompleteColumn(), TextColumn("articles"), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("replaying", total=total)
        yield lambda count: progress.advance(task, count)
