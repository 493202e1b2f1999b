"""With JSON logs every line on a process's standard error is a JSON object, whoever writes it and however the process ends."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

START = """
import os, sys, threading, warnings, logging, subprocess, time
from newsmon.logs import catch_the_uncaught, configure_logs, get_logger, thread_stacks
from newsmon.host.stderr import own_stderr
from newsmon.settings import LogSettings
settings = LogSettings(format="json")
configure_logs(settings, stage="store", stream=own_stderr(settings, stage="store"))
catch_the_uncaught()
log = get_logger("test")
log.info("test.started")
"""
# how it speaks -> words that must be somewhere in its lines
VOICES = {
    "print('from a library', file=sys.stderr)": "from a library",
    "os.write(2, b'half a line')": "half a line",
    "raise ValueError('nobody caught it')": "nobody caught it",
    "t = threading.Thread(target=lambda: 1 / 0, name='worker'); t.start(); t.join()": "ZeroDivisionError",
    "warnings.warn('old thing')": "old thing",
    "logging.getLogger('asyncio').error('Task exception was never retrieved')": "never retrieved",
    "logging.getLogger('x').error('%d', 'no number')": "Message: '%d'",
    "subprocess.run([sys.executable, '-c', 'raise KeyError(1)'])": "KeyError: 1",
    "import multiprocessing as m; p = m.get_context('spawn').Process(target=os.kill, args=(None, None)); p.start(); p.join()": "TypeError",
    "import faulthandler; faulthandler.dump_traceback(all_threads=True)": "most recent call first",
    "import faulthandler; faulthandler.enable(); os.abort()": "Fatal Python error",
    "os.write(2, b'last words'); os._exit(70)": "last words",
    "log.critical('x', stacks=thread_stacks()); os._exit(70)": "MainThread",
    "class Bad:\n    def __del__(self): raise RuntimeError('while deleting')\nb = Bad(); del b": "while deleting",
    "import asyncio\nasync def f(): raise OSError('in a task')\nasync def g():\n    t = asyncio.create_task(f()); await asyncio.sleep(0.01); del t\nasyncio.run(g())": "in a task",
    "sys.exit('newsmon: it ended')": "it ended",
}  # fmt: skip


def lines_of(program: str, environ: dict[str, str] | None = None) -> list[str]:
    """The lines on its standard error, once the last process that writes there has ended."""
    done = subprocess.run(
        [sys.executable, "-c", START + program], stderr=subprocess.PIPE, text=True, timeout=240, check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), **(environ or {})},
    )  # fmt: skip
    return done.stderr.splitlines()


@pytest.mark.parametrize(("program", "words"), VOICES.items())
def test_every_line_is_a_json_object(program: str, words: str) -> None:
    lines = [json.loads(line) for line in lines_of(program)]
    assert all(isinstance(line, dict) and {"event", "level", "timestamp", "stage"} <= line.keys() for line in lines)
    assert lines[0]["event"] == "test.started"
    assert words in "\n".join(str(value) for line in lines[1:] for value in line.values())


# Which words must have come before the process has ended: there, its end is the end of the pump.
LAST_WORDS = {
    "print('newsmon: settings:receivers: no secret', file=sys.stderr); sys.exit(2)": "no secret",
    "raise ValueError('nobody caught it')": "nobody caught it",
    "log.critical('x', reason='the last line', text='y' * 300_000); sys.exit(1)": "the last line",
    "from newsmon.liveness.progress_watch import end_hard; end_hard('store', 'it stood still')": "it stood still",
}


@pytest.mark.parametrize(("program", "words"), LAST_WORDS.items())
def test_the_last_words_are_written_before_a_container_ends_with_its_process(program: str, words: str) -> None:
    as_a_container = ["unshare", "--user", "--map-root-user", "--pid", "--fork", "--kill-child"]
    if subprocess.run([*as_a_container, "true"], stderr=subprocess.DEVNULL, timeout=60, check=False).returncode:
        pytest.skip("no rights to make a namespace")
    done = subprocess.run(
        [*as_a_container, sys.executable, "-c", START + program], stderr=subprocess.PIPE, text=True, timeout=240, check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )  # fmt: skip
    assert words in "\n".join(str(value) for line in done.stderr.splitlines() for value in json.loads(line).values())


def test_an_end_does_not_wait_for_a_reader_that_does_not_read() -> None:
    reading, writing = os.pipe()
    try:
        program = "print('x' * 4_000, file=sys.stderr)\n" * 40 + "sys.exit(2)"
        assert subprocess.run([sys.executable, "-c", START + program], stderr=writing, timeout=60, check=False,
                              env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}).returncode == 2  # fmt: skip
    finally:
        os.close(writing)
        os.close(reading)


def test_many_writers_at_once_never_cut_each_other_s_lines() -> None:
    program = """
