"""`newsmon run` whose cluster is away from the start says so from the start, in its log and as a metric, and keeps what it writes private."""

from __future__ import annotations

import json
import stat
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.nobody import nobodys_port
from support.run_watch import free_ports


@pytest.fixture
def away() -> Iterator[int]:
    with nobodys_port() as port:
        yield port


def test_kafka_away_from_the_start_is_a_state_of_its_own(tmp_path: Path, away: int) -> None:
    feeds = tmp_path / "feeds.toml"
    feeds.write_text('[[feed]]\nid = "one"\nurl = "https://a.example/rss"\nsource = "A"\n')
    (port,) = free_ports(1)
    config = tmp_path / "newsmon.toml"
    config.write_text(
        f'state_dir = "state"\n[producer]\nfeeds_file = "feeds.toml"\n[kafka]\nbootstrap_servers = ["127.0.0.1:{away}"]\n'
        f"[monitoring]\nrun_port = {port}\n"
    )
    log = tmp_path / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-Im", "newsmon", "run", "--config", str(config)], stdout=output, stderr=output, umask=0o022
        )
    try:
        end = time.monotonic() + 120
        while 'newsmon_kafka_up{stage="run"} 0' not in metrics_on(port):
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < end, log.read_text()
            time.sleep(0.2)
        process.terminate()
        assert process.wait(60) == 0
    finally:
        process.kill()
        process.wait(60)
    events = [json.loads(line)["event"] for line in log.read_text().splitlines()]
    assert "kafka.lost" in events
    assert "state.made_private" not in events, "what is new was private from the first moment"
    state = tmp_path / "state"
    loose = [path for path in (state, *state.rglob("*")) if stat.S_IMODE(path.lstat().st_mode) & 0o077]
    assert loose == []


def metrics_on(port: int) -> str:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=60) as answer:
            return str(answer.read(), "utf-8")
    except OSError:
        return ""
