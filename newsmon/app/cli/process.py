"""What every long-running process does before its work: settings, private files, logs."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from newsmon.app.cli.options import settings_from
from newsmon.host.disk_watch import DiskWatch
from newsmon.host.disks import directories
from newsmon.host.private_files import keep_private
from newsmon.host.stderr import own_stderr
from newsmon.logs import catch_the_uncaught, configure_logs, get_logger
from newsmon.net.listening import HANDED_OVER
from newsmon.settings import Settings

log = get_logger(__name__)


@contextmanager
def long_running(config_file: Path | None, *, stage: str, watch_kafka: bool = True) -> Iterator[Settings]:
    """The checked settings of a stage, with its logs set up, its files private, its disks and Kafka watched."""
    settings = settings_from(config_file)
    configure_logs(settings.log, stage=stage, stream=own_stderr(settings.log, stage=stage))
    catch_the_uncaught()
    say_mended(settings, make_private(settings))
    with ExitStack() as watches:
        if HANDED_OVER not in os.environ:  # `newsmon run` watches the disks of its stages
            from sinks.database.sqlite_file import sqlite_file

            database = sqlite_file(settings)
            watches.enter_context(DiskWatch(lambda: directories(settings, database)))
        if watch_kafka:
            from newsmon.kafka.watch import KafkaWatch

            watches.enter_context(KafkaWatch(settings, stage=stage))
        yield settings


def make_private(settings: Settings) -> int:
    """Create and keep private files from here on, see `keep_private`."""
    from sinks.database.sqlite_file import sqlite_file

    return keep_private(settings, sqlite_file(settings))


def say_mended(settings: Settings, mended_count: int) -> None:
    if mended_count:
        log.warning(
            "state.made_private", directory=str(settings.state_dir), count=mended_count,
            reason="others could read it; to let a group read it, chgrp the state directory and set its mode to 750",
        )  # fmt: skip
