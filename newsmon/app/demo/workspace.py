"""The demo's directory: settings, feed list and secret for one run, written where the run keeps its state.

Out: files under a fresh temporary directory. I/O: that directory.
"""

from __future__ import annotations

import base64
import json
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from newsmon.app.demo.recorded.catalogue import RecordedFeed
from newsmon.app.demo.recorded.feed_server import HOST, FeedServer

RECEIVER_ID = "demo-receiver"
INTERVAL_S = 5.0
TIMEOUT_S = 4.0  # of one poll; shorter than the feed server hangs
SECRET_BYTES = 32


@dataclass(frozen=True, slots=True)
class Workspace:
    """The paths of the demo's files."""

    directory: Path

    @property
    def config_file(self) -> Path:
        return self.directory / "newsmon.toml"

    @property
    def log_file(self) -> Path:
        return self.directory / "run.log"


def new_secret() -> str:
    """A fresh webhook secret in the format of Standard Webhooks."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def write_workspace(directory: Path, feeds: tuple[RecordedFeed, ...], server: FeedServer, *, receiver_url: str, secret: str) -> Workspace:
    """Write settings, feed list and secret into `directory`, ready for `newsmon run --config`."""
    workspace = Workspace(directory)
    secret_file = directory / "receiver.secret"
    secret_file.touch(mode=0o600)
    secret_file.write_text(secret + "\n", "utf-8")
    (directory / "feeds.toml").write_text(_feeds_toml(feeds, server), "utf-8")
    workspace.config_file.write_text(_config_toml(secret_file.name, receiver_url), "utf-8")
    return workspace


def _feeds_toml(feeds: tuple[RecordedFeed, ...], server: FeedServer) -> str:
    blocks = []
    for feed in feeds:
        row: dict[str, Any] = {"id": feed.id, "url": server.url(feed), "source": feed.source, "language": feed.language, "tier": feed.tier}
        row |= {"country": feed.country, "default_zone": feed.default_zone, "interval_s": int(INTERVAL_S)}
        blocks.append("[[feed]]\n" + "".join(f"{key} = {_toml(value)}\n" for key, value in row.items() if value is not None))
    return "\n".join(blocks)


def _config_toml(secret_file: str, receiver_url: str) -> str:
    """Short intervals and no host spacing, because all feeds share one loopback port; the guard allows that address only."""
    loopback = json.dumps([f"{HOST}/32"])
    return f"""\
state_dir = "state"

[producer]
feeds_file = "feeds.toml"
interval_s = {INTERVAL_S}
min_interval_s = {INTERVAL_S}
max_interval_s = {INTERVAL_S * 2}
timeout_s = {TIMEOUT_S}
connect_timeout_s = 2.0
host_spacing_s = 0.0
allow_private = {loopback}

[kafka]
heap_mb = 256

[[receivers]]
id = "{RECEIVER_ID}"
url = {_toml(receiver_url)}
secret_files = ["{secret_file}"]
allow_private = {loopback}
notices = false
"""


def _toml(value: str | int) -> str:
    """JSON's strings and integers are TOML's."""
    return json.dumps(value, ensure_ascii=False)
