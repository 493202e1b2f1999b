"""`newsmon doctor`: checks the set-up from Python to receivers and says what to mend."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from newsmon.app.cli.options import config_option, find_config, settings_from
from newsmon.errors import SettingsError


@click.command()
@config_option
@click.option("--fetch", is_flag=True, help="Fetch the broker's jars into the cache if they are not there.")
def command(config_file: Path | None, fetch: bool) -> None:
    """Check the set-up and say what to mend; exit 1 when something must be mended."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from newsmon.app.cli.health.checks import Verdict, run_checks

    console = Console(width=None if sys.stdout.isatty() else 100)
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    marks = {Verdict.GOOD: Text("ok", "green"), Verdict.NOTE: Text("note", "yellow"), Verdict.BAD: Text("mend", "red")}
    try:
        settings = settings_from(config_file)
    except SettingsError as error:
        for problem in error.problems:
            table.add_row(marks[Verdict.BAD], "settings", Text(str(problem)))
        console.print(table)
        sys.exit(1)
    results = run_checks(settings, find_config(config_file), fetch=fetch)
    for result in results:
        table.add_row(marks[result.verdict], result.what, Text(result.detail))  # what was found is no markup
    console.print(table)
    sys.exit(int(any(result.verdict is Verdict.BAD for result in results)))