def talk(number):
    for _ in range(200):
        log.info("long", text=str(number) * 6000)
        os.write(2, b"raw words\\n")
threads = [threading.Thread(target=talk, args=(number,)) for number in range(4)]
for thread in threads: thread.start()
for thread in threads: thread.join()
"""
    lines = [json.loads(line) for line in lines_of(program)]
    assert sum(line["event"] == "long" for line in lines) == 800
    assert sum(line.get("text", "").count("raw words") for line in lines if line["event"] == "stderr") == 800


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount")
@pytest.mark.parametrize("log_format", ["json", "console"])
def test_a_full_disk_costs_only_the_lines_that_found_no_room_and_says_how_many(tmp_path: Path, log_format: str) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", disk], check=True, timeout=60)
    try:
        program = f"""
import pathlib
from newsmon.host import stderr
def written():
    for pumped in stderr._pumped: pumped.finish(within_s=120)
filler = pathlib.Path({str(disk)!r}) / "filler"
log.info("before")
written()
with filler.open("wb", buffering=0) as file:
    try:
        while file.write(b"x" * 512): pass
    except OSError: pass
for number in range(300): log.info("filling", number=number, text="x" * 300)
written()
filler.unlink()
log.info("after")
written()
"""
        with (disk / "log").open("wb") as log_file:
            start = START.replace('"json"', f'"{log_format}"')
            subprocess.run([sys.executable, "-c", start + program], stderr=log_file, timeout=240, check=True)
            end = time.monotonic() + 60
            while "after" not in (disk / "log").read_text() and time.monotonic() < end:
                time.sleep(0.1)
        lines = (disk / "log").read_text().splitlines()
    finally:
        subprocess.run(["umount", "--lazy", disk], check=True, timeout=60)  # the pump may end a moment later
    kept = sum("filling" in line for line in lines)
    assert any("after" in line for line in lines)
    assert not any("Traceback" in line or "Logging error" in line for line in lines)
    [said] = [line for line in lines if "log.lines_lost" in line]
    if log_format == "json":
        assert 0 < json.loads(said)["count"] <= 300
        whole = [line for line in lines if line.startswith('{"') and line.endswith("}")]
        assert len(lines) - len(whole) <= 1, "at most the line that the full disk cut off"
        assert kept + json.loads(said)["count"] in (300, 301)


def test_a_dead_pump_costs_no_log_line() -> None:
    program = """
import psutil, signal
[pump] = psutil.Process().children()
pump.kill()
pump.wait(60)
log.info("kept")
"""
    assert [json.loads(line)["event"] for line in lines_of(program) if line.startswith("{")][-1] == "kept"


def test_console_lines_are_left_alone() -> None:
    done = subprocess.run(
        [sys.executable, "-c", START.replace('"json"', '"console"') + "print('plain', file=sys.stderr)"],
        stderr=subprocess.PIPE, text=True, timeout=240, check=True,
    )  # fmt: skip
    assert done.stderr.splitlines()[-1] == "plain"
