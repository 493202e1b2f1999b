"""`newsmon producer | processor | store | deliver`: one stage in the foreground, for supervisors and clusters."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from newsmon.app.cli.options import config_option
from newsmon.app.cli.process import long_running


@click.command()
@config_option
def producer(config_file: Path | None) -> None:
    """Poll the configured feeds and publish their articles."""
    from producers.polling.service import run

    with long_running(config_file, stage="producer") as settings:
        sys.exit(run(settings))


@click.command()
@config_option
def processor(config_file: Path | None) -> None:
    """Classify articles, group matches into stories, and raise alerts."""
    from processors.runner.service import run

    with long_running(config_file, stage="processor") as settings:
        sys.exit(run(settings))


@click.command()
@config_option
def store(config_file: Path | None) -> None:
    """Write every topic to the database."""
    from sinks.store.service import run

    with long_running(config_file, stage="store") as settings:
        sys.exit(run(settings))


@click.command()
@config_option
def deliver(config_file: Path | None) -> None:
    """Send alerts to the receivers."""
    from sinks.deliver.service import run

    # it watches Kafka itself, to tell people
    with long_running(config_file, stage="deliver", watch_kafka=False) as settings:
        sys.exit(run(settings))


COMMANDS = {"producer": producer, "processor": processor, "store": store, "deliver": deliver}
