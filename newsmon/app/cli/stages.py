"""`newsmon producer | processor | store | deliver`: one stage in the foreground, for supervisors and clusters."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from newsmon.app.cli.options import config_option, settings_from
from newsmon.logs import configure_logs


@click.command()
@config_option
def producer(config_file: Path | None) -> None:
    """Poll the configured feeds and publish their articles."""
    from producers.polling.service import run

    settings = settings_from(config_file)
    configure_logs(settings.log, stage="producer")
    sys.exit(run(settings))


@click.command()
@config_option
def processor(config_file: Path | None) -> None:
    """Classify articles, group matches into stories, and raise alerts."""
    from processors.runner.service import run

    settings = settings_from(config_file)
    configure_logs(settings.log, stage="processor")
    sys.exit(run(settings))


@click.command()
@config_option
def store(config_file: Path | None) -> None:
    """Write every topic to the database."""
    from sinks.store.service import run

    settings = settings_from(config_file)
    configure_logs(settings.log, stage="store")
    sys.exit(run(settings))


@click.command()
@config_option
def deliver(config_file: Path | None) -> None:
    """Send alerts to the receivers."""
    from sinks.deliver.service import run

    settings = settings_from(config_file)
    configure_logs(settings.log, stage="deliver")
    sys.exit(run(settings))


COMMANDS = {"producer": producer, "processor": processor, "store": store, "deliver": deliver}
