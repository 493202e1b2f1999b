"""What all five processes of a newsmon really export, as input for promtool: for rules that a hand-picked series cannot fool."""

from __future__ import annotations

import json
import re
import subprocess
import urllib.request
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from prometheus_client.parser import text_string_to_metric_families

from newsmon.metrics import EXPORTED_BY, Process
from support.monitoring_files import PROMETHEUS

STEPS = 200


@dataclass(frozen=True)
class Series:
    """One series of one process with its value at rest."""

    process: Process
    name: str
    labels: Mapping[str, str]
    value: float

    @property
    def metric(self) -> str:
        return re.sub(r"_(total|bucket|sum|count|info)$", "", self.name)

    def as_input(self, step_s: int) -> dict[str, str]:
        """The series for promtool, unchanged for a long while; times keep up with the clock, which starts at 0 there."""
        values = f"0+{step_s}x{STEPS}" if self.name.endswith("_timestamp_seconds") else f"{self.value}x{STEPS}"
        labels = {**self.labels, "job": "newsmon", "instance": f"idle-{self.process}", "process": self.process.value}
        shown = ", ".join(f"{name}={json.dumps(value)}" for name, value in sorted(labels.items()))
        return {"series": f"{self.name}{{{shown}}}", "values": values}


def read_series(ports: Mapping[Process, int]) -> list[Series]:
    """Every series of ours that the processes show on /metrics."""
    found = []
    for process, port in ports.items():
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=60) as answer:
            text = answer.read().decode()
        for family in text_string_to_metric_families(text):
            found += [Series(process, one.name, one.labels, one.value) for one in family.samples if one.name.startswith("newsmon_")]
    return found


def up(processes: Iterable[Process]) -> list[Series]:
    return [Series(process, "up", {}, 1.0) for process in processes]


def owners_of(series: Series) -> tuple[Process, ...]:
    """The processes that should export it."""
    named = {one._name: processes for one, processes in EXPORTED_BY.items()}
    return named.get(series.metric, named.get(series.name, ()))


def promtool(tests: list[dict[str, Any]], directory: Path, rules: str | None = None) -> str:
    """Run the tests over the shipped rules (or others); "" when they hold, else what promtool says."""
    (directory / "rules.yml").write_text(rules or (PROMETHEUS / "rules.yml").read_text("utf-8"), "utf-8")
    plan = {"rule_files": ["rules.yml"], "evaluation_interval": "1m", "tests": tests}
    (directory / "tests.yml").write_text(yaml.safe_dump(plan, sort_keys=False, allow_unicode=True), "utf-8")
    command = ["promtool", "test", "rules", "tests.yml"]
    done = subprocess.run(command, cwd=directory, capture_output=True, text=True, timeout=300, check=False)
    return "" if done.returncode == 0 else done.stdout + done.stderr


def quiet(series: Iterable[Series], at: Iterable[str]) -> list[dict[str, Any]]:
    """A test that nothing is pending or firing at these times but the alert that always fires."""
    expected = [{"expr": 'ALERTS{alertname!="NewsmonWatchdog"}', "eval_time": time, "exp_samples": []} for time in at]
    return [{"name": "idle", "interval": "1m", "input_series": [one.as_input(60) for one in series], "promql_expr_test": expected}]


def shipped_tests(background: Iterable[Series]) -> list[dict[str, Any]]:
    """The shipped rule tests among everything that the processes export at rest.

    A test's own series stand for the processes that do the thing; what others say of it, and all that it does not name, is added.
    """
    background = list(background)
    tests: list[dict[str, Any]] = yaml.safe_load((PROMETHEUS / "rules_test.yml").read_text("utf-8"))["tests"]
    for test in tests:
        own = {re.split(r"[{ ]", one["series"])[0] for one in test["input_series"]}
        if own:
            step_s = {"m": 60, "s": 1, "h": 3600}[test["interval"][-1]] * int(test["interval"][:-1])
            added = [one for one in background if one.name not in own or one.process not in owners_of(one)]
            test["input_series"] += [one.as_input(step_s) for one in added if not (one.name == "up" and "up" in own)]
    return tests
