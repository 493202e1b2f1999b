"""`newsmon demo`: the job of `newsmon run` on recorded feeds, with a receiver that verifies, and a summary to check."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from newsmon.app.demo.findings.progress import STALLED_S


@click.command()
@click.option(
    "--seconds", type=click.FloatRange(min=10), default=STALLED_S, show_default=True, help="Give up when nothing has moved for so long."
)
@click.option("--keep", is_flag=True, help="Keep the demo's directory (settings, database, logs) and say where it is.")
@click.option(
    "--recorded",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    help="Other recorded feeds: a directory with catalogue.toml, feeds/ and expected.toml.",
)
def command(seconds: float, keep: bool, recorded: Path | None) -> None:
    """Watch recorded feeds become explained, signed alerts; needs no internet once installed.

    Exits 1 when the ledger does not balance, or anything expected is missing, or anything unexpected arrived.
    """
    from newsmon.app.demo.job import run_demo
    from newsmon.app.demo.recorded.catalogue import demo_directory

    sys.exit(run_demo(recorded or demo_directory(), stalled_s=seconds, keep=keep))
