"""Everything one demo found out, as the tables show it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from newsmon.app.demo.findings.expectations import Expectations, ExpectedEntry, Finding
from newsmon.app.demo.findings.observe import Observed
from newsmon.app.demo.findings.progress import Wait
from newsmon.app.demo.recorded.catalogue import Catalogue
from newsmon.app.listener import Received
from newsmon.ids import normalised
from newsmon.settings import Settings
from sinks.ledger.balance import Ledger


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came in, what was made of it, what arrived, and what of that is wrong."""

    catalogue: Catalogue
    expected: Expectations
    observed: Observed
    answers: Mapping[str, Mapping[str, int]]  # of the feed server, by feed and kind
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

    def entry(self, feed: str, title: str) -> ExpectedEntry | None:
        """What was expected of an entry, if it is a listed one."""
        return self.expected.by_title().get((feed, normalised(title)))
