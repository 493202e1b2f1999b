"""`newsmon themes`: check theme files, test them on labelled items, start a new one, print the file format's JSON Schema."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import click

from newsmon import paths
from newsmon.app.cli import EXIT_NO
from newsmon.app.cli.options import config_option, settings_from, themes_option, words_option
from newsmon.app.cli.printing import counted
from newsmon.errors import Problem, SettingsError
from processors.matching.evaluate import ALL, Report
from processors.themes import ThemeSet, load_themes


@click.group(name="themes")
def command() -> None:
    """Check, test and start theme files."""


def _load(directory: Path | None) -> ThemeSet:
    return load_themes(directory or paths.seeds() / "themes")


@command.command(name="check", short_help="Load every theme and run its examples.")
@themes_option
@click.option("--quiet", is_flag=True, help="Print failures only.")
@words_option
def check(directory: Path | None, quiet: bool) -> None:
    """Load every theme, run its examples, and look for dead phrases, overlaps, and rules that always fire.

    Exit code 1 if an example or a rule fails, 2 if a file is invalid (lists every problem).
    """
    from processors.matching.lint import failed, lint
    from processors.themes.load import everyday_news, everyday_words

    themes = _load(directory)
    findings = lint(themes, everyday_news(), everyday_words())
    for one in findings:
        if one.fails or not quiet:
            click.echo(f"{'FAILS ' if one.fails else 'remark'} {one.kind}  {one.where}: {one.message}")
    for theme in themes.themes:
        click.echo(f"{theme.theme_id} {theme.version}: {counted(len(theme.rules), 'rule')}, {counted(len(theme.examples), 'example')}")
    count = len(themes.themes)
    click.echo(f"{count} theme{'s' if count != 1 else ''}, {themes.automaton.literal_count} phrases, generation {themes.generation}")
    if failed(findings):
        sys.exit(EXIT_NO)


@command.command(name="test", short_help="Measure precision and recall.")
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
@themes_option
@click.option("--misses", default=5, show_default=True, type=click.IntRange(min=0), help="How many of the worst misses to show per file.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object per file instead of tables.")
@click.option("--min-f1", type=click.FloatRange(0, 1), help="Exit code 1 if any theme's F1 over all languages is below this.")
@click.option("--feedback", is_flag=True, help="Measure on the feedback from `newsmon feedback`, and suggest thresholds.")
@words_option
@config_option
def test(
    files: tuple[Path, ...], directory: Path | None, misses: int, as_json: bool, min_f1: float | None, feedback: bool,
    config_file: Path | None,
) -> None:  # fmt: skip
    """Measure precision, recall and F1 per theme and language on labelled FILES: JSON lines {id, title, text?, lang?, labels: [...]}.

    With --feedback, measure on stored articles that people gave feedback on. Suggested thresholds are printed, never written.
    """
    if not files and not feedback:
        raise click.UsageError("give labelled files or --feedback")
    if feedback:
        from newsmon.app.cli.themes.feedback_report import report_feedback

        settings = settings_from(config_file)
        report_feedback(settings, load_themes(directory or settings.themes.directory), misses, as_json=as_json)
    themes = _load(directory)
    low = False
    for file in files:
        report = evaluate_file(file, themes)
        if as_json:
            click.echo(json.dumps({"file": file.name, **report_json(report)}))
        else:
            click.echo(report_text(file.name, report, misses))
        values = [report.counts[theme, ALL].f1 for theme in report.theme_ids()]
        low |= min_f1 is not None and any(value is not None and value < min_f1 for value in values)
    if low:
        sys.exit(EXIT_NO)


@command.command(name="new", short_help="Create a small theme to start from.")
@click.argument("theme_id")
@click.option(
    "--themes",
    "directory",
    type=click.Path(path_type=Path),
    default=Path(),
    show_default="current directory",
    help="Directory to write into.",
)
@click.option("--owner", help="Who is responsible for the theme. Default: your user name.")
def new(theme_id: str, directory: Path, owner: str | None) -> None:
    """Create THEME_ID.toml, a small commented theme that passes `newsmon themes check`. Exit code 1 if the file exists."""
    from newsmon.app.cli.themes.starter import starter

    content = starter(theme_id, owner)
    path = directory / f"{theme_id}.toml"
    try:
        directory.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.write(content)
    except FileExistsError:
        click.echo(f"{path} already exists; nothing was written", err=True)
        sys.exit(EXIT_NO)
    except OSError as error:
        raise SettingsError([Problem(str(path), f"cannot be written: {error.strerror}")]) from None
    click.echo(f"created {path}. Edit its phrases and examples, then run: newsmon themes check --themes {directory}")


@command.command(name="train", short_help="Learn a second opinion from labelled articles.")
@click.argument("theme_id", metavar="THEME")
@click.argument("labels", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--themes", "directory", required=True, type=click.Path(path_type=Path), help="Directory of theme files; it is written there."
)
@words_option
def train(theme_id: str, labels: tuple[Path, ...], directory: Path) -> None:
    """Learn from labelled articles which matches of THEME to veto: JSON lines {id, title, text?, lang?, labels: [...]}.

    A few dozen articles that the theme matches, right and wrong ones, are enough. The opinion only vetoes, it never makes a match, and each
    veto shows in `newsmon explain --not`. Writes NAME.opinion.json beside the theme. Exit code 1, and no file, if it would not help.
    """
    from newsmon.app.cli.themes.train import train_theme

    train_theme(theme_id, labels, directory)


@command.command(name="schema")
def schema() -> None:
    """Print the JSON Schema of a theme file, for editors."""
    from processors.themes.model import theme_json_schema

    click.echo(json.dumps(theme_json_schema(), indent=2))


def evaluate_file(file: Path, themes: ThemeSet) -> Report:
    """The themes' results on one file of labelled items. SettingsError lists every invalid line."""
    from newsmon.app.cli.themes.labelled import labelled_articles
    from processors.matching.classify import verdicts_on_article

    report = Report()
    for item_id, article, labels in labelled_articles(file, {theme.theme_id for theme in themes.themes}):
        report.add(item_id, article.language, article.title, labels, verdicts_on_article(article, themes))
    return report


