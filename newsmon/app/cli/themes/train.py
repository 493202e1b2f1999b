"""`newsmon themes train`: learns a theme's second opinion from labelled articles and writes it beside the theme."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import click

from newsmon.app.cli import EXIT_NO
from newsmon.app.cli.themes.labelled import labelled_articles
from newsmon.errors import Problem, SettingsError
from processors.matching.active_themes import failing_examples
from processors.matching.classify import scanned_article, verdicts_on_article
from processors.matching.second_opinion import title_and_text
from processors.matching.training import LEAST_OF_EACH, Labelled, Trained, train
from processors.themes import ThemeSet
from processors.themes.files import id_of, read_files, theme_paths
from processors.themes.load import compile_files
from processors.themes.opinion import SUFFIX


def train_theme(theme_id: str, labels: tuple[Path, ...], directory: Path) -> None:
    """Write the opinion, or say why not and exit with 1. SettingsError for an unknown theme or invalid lines."""
    files = read_files(directory).without_opinions()  # what the rules match; an old opinion may be damaged
    themes = compile_files(files)
    beside = next((path for path in theme_paths(directory) if id_of(path.read_bytes()) == theme_id), None)
    if beside is None:
        known = ", ".join(theme.theme_id for theme in themes.themes)
        raise SettingsError([Problem("THEME", f"no theme is called {theme_id!r}; the themes are {known}")])
    trained = train(theme_id, _asked_about(theme_id, labels, themes))
    if trained is None:
        click.echo(f"too few labels: at least {LEAST_OF_EACH} articles that belong to {theme_id} and {LEAST_OF_EACH} that do not", err=True)
        sys.exit(EXIT_NO)
    click.echo(_report(trained))
    target = beside.with_name(beside.stem + SUFFIX)
    if not trained.helps:
        click.echo(f"It would not help: {target.name} was not written; {_still_there(target)}.")
        sys.exit(EXIT_NO)
    content = trained.opinion.to_json() + "\n"
    known_to_fail = failing_examples(themes)
    for problem in failing_examples(compile_files(replace(files, opinions=((target.name, content.encode()),)))):
        if problem not in known_to_fail:
            click.echo(f"{target.name} was not written, because it vetoes an example of the theme: {problem}; {_still_there(target)}.")
            sys.exit(EXIT_NO)
    try:
        target.write_text(content, encoding="utf-8")
    except OSError as error:
        raise SettingsError([Problem(str(target), f"cannot be written: {error.strerror}")]) from None
    click.echo(f"wrote {target}; delete it to let the rules decide alone again")


def _still_there(target: Path) -> str:
    return "an earlier one is still in force until you delete it" if target.exists() else "the rules decide alone"


def _asked_about(theme_id: str, labels: tuple[Path, ...], themes: ThemeSet) -> list[Labelled]:
    """The labelled articles that the rules match, which is what the opinion will be asked about; all of them where those are too few."""
    every, matched = [], []
    for file in labels:
        for _id, article, belongs_to in labelled_articles(file, {theme.theme_id for theme in themes.themes}):
            one = Labelled(*title_and_text(scanned_article(article)), theme_id in belongs_to)
            every.append(one)
            if any(verdict.matched and verdict.theme_id == theme_id for verdict in verdicts_on_article(article, themes)):
                matched.append(one)
    wanted = sum(one.wanted for one in matched)
    return matched if min(wanted, len(matched) - wanted) >= LEAST_OF_EACH else every


def _report(trained: Trained) -> str:
    opinion = trained.opinion
    return (
        f"{opinion.wanted} wanted and {opinion.unwanted} unwanted articles; with each left out in turn, it vetoes "
        f"{trained.wanted_vetoed} of the wanted and {trained.unwanted_vetoed} of the unwanted"
    )
