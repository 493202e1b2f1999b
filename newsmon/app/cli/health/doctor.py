"""`newsmon doctor`: check the setup from Python to the receivers and say what to fix."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from newsmon.app.cli import EXIT_NO
from newsmon.app.cli.options import config_option, find_config, settings_from
from newsmon.errors import SettingsError


@click.command()
@config_option
@click.option("--fetch", is_flag=True, help="Download the Kafka broker into the cache if it is missing.")
def command(config_file: Path | None, fetch: bool) -> None:
    """Check the setup and say what to fix. Exit code 1 if something must be fixed."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from newsmon.app.cli.health.doctor_checks import run_checks
    from newsmon.app.cli.health.verdicts import Verdict

    console = Console(width=None if sys.stdout.isatty() else 100)
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    marks = {Verdict.GOOD: Text("ok", "green"), Verdict.NOTE: Text("note", "yellow"), Verdict.BAD: Text("fix", "red")}
    try:
        settings = settings_from(config_file)
    except SettingsError as error:
        for problem in error.problems:
            table.add_row(marks[Verdict.BAD], "settings", Text(str(problem)))
        console.print(table)
        sys.exit(EXIT_NO)
    results = run_checks(settings, find_config(config_file), fetch=fetch)
    for result in results:
        table.add_row(marks[result.verdict], result.what, Text(result.detail))  # details may hold what looks like markup
    console.print(table)
    sys.exit(int(any(result.verdict is Verdict.BAD for result in results)))
