"""`newsmon demo`: `newsmon run` on recorded feeds, with a receiver that verifies signatures and a summary of the result."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from newsmon.app.demo.findings.progress import STALLED_S


@click.command()
@click.option(
    "--seconds",
    type=click.FloatRange(min=10),
    default=STALLED_S,
    show_default=True,
    help="Give up after this time without progress.",
)
@click.option("--keep", is_flag=True, help="Keep the demo's directory (settings, database, logs) and print its path.")
@click.option(
    "--recorded",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    help="Use other recorded feeds: a directory with catalogue.toml, feeds/ and expected.toml.",
)
def command(seconds: float, keep: bool, recorded: Path | None) -> None:
    """Turn recorded feeds into explained, signed alerts, and check the result. Needs no internet once installed.

    Exit code 1 if the ledger does not balance, something expected is missing, or something unexpected arrives.
    """
    from newsmon.app.demo.job import run_demo
    from newsmon.app.demo.recorded.catalogue import demo_directory

    sys.exit(run_demo(recorded or demo_directory(), stalled_s=seconds, keep=keep))
