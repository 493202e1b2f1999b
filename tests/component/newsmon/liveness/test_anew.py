"""A stage that begins anew keeps what its supervisor handed over: the socket it answers on, and the place for its log lines."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

from newsmon.host.stderr import PUMPED
from newsmon.net.listening import HANDED_OVER, port_of

STAGE = """
import json, os, sys
from pathlib import Path
from newsmon.host.stderr import own_stderr
from newsmon.liveness.anew import begin_anew
from newsmon.logs import configure_logs
from newsmon.net.listening import handed_over, port_of
from newsmon.settings import LogSettings
settings = LogSettings(format="json")
configure_logs(settings, stage="processor", stream=own_stderr(settings, stage="processor"))
handed = handed_over()
runs = Path(sys.argv[1])
ports = json.loads(runs.read_text()) if runs.exists() else []
runs.write_text(json.dumps([*ports, None if handed is None else port_of(handed)]))
if len(ports) < 2:
    begin_anew("processor", "a test")
"""


def test_the_new_run_serves_on_the_same_socket_and_logs_to_the_same_place(tmp_path: Path) -> None:
    program, runs = tmp_path / "stage.py", tmp_path / "runs.json"
    program.write_text(STAGE, encoding="utf-8")
    reading, writing = os.pipe()
    with socket.create_server(("127.0.0.1", 0)) as listening:
        handed = {HANDED_OVER: str(listening.fileno()), PUMPED: str(writing)}
        done = subprocess.run(
            [sys.executable, str(program), str(runs)], stderr=subprocess.PIPE, timeout=120, check=False,
            pass_fds=(listening.fileno(), writing), env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), **handed},
        )  # fmt: skip
        port = port_of(listening)
    os.close(writing)
    with os.fdopen(reading) as lines:
        events = [json.loads(line)["event"] for line in lines]
    assert done.returncode == 0, done.stderr
    assert json.loads(runs.read_text(encoding="utf-8")) == [port, port, port]
    assert events == ["processor.begins_anew", "processor.begins_anew"]
