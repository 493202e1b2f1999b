"""The ledger's line about content: every row still says what it said when it was stored.

In: the database, and what the log has proved. Out: one line over all tables that keep digests.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Table, select

from sinks.database.columns import DIGEST
from sinks.database.digests import keeps_digest
from sinks.database.outbox_tables import attempts, fanouts, outbox
from sinks.database.tables import earlier_decisions, metadata, undigested
from sinks.ledger.balance import Line, Missing, line_of
from sinks.ledger.log_rows import LogProof
from sinks.ledger.row_content import Digest, Row, digest_state
from sinks.ledger.tally import NAMED_AT_MOST, Horizon
from sinks.store.service import KEPT

ROWS_AT_ONCE = 500
TABLES: tuple[Table, ...] = (*(table for table, _kept in KEPT.values()), earlier_decisions, fanouts, outbox, attempts)

# When each row was made, for `--since`.
_TIME_OF: Mapping[str, str] = {
    "feed_states": "polled_at",
    "fetches": "started_at",
    "sightings": "first_seen_at",
    "revisions": "first_seen_at",
    "articles": "first_seen_at",
    "classifications": "classified_at",
    "classified_themes": "classified_at",
    "matches": "matched_at",
    "stories": "updated_at",
    "events": "updated_at",
    "members": "decided_at",
    "earlier_decisions": "replaced_at",
    "corrections": "made_at",
    "corrected": "decided_at",
    "moves": "moved_at",
    "alerts": "raised_at",
    "feedback": "given_at",
    "notices": "said_at",
    "quarantined": "quarantined_at",
    "fanouts": "enqueued_at",
    "outbox": "created_at",
    "attempts": "attempted_at",
}


def contents(connection: Connection, horizon: Horizon, proof: LogProof) -> Line:
    """Every row is as stored, or has no digest because it is older than digests; `proof` knows which of those the log proves."""
    counts = {Digest.SAME.value: 0, Digest.NONE.value: 0}
    missing, strangers = Missing(), Missing()
    for table in TABLES:
        states, named = _look_at(connection, table, horizon)
        for state, count in states.items():
            if state is not Digest.CHANGED:
                counts[state.value] = counts.get(state.value, 0) + count
        missing += Missing(states[Digest.CHANGED], named)
        if horizon.since is None and states[Digest.NONE]:
            strangers += _too_many(connection, table, states[Digest.NONE])
    missing = Missing(missing.count, missing.named[:NAMED_AT_MOST])
    return line_of("contents", "rows", counts, missing, strangers=strangers, note=_note(counts[Digest.NONE.value], proof), fault="changed")


def _note(none_count: int, proof: LogProof) -> str:
    filled_count, proven_count = sum(proof.filled.values()), sum(proof.proven.values())
    if filled_count:
        return f"{filled_count:,} rows got the digest they lacked; {none_count:,} have none, and the log does not prove them"
    if not none_count:
        return ""
    offer = "; --fill-digests gives them theirs" if proven_count else ""
    return f"{none_count:,} rows have no digest; the log proves {proven_count:,} of them{offer}"


def _look_at(connection: Connection, table: Table, horizon: Horizon) -> tuple[Counter[Digest], tuple[str, ...]]:
    states: Counter[Digest] = Counter()
    named: list[str] = []
    query = select(table).where(horizon.recent(table.c[_TIME_OF[table.name]]))
    rows: Any = connection.execute(query, execution_options={"yield_per": ROWS_AT_ONCE}).mappings()
    for row in rows:
        state = digest_state(table, row)
        states[state] += 1
        if state is Digest.CHANGED and len(named) < NAMED_AT_MOST:
            named.append(f"{_name(table, row)} was changed after it was stored")
    return states, tuple(named)


def _too_many(connection: Connection, table: Table, none_count: int) -> Missing:
    """The rows without a digest beyond those that there were when digests were introduced: the newest are the likeliest."""
    before = select(undigested.c.row_count).where(undigested.c.table_name == table.name)
    excess = none_count - (connection.scalar(before) or 0)
    if excess <= 0:
        return Missing()
    newest = select(table).where(table.c[DIGEST].is_(None)).order_by(table.c[_TIME_OF[table.name]].desc(), *table.primary_key.columns)
    rows: Any = connection.execute(newest.limit(min(excess, NAMED_AT_MOST))).mappings()
    return Missing(excess, tuple(f"{_name(table, row)} was not written by newsmon, or lost its digest" for row in rows))


def _name(table: Table, row: Row) -> str:
    return f"{table.name} {' '.join(str(row[column.name]) for column in table.primary_key.columns)}"


def tables_with_digests() -> frozenset[str]:
    """Every table of the schema that keeps digests; TABLES must be these."""
    return frozenset(table.name for table in metadata.tables.values() if keeps_digest(table))
