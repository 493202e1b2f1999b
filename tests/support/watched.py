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
        values = f"0+{step_s}x{STEPS}" if self.name.endswith("_timestamp_seconds") and self.value else f"{self.value}x{STEPS}"
        labels = {**self.labels, "job": "newsmon", "instance": f"idle-{self.process}", "process": self.process.value}
        shown = ", ".join(f"{name}={json.dumps(value)}" for name, value in sorted(labels.items()))
        return {"series": f"{self.name}{{{shown}}}", "values": values}


def read_series(ports: Mapping[Process, int]) -> list[Series]:
    """Every series of ours that the processes show on /metrics."""
    found = []
    for process, port in ports.items():
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=60) as answer:
            found += series_in(process, answer.read().decode())
    return found


def series_in(process: Process, text: str) -> list[Series]:
    """The series of ours in one process's /metrics."""
    families = text_string_to_metric_families(text)
    return [
        Series(process, one.name, one.labels, one.value) for family in families for one in family.samples if one.name.startswith("newsmon_")
    ]


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

    What the rules of a test look at, the test itself says for the processes that do the thing. What any other process says of it is
    added, and so is all that the rules do not look at.
    """
    background = list(background)
    rules = yaml.safe_load((PROMETHEUS / "rules.yml").read_text("utf-8"))["groups"]
    expressions = {rule.get("alert", rule.get("record")): rule["expr"] for group in rules for rule in group["rules"]}
    tests: list[dict[str, Any]] = yaml.safe_load((PROMETHEUS / "rules_test.yml").read_text("utf-8"))["tests"]
    for test in tests:
        if not test["input_series"]:
            continue  # nothing is scraped
        asked = json.dumps([test.get("alert_rule_test"), test.get("promql_expr_test")])
        looked_at = {re.split(r"[{ ]", one["series"])[0] for one in test["input_series"]}
        looked_at |= set(re.findall(r"\b(?:newsmon_\w+|up\b)", " ".join(text for name, text in expressions.items() if name in asked)))
        looked_at |= set(re.findall(r"newsmon_\w+", expressions["feed:stale"])) if "Stale" in asked or "Unwell" in asked else set()
        step_s = {"m": 60, "s": 1, "h": 3600}[test["interval"][-1]] * int(test["interval"][:-1])
        added = [one for one in background if one.name not in looked_at or (one.name != "up" and one.process not in owners_of(one))]
        test["input_series"] += [one.as_input(step_s) for one in added]
    return tests
