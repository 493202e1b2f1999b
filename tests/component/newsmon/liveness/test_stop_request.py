"""`newsmon run` and every stage can be stopped from their first moment on, and a second signal hurries `run`."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest
from support.run_watch import wait_until_stoppable

from newsmon.__main__ import RUNS_UNTIL_STOPPED
from newsmon.liveness.stop_request import StopRequest


def test_a_second_signal_is_urgent() -> None:
    stop = StopRequest()
    assert not stop.is_asked
    stop.note()
    assert (stop.is_asked, stop.is_urgent) == (True, False)
    stop.note()
    assert (stop.is_asked, stop.is_urgent) == (True, True)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "SIGINT"])
@pytest.mark.parametrize("command", RUNS_UNTIL_STOPPED)
def test_asked_to_stop_before_it_is_loaded_it_ends_well(tmp_path: Path, command: str, number: signal.Signals) -> None:
    feeds = tmp_path / "feeds.toml"
    feeds.write_text('[[feed]]\nid = "one"\nurl = "https://a.example/rss"\nsource = "A"\n')
    config = tmp_path / "newsmon.toml"
    config.write_text(
        'state_dir = "state"\n[producer]\nfeeds_file = "feeds.toml"\n[kafka]\nbootstrap_servers = ["127.0.0.1:9"]\n'
        "[monitoring]\nproducer_port = 0\nprocessor_port = 0\nstore_port = 0\ndeliver_port = 0\n"
    )
    process = subprocess.Popen([sys.executable, "-Im", "newsmon", command, "--config", str(config)])
    try:
        wait_until_stoppable(process)
        process.send_signal(number)
        assert process.wait(120) == 0
    finally:
        process.kill()
        process.wait(60)
    if command == "run":
        assert not (tmp_path / "state").exists()
