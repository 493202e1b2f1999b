"""`newsmon feedback`: a person's word on an article, kept on the log, so that themes can be measured by it."""

from __future__ import annotations

import getpass
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from newsmon.app.cli.options import config_option, settings_from
from newsmon.errors import Problem, SettingsError

if TYPE_CHECKING:
    from newsmon.settings import Settings
    from sinks.queries.feedback import FeedbackTarget

EXIT_NO = 1


@click.command(name="feedback")
@click.argument("article")
@click.argument("verdict", type=click.Choice(["useful", "noise", "missed"]))
@click.option("--theme", "theme_id", help="The theme that is meant; left out: every theme the article matched.")
@click.option("--note", default="", help="Why, in your words.")
@click.option("--by", help="Who says so; the user's name when left out.")
@config_option
def command(article: str, verdict: str, theme_id: str | None, note: str, by: str | None, config_file: Path | None) -> None:
    """Say that ARTICLE (its address, its id, or the id of an alert) was useful, was noise, or was missed.

    `missed` needs --theme. Exit 1 when the article is not known and so no theme can be named. `newsmon themes test --feedback`
    measures the themes by what was said.
    """
    from newsmon.records import FeedbackVerdict
    from processors.themes import load_themes
    from sinks.queries.feedback import feedback_of, send

    settings = settings_from(config_file)
    themes = {theme.theme_id for theme in load_themes(settings.themes.directory).themes}
    if theme_id is not None and theme_id not in themes:
        raise SettingsError([Problem("--theme", f"no theme {theme_id!r}; there are {', '.join(sorted(themes))}")])
    if verdict == "missed" and theme_id is None:
        raise SettingsError([Problem("--theme", "say which theme should have found it")])
    article_id, meant = _named(settings, article)
    theme_ids = (theme_id,) if theme_id is not None else meant.theme_ids if meant is not None else ()
    if not theme_ids:
        click.echo(f"{article}: {'matched no theme' if meant else 'not stored'}: say which theme is meant with --theme", err=True)
        sys.exit(EXIT_NO)
    given = feedback_of(
        article_id, meant.revision_id if meant else None, theme_ids, FeedbackVerdict(verdict), note=note, by=by or getpass.getuser(),
        now=datetime.now(UTC),
    )  # fmt: skip
    send(settings, given)
    click.echo(f"{verdict}: {meant.title if meant else article} [{', '.join(theme_ids)}]")
    if meant is None:
        click.echo("no stage has stored this article: it is noted, but no theme can be measured by it", err=True)


def _named(settings: Settings, article: str) -> tuple[str, FeedbackTarget | None]:
    """The article's id and what is stored of it."""
    from newsmon.errors import DependencyError
    from newsmon.ids import article_id_of_url
    from producers.formats.urls import canonical_url
    from sinks.database.engine import create_engine_for
    from sinks.queries.feedback import feedback_target

    wanted = article
    if not article.startswith(("a_", "al_")):
        canonical = canonical_url(article)
        if canonical is None:
            raise SettingsError([Problem("ARTICLE", f"{article!r} is neither an http(s) address nor the id of an article or alert")])
        wanted = article_id_of_url(canonical)
    try:
        engine = create_engine_for(settings, must_exist=True)
    except DependencyError:
        if wanted.startswith("al_"):
            raise
        return wanted, None  # the log is what counts; the store may come later
    try:
        meant = feedback_target(engine, wanted)
    finally:
        engine.dispose()
    if meant is None and wanted.startswith("al_"):
        raise SettingsError([Problem("ARTICLE", f"no alert {article!r} is stored")])
    return (meant.article_id if meant else wanted), meant
