"""The ledger for people: one equation a line, and below each that does not balance what it misses."""

from __future__ import annotations

from sinks.ledger.balance import Ledger, Line


def as_table(ledger: Ledger) -> list[str]:
    """The ledger for people, one equation a line; below each that does not balance what it misses, by name."""
    widths = (max(len(line.name) for line in ledger.lines), max(len(f"{line.total:,}") for line in ledger.lines))
    table = [f"Ledger of {ledger.database}" + (f" since {ledger.since}" if ledger.since else "")]
    for line in ledger.lines:
        table.append(_equation(line, *widths))
        table += [f"          missing: {name}" for name in line.missing.named]
        if line.missing.count > len(line.missing.named):
            table.append(f"          ... and {line.missing.count - len(line.missing.named):,} more")
    if ledger.log_skipped:
        table.append(f"The log was not read: {ledger.log_skipped}.")
    if ledger.behind_count:
        table.append(f"The store is {ledger.behind_count:,} records behind the log: what it has not read is under way, not missing.")
    wrong = len(ledger.imbalances)
    good = "The rows balance among themselves; nothing is said of the log." if ledger.log_skipped else "The ledger balances."
    table.append(good if not wrong else f"The ledger does NOT balance: {wrong} of {len(ledger.lines)} lines.")
    return table


def _equation(line: Line, name_width: int, total_width: int) -> str:
    verdict = "ok" if line.balanced else "NO"
    parts = " + ".join(f"{name} {count:,}" for name, count in line.parts.items())
    note = f"  ({line.note})" if line.note else ""
    missing = f"  missing {line.missing.count:,}" if line.missing.count else ""
    return f"  {verdict}  {line.name:<{name_width}}  {line.total:>{total_width},} {line.what} = {parts}{note}{missing}"
