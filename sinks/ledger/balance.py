"""The arithmetic of the ledger: lines whose total must equal the sum of their parts, with nothing missing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Missing:
    """The rows a line could not find: how many, and the first few by name."""

    count: int = 0
    named: tuple[str, ...] = ()

    def __add__(self, other: Missing) -> Missing:
        return Missing(self.count + other.count, self.named + other.named)


@dataclass(frozen=True, slots=True)
class Line:
    """One equation: `total` of `what` = the sum of `parts`, where parts of 0 are shown as well.

    `missing` names what is in no part; `note` adds what the numbers do not show. `fault` is the word for what is wrong with it.
    """

    name: str
    what: str
    total: int
    parts: Mapping[str, int]
    missing: Missing = Missing()
    note: str = ""
    fault: str = "missing"

    @property
    def difference(self) -> int:
        return self.total - sum(self.parts.values())

    @property
    def balanced(self) -> bool:
        return self.difference == 0 and self.missing.count == 0


@dataclass(frozen=True, slots=True)
class Ledger:
    """All lines in the order of the flow; `log_skipped` says why the log was not read, None when it was."""

    database: str
    since: str | None
    lines: Sequence[Line] = field(default_factory=tuple)
    log_skipped: str | None = None
    behind_count: int = 0  # records in the log that the store stage has not read yet

    @property
    def balanced(self) -> bool:
        return all(line.balanced for line in self.lines)

    @property
    def imbalances(self) -> tuple[Line, ...]:
        return tuple(line for line in self.lines if not line.balanced)


def line_of(
    name: str, what: str, tally: Mapping[str, int], missing: Missing, *, strangers: Missing = Missing(), note: str = "",
    fault: str = "missing",
) -> Line:  # fmt: skip
    """A line whose total is everything counted, including what is missing, so that the difference shows it.

    `strangers` are rows of the next step whose origin is missing: they make the line unbalanced without counting in its total.
    """
    return Line(name, what, sum(tally.values()) + missing.count, dict(tally), missing + strangers, note, fault)
