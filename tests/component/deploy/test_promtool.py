"""Prometheus's own tool accepts the configuration, the rules and every query of the dashboard."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from support.monitoring_files import PANEL_QUERIES, PROMETHEUS


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is not installed (Debian: prometheus)")
@pytest.mark.parametrize("arguments", [("check", "config", "prometheus.yml"), ("test", "rules", "rules_test.yml")], ids=" ".join)
def test_promtool_accepts_the_configuration_and_the_rules_fire_as_their_tests_say(arguments: tuple[str, ...]) -> None:
    done = subprocess.run(["promtool", *arguments], cwd=PROMETHEUS, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is not installed (Debian: prometheus)")
def test_every_panel_query_is_promql(tmp_path: Path) -> None:
    lines = ["groups:", "- name: panels", "  rules:"]
    for number, (_title, query) in enumerate(PANEL_QUERIES):
        filled = query.replace("$__rate_interval", "1m").replace("$__range", "1h").replace("$job", ".+").replace("$instance", ".+")
        lines.append(f"  - {{record: 'panel:{number}', expr: {json.dumps(filled)}}}")
    file = tmp_path / "panels.yml"
    file.write_text("\n".join(lines) + "\n", "utf-8")
    done = subprocess.run(["promtool", "check", "rules", str(file)], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
