"""The ledger as text: one equation per line, and below each that does not balance the names of what is missing."""

from __future__ import annotations

from sinks.ledger.balance import Ledger, Line

# The JSON of `newsmon verify` keeps the names on the left.
SHOWN_AS = {
    "taken up": "in the outbox",
    "under way": "in transit",
    "of polls cut off": "of interrupted polls",
    "of polls under way": "of polls in progress",
}


def as_table(ledger: Ledger) -> list[str]:
    """The lines to print."""
    widths = (max(len(line.name) for line in ledger.lines), max(len(f"{line.total:,}") for line in ledger.lines))
    table = [f"Ledger of {ledger.database}" + (f" since {ledger.since}" if ledger.since else "")]
    for line in ledger.lines:
        table.append(_equation(line, *widths))
        table += [f"          {line.fault}: {name}" for name in line.missing.named]
        if line.missing.count > len(line.missing.named):
            table.append(f"          ... and {line.missing.count - len(line.missing.named):,} more")
    if ledger.log_skipped:
        table.append(f"Kafka was not read: {ledger.log_skipped}.")
    if ledger.behind_count:
        table.append(f"The store is {ledger.behind_count:,} records behind Kafka. Records it has not read yet are in transit, not missing.")
    wrong = len(ledger.imbalances)
    good = "The rows in the database balance. Kafka was not checked." if ledger.log_skipped else "The ledger balances."
    table.append(good if not wrong else f"The ledger does NOT balance: {wrong} of {len(ledger.lines)} lines.")
    return table


def _equation(line: Line, name_width: int, total_width: int) -> str:
    verdict = "ok" if line.balanced else "NO"
    parts = " + ".join(f"{SHOWN_AS.get(name, name)} {count:,}" for name, count in line.parts.items())
    note = f"  ({line.note})" if line.note else ""
    missing = f"  {line.fault} {line.missing.count:,}" if line.missing.count else ""
    return f"  {verdict}  {line.name:<{name_width}}  {line.total:>{total_width},} {line.what} = {parts}{note}{missing}"
