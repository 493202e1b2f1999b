"""The promise of the rhythm on made-up histories, in small: half the median delay of fixed polling, for as many polls.

`benchmarks/rhythm.py` is the same at full size. Virtual clock and seeded chance: the figures are the same every time.
"""

from __future__ import annotations

import importlib.util
import statistics
import sys
from types import ModuleType

import pytest
from support.places import ROOT


@pytest.fixture(scope="module")
def simulation() -> ModuleType:
    spec = importlib.util.spec_from_file_location("benchmarks_rhythm", ROOT / "benchmarks" / "rhythm.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("seed", [2, 3])
def test_articles_are_seen_in_half_the_time_at_no_more_polls(simulation: ModuleType, seed: int) -> None:
    days, budget_s = 3.0, 900.0
    feeds = simulation.histories(150, days, seed)
    ours = simulation.learned(feeds, budget_s, days, seed)
    budget = len(feeds) * days * 86_400 / budget_s
    assert 0.85 * budget < ours.polls <= 1.05 * budget
    equal = simulation.fixed(feeds, len(feeds) * days * 86_400 / ours.polls, days, seed)
    assert statistics.median(ours.delays) <= 0.5 * statistics.median(equal.delays)
    assert statistics.fmean(ours.delays) < 0.75 * statistics.fmean(equal.delays)
    assert ours.missed <= 1.2 * equal.missed
