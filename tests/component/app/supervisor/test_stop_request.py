"""`newsmon run` can be stopped from its first moment on, and a second signal hurries it."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest
from support.run_watch import wait_until_stoppable

from newsmon.app.supervisor.stop_request import StopRequest


def test_a_second_signal_is_urgent() -> None:
    stop = StopRequest()
    assert not stop.is_asked
    stop.note()
    assert (stop.is_asked, stop.is_urgent) == (True, False)
    stop.note()
    assert (stop.is_asked, stop.is_urgent) == (True, True)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "SIGINT"])
def test_asked_to_stop_before_it_is_loaded_it_starts_nothing_and_ends_well(tmp_path: Path, number: signal.Signals) -> None:
    feeds = tmp_path / "feeds.toml"
    feeds.write_text('[[feed]]\nid = "one"\nurl = "https://a.example/rss"\nsource = "A"\n')
    config = tmp_path / "newsmon.toml"
    config.write_text('state_dir = "state"\n[producer]\nfeeds_file = "feeds.toml"\n')
    process = subprocess.Popen([sys.executable, "-Im", "newsmon", "run", "--config", str(config)])
    try:
        wait_until_stoppable(process)
        process.send_signal(number)
        assert process.wait(120) == 0
    finally:
        process.kill()
        process.wait(60)
    assert not (tmp_path / "state").exists()
