"""A short campaign of faults: whatever happens to a running monitor, nothing is lost, doubled or astray, and it heals by itself."""

from __future__ import annotations

import os
from functools import partial

import pytest
from support.campaign.setting_up import run_campaign

SEED = int(os.environ.get("NEWSMON_CAMPAIGN_SEED", "1"))


@pytest.mark.timeout(3600)  # against a hang; it takes eight minutes
@pytest.mark.flaky(reruns=0)  # what was lost once is lost, however the second campaign ends
def test_sixty_faults_of_twenty_kinds_lose_double_and_misplace_nothing() -> None:
    report = run_campaign(seed=SEED, minutes=None, database="sqlite", say=partial(print, flush=True))
    print(report.text())
    assert report.is_good, report.text()
    assert len(report.happened) >= 60
    assert report.kind_count >= 20
