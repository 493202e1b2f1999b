"""`newsmon feedback`: a person's verdict on an article, published to Kafka, so that themes can be measured by it."""

from __future__ import annotations

import getpass
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from newsmon.app.cli import EXIT_NO
from newsmon.app.cli.options import config_option, settings_from
from newsmon.errors import Problem, SettingsError

if TYPE_CHECKING:
    from newsmon.settings import Settings
    from sinks.queries.feedback import FeedbackTarget


@click.command(name="feedback")
@click.argument("article")
@click.argument("verdict", type=click.Choice(["useful", "noise", "missed"]))
@click.option("--theme", "theme_id", help="The theme you mean. Default: every theme the article matched.")
@click.option("--note", default="", help="Why, in your own words.")
@click.option("--by", help="Who gives the feedback. Default: your user name.")
@config_option
def command(article: str, verdict: str, theme_id: str | None, note: str, by: str | None, config_file: Path | None) -> None:
    """Record that ARTICLE was useful, was noise, or was missed. ARTICLE is an address, an article id, or an alert id.

    `missed` needs --theme. Exit code 1 if the article is unknown and no --theme is given. `newsmon themes test --feedback`
    measures the themes by this feedback.
    """
    from newsmon.records import FeedbackVerdict
    from processors.themes import load_themes
    from sinks.queries.feedback import feedback_of, send

    settings = settings_from(config_file)
    themes = {theme.theme_id for theme in load_themes(settings.themes.directory).themes}
    if theme_id is not None and theme_id not in themes:
        raise SettingsError([Problem("--theme", f"no theme is called {theme_id!r}; the themes are {', '.join(sorted(themes))}")])
    if verdict == "missed" and theme_id is None:
        raise SettingsError([Problem("--theme", "name the theme that should have found the article")])
    article_id, meant = _named(settings, article)
    theme_ids = (theme_id,) if theme_id is not None else meant.theme_ids if meant is not None else ()
    if not theme_ids:
        click.echo(f"{article}: {'matched no theme' if meant else 'not stored'}: name a theme with --theme", err=True)
        sys.exit(EXIT_NO)
    given = feedback_of(
        article_id, meant.revision_id if meant else None, theme_ids, FeedbackVerdict(verdict), note=note, by=by or getpass.getuser(),
        now=datetime.now(UTC),
    )  # fmt: skip
    send(settings, given)
    click.echo(f"{verdict}: {meant.title if meant else article} [{', '.join(theme_ids)}]")
    if meant is None:
        click.echo("the feedback is kept, but this article is not in the database, so themes cannot be measured on it", err=True)


def _named(settings: Settings, article: str) -> tuple[str, FeedbackTarget | None]:
    """The article's id, and what the database knows about it."""
    from newsmon.errors import DependencyError
    from producers.identity.places import ids_of_address
    from sinks.database.engine import create_engine_for
    from sinks.queries.addresses import article_id_at
    from sinks.queries.feedback import feedback_target

    wanted, by_address = article, () if article.startswith(("a_", "al_")) else ids_of_address(article)
    if not article.startswith(("a_", "al_")):
        if not by_address:
            raise SettingsError([Problem("ARTICLE", f"{article!r} is not an http(s) address, article id or alert id")])
        wanted = by_address[-1]
    try:
        engine = create_engine_for(settings, must_exist=True)
    except DependencyError:
        if wanted.startswith("al_"):
            raise
        return wanted, None  # Kafka keeps the feedback; the store may be started later
    try:
        wanted = (article_id_at(engine, article, by_address) if by_address else None) or wanted
        meant = feedback_target(engine, wanted)
    finally:
        engine.dispose()
    if meant is None and wanted.startswith("al_"):
        raise SettingsError([Problem("ARTICLE", f"no alert {article!r} is stored")])
    return (meant.article_id if meant else wanted), meant
