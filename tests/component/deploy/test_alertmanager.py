"""The example for Alertmanager: every alert of ours is routed by its severity, and what says the same as another is held back."""

from __future__ import annotations

import json
import re
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from support.places import ROOT

DEPLOY = ROOT / "deploy"
CONFIG = DEPLOY / "alertmanager" / "alertmanager.yml"
RULES = (DEPLOY / "prometheus" / "rules.yml").read_text("utf-8")
SEVERITIES = dict(re.findall(r"- alert: (\S+)\n(?:.*\n)*?\s+severity: (\w+)", RULES))
RECEIVERS = {"critical": "pager", "warning": "operators", "none": "dead-mans-switch"}
SERVER = shutil.which("prometheus-alertmanager") or shutil.which("alertmanager")
NEEDS = "is not installed (Debian: prometheus-alertmanager)"


def amtool(*arguments: str) -> str:
    done = subprocess.run(["amtool", *arguments], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_it_names_no_alert_that_there_is_not() -> None:
    named = set(re.findall(r"Newsmon\w+", CONFIG.read_text("utf-8")))
    assert named <= set(SEVERITIES)
    assert {"NewsmonNetworkAway", "NewsmonFeedsMostlyStale", "NewsmonWatchdog"} <= named


@pytest.mark.skipif(shutil.which("amtool") is None, reason=f"amtool {NEEDS}")
def test_every_alert_goes_where_its_severity_says() -> None:
    assert "SUCCESS" in amtool("check-config", str(CONFIG))
    assert len(SEVERITIES) > 20
    for name, severity in SEVERITIES.items():
        went = amtool("config", "routes", "test", f"--config.file={CONFIG}", f"alertname={name}", f"severity={severity}").split()
        assert went == [RECEIVERS[severity]], name


@contextmanager
def alertmanager(directory: Path) -> Iterator[str]:
    """The address of a real one, with our configuration; nothing is sent before the 30 s of its group_wait."""
    assert SERVER is not None
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [SERVER, f"--config.file={CONFIG}", f"--storage.path={directory}", f"--web.listen-address=127.0.0.1:{port}",
               "--cluster.listen-address="]  # fmt: skip
    with (directory / "log").open("w") as log, subprocess.Popen(command, stdout=log, stderr=log) as process:
        try:
            yield f"http://127.0.0.1:{port}/api/v2/alerts"
        finally:
            process.kill()


def asked(url: str, body: Any = None) -> Any:
    request = urllib.request.Request(url, json.dumps(body).encode() if body is not None else None, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.loads(answer.read() or "null")


def held_back_of(url: str, alerts: list[dict[str, str]]) -> set[str] | None:
    """Which of the alerts are held back because of another; None while not all of them have been looked at."""
    try:
        asked(url, [{"labels": labels, "annotations": {}} for labels in alerts])
        found = asked(url)
    except (urllib.error.URLError, ConnectionError):
        return None  # it is starting
    if len(found) < len(alerts) or any(one["status"]["state"] == "unprocessed" for one in found):
        return None
    return {one["labels"]["alertname"] for one in found if one["status"]["inhibitedBy"]}


def firing(name: str, **labels: str) -> dict[str, str]:
    return {"alertname": name, "severity": SEVERITIES[name]} | labels


@pytest.mark.skipif(SERVER is None, reason=f"alertmanager {NEEDS}")
@pytest.mark.parametrize(
    ("alerts", "held_back"),
    [
        (
            [firing("NewsmonNetworkAway", instance="a:9641"), firing("NewsmonFeedsMostlyStale"), firing("NewsmonFeedStale", feed="one"),
             firing("NewsmonNoArticles"), firing("NewsmonOutboxOld", sink="desk")],
            {"NewsmonFeedsMostlyStale", "NewsmonFeedStale", "NewsmonNoArticles"},
        ),
        ([firing("NewsmonFeedsMostlyStale"), firing("NewsmonFeedStale", feed="one")], {"NewsmonFeedStale"}),
        (
            [firing("NewsmonReceiverDisabled", sink="desk"), firing("NewsmonDeadLetters", sink="desk"),
             firing("NewsmonDeliveryFailing", sink="ops"), firing("NewsmonFeedStale", feed="one")],
            {"NewsmonDeadLetters"},
        ),
    ],
    ids=["network", "feeds", "receiver"],
)  # fmt: skip
def test_what_says_the_same_as_another_is_held_back_by_a_real_alertmanager(
    tmp_path: Path, alerts: list[dict[str, str]], held_back: set[str]
) -> None:
    with alertmanager(tmp_path) as url:
        deadline = time.monotonic() + 60
        while held_back_of(url, alerts) != held_back and time.monotonic() < deadline:
            time.sleep(0.1)
        assert [held_back_of(url, alerts) for _ in range(3)] == [held_back] * 3
