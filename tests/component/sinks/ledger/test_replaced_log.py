"""A row of the log before stands where a record of the log that replaced it stands: intact it is no fault, changed it is one."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest
from support.samples import every_record

from newsmon.codec import encode
from newsmon.records import Match
from newsmon.topics import MATCHES
from sinks.consumer.kafka_record import KafkaRecord
from sinks.database.columns import DIGEST
from sinks.database.digests import digest_of
from sinks.database.tables import metadata
from sinks.ledger.log_rows import LogProof
from sinks.store.rows import rows_of

BEFORE = next(one for one in every_record() if isinstance(one, Match))
AGAIN = msgspec.structs.replace(BEFORE, matched_at=BEFORE.matched_at + timedelta(hours=1))
RECORD = KafkaRecord(MATCHES, "news.matches", 1, 0, None, encode(AGAIN), record=AGAIN)


@pytest.mark.parametrize(
    ("replaced", "title", "is_fault"), [((), None, True), (("news.matches",), None, False), (("news.matches",), "Changed", True)]
)
def test_only_an_intact_row_of_a_replaced_topic_may_differ(replaced: tuple[str, ...], title: str | None, is_fault: bool) -> None:
    [(name, row)] = [one for one in rows_of(BEFORE, partition=1, offset=0) if one[0] == "matches"]
    [(_name, made)] = [one for one in rows_of(AGAIN, partition=1, offset=0) if one[0] == "matches"]
    table = metadata.tables[name]
    stored = {**row, DIGEST: digest_of(table, row)} | ({} if title is None else {"title": title})
    fault = LogProof(replaced=replaced).compare(table, (BEFORE.match_id,), stored, made, RECORD)
    assert (fault is not None) is is_fault
