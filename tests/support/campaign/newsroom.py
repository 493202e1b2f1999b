"""The directory of the monitor under test: settings, feeds, themes, words and secrets of its own.

Out: files. I/O: one directory.
"""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from support.campaign.desks import Desk
from support.campaign.items import places_file, theme_files
from support.monitor import Monitor

PROCESSES = ("run", "producer", "processor", "store", "deliver")
ANY_PORTS = "[monitoring]\n" + "".join(f"{process}_port = 0\n" for process in PROCESSES)
CAMPAIGN_SETTINGS = """\
[producer]
feeds_file = "feeds.toml"
interval_s = 1
min_interval_s = 1
max_interval_s = 2
timeout_s = 4
connect_timeout_s = 2
host_spacing_s = 0
allow_private = ["127.0.0.0/8"]
[kafka]
session_timeout_s = 6
heap_mb = 256
[processor]
stall_exit_s = 20
[stories]
idle_close_s = 900
[alerts.burst]
enabled = false
[themes]
directory = "themes"
reload_check_s = 1
[words]
directory = "words"
[log]
format = "json"
"""


@dataclass
class Newsroom(Monitor):
    """A monitor whose state may be on a disk of its own."""

    state: Path | None = None

    @property
    def state_dir(self) -> Path:
        return self.state or super().state_dir


def write_newsroom(
    directory: Path, feeds: Mapping[str, str], desks: Iterable[Desk], *, settings: str = CAMPAIGN_SETTINGS, state_dir: Path | None = None,
    database_url: str | None = None, receiver_settings: str = "timeout_s = 3\n",
) -> Newsroom:  # fmt: skip
    """The monitor of these feeds and receivers; nothing is started yet."""
    directory.mkdir(parents=True, exist_ok=True)
    for folder, files in (("themes", theme_files()), ("words/places", {"invented.toml": places_file()})):
        (directory / folder).mkdir(parents=True, exist_ok=True)
        for name, text in files.items():
            (directory / folder / name).write_text(text, "utf-8")
    (directory / "feeds.toml").write_text(feeds_file(feeds), "utf-8")
    receivers = ""
    for desk in desks:
        secret = directory / f"{desk.name}.secret"
        secret.touch(mode=0o600)
        secret.write_text(desk.secret + "\n", "utf-8")
        receivers += f'[[receivers]]\nid = "{desk.name}"\nurl = "{desk.url}"\nsecret_files = ["{secret.name}"]\nallow_private = ["127.0.0.0/8"]\n{receiver_settings}'
    head = f'state_dir = "{state_dir or "state"}"\n'
    database = f'[database]\nurl = "{database_url}"\n' if database_url else ""
    (directory / "newsmon.toml").write_text(head + settings + database + receivers, "utf-8")
    environ = {key: value for key, value in os.environ.items() if not key.startswith("NEWSMON_")}
    return Newsroom(directory, environ, command=(sys.executable, "-Im", "newsmon"), state=state_dir)


def named_ports() -> str:
    """[monitoring] with a port that is free now for each process."""
    taken = [socket.socket() for _ in range(len(PROCESSES))]
    try:
        for one in taken:
            one.bind(("127.0.0.1", 0))
        return "[monitoring]\n" + "".join(f"{name}_port = {one.getsockname()[1]}\n" for name, one in zip(PROCESSES, taken, strict=True))
    finally:
        for one in taken:
            one.close()


def feeds_file(feeds: Mapping[str, str]) -> str:
    """The feeds file of these addresses."""
    return "\n".join(f'[[feed]]\nid = "{name}"\nurl = "{url}"\nsource = "{name.title()}"\nlanguage = "en"\n' for name, url in feeds.items())
