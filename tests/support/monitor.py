"""A whole `newsmon run` for tests: feeds of our own over HTTP, a verifying receiver, and hands to kill with."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from xml.sax.saxutils import escape

from newsmon.app.listener import Received, VerifyingReceiver
from newsmon.kafka.broker.children import read_children, started_ticks

STOP_WITHIN_S = 90.0  # 25 s are promised; machines that run tests are slow


@dataclass
class FeedHost:
    """Serves one RSS feed per path from lists that a test adds to."""

    items: dict[str, list[tuple[str, str]]] = field(default_factory=dict)  # path -> (title, text), newest last
    server: ThreadingHTTPServer | None = None

    def __enter__(self) -> FeedHost:
        host = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = host.rss(self.path).encode()
                self.send_response(200 if self.path in host.items else 404)
                self.send_header("Content-Type", "application/rss+xml; charset=utf-8")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None: ...

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        assert self.server is not None
        self.server.shutdown()
        self.server.server_close()

    def url(self, path: str) -> str:
        assert self.server is not None
        return f"http://127.0.0.1:{self.server.server_address[1]}{path}"

    def rss(self, path: str) -> str:
        entries = "".join(
            f"<item><title>{escape(title)}</title><link>https://outlet.example{path}/{number}</link>"
            f"<pubDate>{format_datetime(datetime.now(UTC))}</pubDate><description>{escape(text)}</description></item>"
            for number, (title, text) in reversed(list(enumerate(self.items.get(path, []))))
        )
        return (
            f'<?xml version="1.0"?><rss version="2.0"><channel><title>t</title><link>https://outlet.example</link>{entries}</channel></rss>'
        )


def defence_story(name: str, year: int, share: float) -> tuple[str, str]:
    """Title and text of a story of its own on defence spending, which alerts."""
    return (
        f"{name} to lift defence spending to {share:.1f} per cent of GDP by {year}",
        f"The government of {name} said its defence budget will reach {share:.1f} per cent of GDP in {year}, up from {share - 1:.1f} per cent.",
    )


@contextlib.contextmanager
def receiving(secret: str) -> Iterator[VerifyingReceiver]:
    """A verifying receiver on an event loop of its own, for tests that block."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    receiver = VerifyingReceiver(secret)
    asyncio.run_coroutine_threadsafe(receiver.__aenter__(), loop).result(60)
    try:
        yield receiver
    finally:
        asyncio.run_coroutine_threadsafe(receiver.__aexit__(None, None, None), loop).result(60)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(60)
        loop.close()


@dataclass
class Monitor:
    """One state directory and the `newsmon run` that owns it (or did)."""

    directory: Path
    environ: Mapping[str, str]
    command: tuple[str, ...] = (sys.executable, "-Im", "newsmon")
    process: subprocess.Popen[bytes] | None = None

    @property
    def config(self) -> Path:
        return self.directory / "newsmon.toml"

    @property
    def state_dir(self) -> Path:
        return self.directory / "state"

    @property
    def log(self) -> str:
        return (self.directory / "run.log").read_text("utf-8", "replace")

    def start(self) -> None:
        with (self.directory / "run.log").open("ab") as log:
            self.process = subprocess.Popen(
                [*self.command, "run", "--config", str(self.config)], env=dict(self.environ), stdout=log, stderr=log
            )

    def end(self) -> None:
        """Leave nothing running, whatever state the test has left it in."""
        if self.process is not None and self.process.poll() is None:
            self.kill()
        for pid in self.children().values():
            if started_ticks(pid) is not None:
                os.kill(pid, signal.SIGKILL)

    def newsmon(self, *arguments: str, timeout_s: float = 240) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*self.command, *arguments, "--config", str(self.config)],
            env=dict(self.environ), capture_output=True, text=True, timeout=timeout_s, check=False,
        )  # fmt: skip

    def children(self) -> dict[str, int]:
        return {child.role: child.pid for child in read_children(self.state_dir / "children.json")}

    def kill_child(self, role: str) -> None:
        os.kill(self.children()[role], signal.SIGKILL)

    def kill(self) -> None:
        assert self.process is not None
        self.process.kill()
        self.process.wait(60)

    def stop(self, number: signal.Signals = signal.SIGINT) -> int:
        assert self.process is not None
        self.process.send_signal(number)
        return self.process.wait(STOP_WITHIN_S)


def new_secret() -> str:
    return "whsec_" + base64.b64encode(os.urandom(32)).decode()


def write_settings(directory: Path, *, feeds: Mapping[str, str], receiver: VerifyingReceiver, secret: str) -> Monitor:
    """A monitor that polls the feeds every second and tells the receiver; nothing is started yet."""
    (directory / "secret").write_text(secret)
    rows = [f'[[feed]]\nid = "{feed}"\nurl = "{url}"\nsource = "{feed.title()}"\nlanguage = "en"\n' for feed, url in feeds.items()]
    (directory / "feeds.toml").write_text("\n".join(rows))
    (directory / "newsmon.toml").write_text(
        'state_dir = "state"\n'
        '[producer]\nfeeds_file = "feeds.toml"\ninterval_s = 1\nmin_interval_s = 1\nmax_interval_s = 2\nhost_spacing_s = 0\n'
        'allow_private = ["127.0.0.0/8"]\n'
        "[kafka]\nsession_timeout_s = 6\nheap_mb = 384\n"
        f'[[receivers]]\nid = "desk"\nurl = "{receiver.url}"\nsecret_files = ["secret"]\nallow_private = ["127.0.0.0/8"]\n'
    )
    environ = {key: value for key, value in os.environ.items() if not key.startswith("NEWSMON_")}
    return Monitor(directory, environ)


def eventually(what: str, holds: Callable[[], bool], *, timeout_s: float = 240.0, log: Callable[[], str] = lambda: "") -> None:
    """Wait until it holds; AssertionError with the end of the log when it does not in time."""
    deadline = time.monotonic() + timeout_s
    while not holds():
        assert time.monotonic() < deadline, f"not within {timeout_s:.0f} s: {what}\n{log()[-4000:]}"
        time.sleep(0.2)


def is_alert(delivery: Received) -> bool:
    """Notices come to the same receiver: on a slow machine a feed may well be late."""
    return str((delivery.payload or {}).get("type", "")).startswith("newsmon.alert.")


def accepted_titles(receiver: VerifyingReceiver) -> set[str]:
    return {
        article["title"]
        for delivery in receiver.deliveries
        if delivery.accepted and is_alert(delivery)
        for article in (delivery.payload or {})["data"]["articles"]
    }


def repeats_have_equal_ids(deliveries: list[Received]) -> bool:
    """Two accepted POSTs about the same alert revision carry the same webhook-id."""
    ids: dict[tuple[str, int], set[str]] = {}
    for delivery in filter(is_alert, deliveries):
        data = json.loads(delivery.body)["data"]
        ids.setdefault((data["alert_id"], data["revision"]), set()).add(delivery.webhook_id)
    return all(len(found) == 1 for found in ids.values())