def report_json(report: Report) -> dict[str, Any]:
    return {
        "items": report.item_count, "silent_items": report.silent_count, "false_alarms": report.false_alarm_count,
        "macro_f1": report.macro_f1(),
        "results": [
            {
                "theme": theme, "language": language, "precision": count.precision, "recall": count.recall, "f1": count.f1,
                "true_positives": count.true_positive, "false_positives": count.false_positive, "false_negatives": count.false_negative,
            }
            for (theme, language), count in sorted(report.counts.items())
        ],
    }  # fmt: skip


def report_text(name: str, report: Report, miss_limit: int) -> str:
    """A table of F1 by theme and language, the totals with precision and recall, and the worst misses."""
    languages, themes = report.languages(), report.theme_ids()
    rows = [
        f"{name}: {report.item_count} items, false alarms on {report.false_alarm_count} of {report.silent_count} that belong to no theme",
        "",
    ]
    rows.append(f"{'F1':24}" + "".join(f"{language:>6}" for language in [*languages, ALL]) + f"{'P':>8}{'R':>6}{'n':>5}")
    for theme in themes:
        whole = report.counts[theme, ALL]
        cells = "".join(_cell(report.counts[theme, language].f1 if (theme, language) in report.counts else None) for language in languages)
        there = whole.true_positive + whole.false_negative
        rows.append(f"{theme:24}{cells}{_cell(whole.f1)}  {_cell(whole.precision)}{_cell(whole.recall)}{there:>5}")
    rows.append(f"{'macro':24}" + "".join(_cell(report.macro_f1(language)) for language in [*languages, ALL]))
    for one in report.worst(miss_limit):
        kind = "missed" if one.expected else "false "
        rows.append(f"  {kind} {one.theme_id} {one.score:g}/{one.threshold:g} [{one.language}] {one.item_id}: {one.title}")
    return "\n".join([*rows, ""])


def _cell(value: float | None) -> str:
    return f"{'-':>6}" if value is None else f"{value:6.2f}"
