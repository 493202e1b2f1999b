"""What a stage does before its work."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from newsmon.net.listening import HANDED_OVER

PROGRAM = """
import sys, threading
from pathlib import Path
from newsmon.app.cli.process import long_running
with long_running(Path(sys.argv[1]), stage="store", watch_kafka=False):
    print(*(thread.name for thread in threading.enumerate()))
"""


@pytest.mark.parametrize("log_format", ["json", "console"])
@pytest.mark.parametrize("is_supervised", [True, False])
def test_the_disks_are_watched_by_one_process_of_a_machine(tmp_path: Path, log_format: str, is_supervised: bool) -> None:
    config = tmp_path / "newsmon.toml"
    config.write_text(f'state_dir = "state"\n[log]\nformat = "{log_format}"\n')
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), **({HANDED_OVER: "9"} if is_supervised else {})}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(config)], stdout=subprocess.PIPE, text=True, timeout=120, check=True, env=environ
    )  # fmt: skip
    assert ("disk-watch" in done.stdout) is not is_supervised
