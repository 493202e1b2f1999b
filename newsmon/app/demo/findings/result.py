"""Everything one demo found out, ready for the tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from newsmon.app.demo.findings.expectations import Expectations
from newsmon.app.demo.findings.observed import Observed
from newsmon.app.demo.findings.progress import Wait
from newsmon.app.demo.findings.verdict import Finding
from newsmon.app.demo.recorded.catalogue import Catalogue
from newsmon.app.listener import Received
from newsmon.settings import Settings
from sinks.ledger.balance import Ledger


@dataclass(frozen=True, slots=True)
class DemoResult:
    """The input, what became of it, what arrived, and every difference from the expectations."""

    catalogue: Catalogue
    expected: Expectations
    observed: Observed
    answers: Mapping[str, Mapping[str, int]]  # the feed server's responses, by feed and kind
    received: tuple[Received, ...]
    ledger: Ledger
    drained: bool  # the run stopped when asked, with exit code 0
    findings: tuple[Finding, ...]
    wait: Wait
    settings: Settings
    took_s: float

    @property
    def is_good(self) -> bool:
        return self.wait is Wait.QUIET and self.ledger.balanced and self.drained and not self.findings
