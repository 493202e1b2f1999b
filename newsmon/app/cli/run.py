"""`newsmon run`: everything on one machine, in the foreground."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from newsmon.app.cli.options import config_option, find_config, settings_from


@click.command()
@config_option
@click.option("--plain", is_flag=True, help="Print log lines instead of the live view.")
def command(config_file: Path | None, plain: bool) -> None:
    """Start all stages, and Kafka unless kafka.bootstrap_servers names a cluster. Ctrl-C drains and stops them."""
    from newsmon.liveness.stop_request import STOP, catch_stop_signals

    catch_stop_signals()
    from newsmon.app.cli.preflight import preflight
    from newsmon.app.cli.process import make_private, say_mended
    from newsmon.errors import SettingsError
    from newsmon.host.forked import Forked
    from newsmon.host.stderr import finish_stderr, own_stderr
    from newsmon.logs import Descriptor
    from sinks.database.sqlite_file import sqlite_file

    settings = settings_from(config_file)
    terminal = sys.stdout.isatty() and not plain
    stderr = Descriptor(2) if terminal else own_stderr(settings.log, stage="run")
    mended_count = make_private(settings)  # before anything is written: the check below keeps good theme files
    if STOP.is_asked:
        return
    checked = Forked(lambda: preflight(settings, starting=True))  # it loads all themes and words, which this process never needs
    from newsmon.app.supervisor.service import Supervisor

    problems = checked.outcome()
    if problems:
        raise SettingsError(problems)
    supervisor = Supervisor(settings, find_config(config_file), terminal=terminal, stderr=stderr, database_file=sqlite_file(settings))
    exit_code = supervisor.run(on_logs=lambda: say_mended(settings, mended_count))
    if supervisor.is_held_up:
        finish_stderr()
        os._exit(exit_code)
    sys.exit(exit_code)
