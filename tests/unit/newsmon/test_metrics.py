"""Each metric is exported by the processes whose code sets it, and says nothing before there is something to say."""

from __future__ import annotations

import ast
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import Counter, Gauge, Histogram, Info, Metric
from support.places import ROOT

from newsmon import metrics
from newsmon.metrics import DELIVER, EVERYONE, EXPORTED_BY, PROCESSOR, PRODUCER, REGISTRY, RUN, SINKS, STAGES, STORE, Process, registry_of

# Which processes run the code of a folder or file; the longest path that fits decides.
RUN_BY = {
    "producers": (PRODUCER,),
    "processors": (PROCESSOR,),
    "sinks/consumer": SINKS,
    "sinks/store": (STORE,),
    "sinks/feeds_out": (STORE,),
    "sinks/acks": (DELIVER,),
    "sinks/channels": (DELIVER,),
    "sinks/deliver": (DELIVER,),
    "sinks/outbox": (DELIVER,),
    "newsmon/app/supervisor": (RUN,),
    "newsmon/words": (PRODUCER, PROCESSOR),
    "newsmon/kafka/watch.py": tuple(Process),
    "newsmon/host": tuple(Process),
    "newsmon/liveness": STAGES,
}
NAMES = {name: value for name, value in vars(metrics).items() if isinstance(value, Counter | Gauge | Histogram | Info)}
# Filled by a function of newsmon.metrics that a process calls.
ANNOUNCED = {"BUILD"}


def processes_of(path: str) -> set[Process]:
    fits = [folder for folder in RUN_BY if path.startswith(folder)]
    assert fits, f"{path} sets a metric; say in RUN_BY which processes run it"
    return set(RUN_BY[max(fits, key=len)])


def uses() -> dict[str, set[Process]]:
    """Metric -> the processes whose code names it."""
    found: dict[str, set[Process]] = defaultdict(set)
    for path in (
        *ROOT.glob("newsmon/**/*.py"),
        *ROOT.glob("producers/**/*.py"),
        *ROOT.glob("processors/**/*.py"),
        *ROOT.glob("sinks/**/*.py"),
    ):
        if path == ROOT / "newsmon" / "metrics.py":
            continue
        for node in ast.walk(ast.parse(Path(path).read_text("utf-8"))):
            named: list[str] = []
            if isinstance(node, ast.ImportFrom) and node.module == "newsmon.metrics":
                named = [one.name for one in node.names]
            elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "metrics":
                named = [node.attr]
            for name in NAMES.keys() & set(named):
                found[name] |= processes_of(path.relative_to(ROOT).as_posix())
    return found


def test_a_metric_is_exported_by_exactly_the_processes_whose_code_sets_it() -> None:
    assert {name: set(EXPORTED_BY[NAMES[name]]) for name in sorted(NAMES.keys() - ANNOUNCED)} == dict(sorted(uses().items()))
    assert set(EXPORTED_BY) == set(NAMES.values())
    assert EXPORTED_BY[metrics.BUILD] == EVERYONE


def samples(process: Process) -> set[str]:
    return {sample.name for family in registry_of(process).collect() for sample in family.samples if sample.name.startswith("newsmon_")}


@pytest.mark.parametrize("process", Process)
def test_a_process_exports_what_is_declared_for_it_and_what_python_says(process: Process) -> None:
    others = {one._name for one, processes in EXPORTED_BY.items() if process not in processes}
    assert not {one.name for one in registry_of(process).collect()} & others
    assert "newsmon_build_info" in samples(process)
    assert any(one.name.startswith("python_gc") for one in registry_of(process).collect())


@pytest.mark.parametrize("kind", [metrics._LazyGauge, metrics._LazyInfo])
def test_what_is_not_known_yet_has_no_sample(kind: Any) -> None:
    one = kind("newsmon_for_a_test", "For a test.", registry=None)
    assert list(one.collect()) == []
    if kind is metrics._LazyInfo:
        one.info({"generation": "g"})
    else:
        one.set(0)
    [family] = one.collect()
    assert isinstance(family, Metric)
    assert len(family.samples) == 1


@pytest.mark.parametrize("act", ["inc", "dec", "set_to_current_time"])
def test_any_way_to_set_a_gauge_makes_it_known(act: str) -> None:
    one = metrics._LazyGauge("newsmon_for_a_test", "For a test.", registry=None)
    getattr(one, act)()
    assert len(list(one.collect())) == 1


def test_no_time_is_ever_announced_at_zero() -> None:
    """0 would be 1970: a feed that never answered has no time of an answer."""
    metrics.announce_feeds(["no-time"])
    metrics.announce_themes(["no-time"])
    metrics.announce_receivers(["no-time"], ["no-time"])
    times = [sample for family in REGISTRY.collect() for sample in family.samples if sample.name.endswith("_timestamp_seconds")]
    assert [sample for sample in times if not sample.value or "no-time" in sample.labels.values()] == []
