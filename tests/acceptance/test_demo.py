"""`newsmon demo` from the outside: it succeeds as shipped, says what happened, and fails when an expectation is broken."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from newsmon.app.demo.recorded.catalogue import demo_directory

LIMIT_S = 900.0
WIDTH = 100

pytestmark = pytest.mark.timeout(LIMIT_S + 60)


def demo(*arguments: str, temporary: Path) -> subprocess.CompletedProcess[str]:
    """One demo whose temporary files go to `temporary`, whatever settings the caller has."""
    environ = {**os.environ, "TMPDIR": str(temporary), "NEWSMON_PRODUCER__INTERVAL_S": "not a number", "COLUMNS": "300"}
    command = [sys.executable, "-Im", "newsmon", "demo", *arguments]
    return subprocess.run(command, env=environ, capture_output=True, text=True, timeout=LIMIT_S, check=False)


def number_after(text: str, pattern: str) -> int:
    found = re.search(pattern, text)
    assert found, f"{pattern!r} is not in the summary"
    return int(found[1])


def test_the_shipped_demo_succeeds_and_its_summary_can_be_checked(tmp_path: Path) -> None:
    done = demo(temporary=tmp_path)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    out = done.stdout
    for part in range(1, 8):
        assert re.search(rf"^ *{part}\. ", out, re.MULTILINE), f"part {part} is missing"
    assert "demo: GOOD" in out
    assert "The ledger ok" in out or "7. The ledger ok" in out
    assert number_after(out, r"What matched, and why: (\d+) matches") >= 60
    assert number_after(out, r"One article, (\d+) themes") == 3
    # Themes decided within one hold share a message, so the count of messages follows the machine's pace; that nothing is
    # missing is the demo's own verdict (GOOD), against expected.toml.
    assert number_after(out, r"6\. Alerts: (\d+)") >= 12  # one for each running story
    assert number_after(out, r"bad signatures (\d+)") == 0
    assert number_after(out, r"refused on purpose (\d+)") == 1
    silent, look_alikes = re.search(r"must not match: (\d+) of (\d+)", out).groups()  # type: ignore[union-attr]
    assert silent == look_alikes
    for word in ("304", "429", "500", "404", "hang", "302", "not_a_feed", "timeout"):
        assert word in out, f"the summary does not show {word}"


def test_broken_expectations_are_named_and_make_it_exit_1(tmp_path: Path) -> None:
    """Two expectations broken in two ways; the same run shows that the tables fit 100 columns and nothing is left behind."""
    recorded = tmp_path / "recorded"
    shutil.copytree(demo_directory(), recorded)
    expected = recorded / "expected.toml"
    text = expected.read_text("utf-8")
    broken = text.replace('[[alert]]\ntheme = "us-trade"\ngroup = "canada-talks"\n', "", 1)
    silenced = broken.replace('title = "Two trade unions vote to merge', 'title = "Nobody wrote this', 1)
    assert len(silenced) < len(broken) < len(text)
    expected.write_text(silenced, "utf-8")
    temporary = tmp_path / "temporary"
    temporary.mkdir()

    done = demo("--recorded", str(recorded), temporary=temporary)

    assert done.returncode == 1, done.stdout[-4000:] + done.stderr[-2000:]
    assert "demo: FAILED" in done.stdout
    assert re.search(r"unexpected alert +us-trade +canada-talks", done.stdout)
    assert re.search(r"entry not seen +.*Nobody wrote this", done.stdout)
    too_wide = [line for line in done.stdout.splitlines() if len(line) > WIDTH]
    assert too_wide == []
    assert list(temporary.iterdir()) == []


def test_a_directory_without_recorded_feeds_is_refused_with_file_and_reason(tmp_path: Path) -> None:
    done = demo("--recorded", str(tmp_path), temporary=tmp_path)
    assert done.returncode == 2
    assert done.stderr.strip() == f"newsmon: {tmp_path / 'catalogue.toml'}: no such file"


@pytest.mark.parametrize("number", ["SIGINT", "SIGTERM"])
def test_a_demo_stopped_from_outside_cleans_up(tmp_path: Path, number: str) -> None:
    import signal
    import time

    import psutil

    environ = {**os.environ, "TMPDIR": str(tmp_path)}
    command = [sys.executable, "-Im", "newsmon", "demo"]
    with subprocess.Popen(command, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as process:
        try:
            deadline_s = time.monotonic() + 180
            while not list(tmp_path.glob("newsmon-demo-*/state/kafka")) and time.monotonic() < deadline_s:
                time.sleep(0.2)
            assert list(tmp_path.glob("newsmon-demo-*/state/kafka")), "the demo did not get as far as starting Kafka"
            children = psutil.Process(process.pid).children(recursive=True)
            process.send_signal(getattr(signal, number))
            _out, error = process.communicate(timeout=180)
        finally:
            process.kill()
    assert process.returncode == 130, error
    assert "interrupted" in error
    assert list(tmp_path.iterdir()) == []
    _gone, alive = psutil.wait_procs(children, timeout=60)
    assert alive == []
