"""The tests run to their end however they were started, also as a shell's background job, which ignores Ctrl-C."""

from __future__ import annotations

import signal
import subprocess
import sys

from support.places import ROOT
from support.waiting import WITHIN_S, next_line

IDLE = "import time\nprint('ready', flush=True)\ntime.sleep(300)"


def test_a_process_that_a_test_starts_obeys_ctrl_c() -> None:
    with subprocess.Popen([sys.executable, "-c", IDLE], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as child:
        try:
            assert next_line(child.stdout) == "ready\n"
            child.send_signal(signal.SIGINT)
            assert child.wait(WITHIN_S) == -signal.SIGINT
        finally:
            child.kill()


def test_it_does_so_when_the_tests_were_started_with_interrupts_ignored() -> None:
    test = f"{__file__}::{test_a_process_that_a_test_starts_obeys_ctrl_c.__name__}"
    command = ["sh", "-c", 'trap "" INT; exec "$0" -m pytest -q -p no:cacheprovider "$1"', sys.executable, test]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
