"""A backfilled file on a real broker: classified and stored like news, sent to nobody; the ledger balances, also after a repeat."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

from sqlalchemy import func, select
from support.ledgers import assert_balanced
from support.processing import caught_up as processed
from support.processing import records_of
from support.processor_process import processor, stop_cleanly
from support.storing import store_all, with_database

from newsmon.records import Alert, Article, EntryRejection, Match, Origin
from newsmon.settings import Settings
from newsmon.topics import ALERTS, ARTICLES, MATCHES
from producers.articles.backfill_lines import BadLine
from producers.backfill.archive import PIECE_LINES, backfill
from sinks.database import tables
from sinks.database.engine import create_engine_for, reading
from sinks.database.schema import migrate


async def test_a_file_read_twice_is_stored_once_notifies_nobody_and_balances(kafka_settings: Settings, tmp_path: Path) -> None:
    settings = with_database(kafka_settings, f"sqlite:///{tmp_path / 'newsmon.db'}")
    engine = create_engine_for(settings)
    migrate(engine)
    force = "Arland ministers agreed to send a peacekeeping force of 3,000 troops to Ukraine after a ceasefire"
    rows = [{"title": force, "url": "https://a.example/force", "published_at": "2026-11-24T08:00:00Z"}]
    rows += [{"title": f"Town {number} opens a library", "id": str(number), "lang": "en"} for number in range(PIECE_LINES + 30)]
    file = tmp_path / "archive.jsonl"
    file.write_text("\n".join([*map(json.dumps, rows), "{broken", '{"text": ""}']), "utf-8")
    told: list[BadLine] = []

    def run_backfill() -> tuple[int, dict[EntryRejection, int]]:
        report = backfill(settings, file, source="Archive", per_second=0.0, on_bad_line=told.append, dry_run=False)
        return report.published_count, dict(report.rejected)

    counts: list[dict[str, int]] = []
    with processor(settings) as process:
        for _run in range(2):
            assert await asyncio.to_thread(run_backfill) == (
                len(rows), {EntryRejection.BAD_LINE: 1, EntryRejection.NO_TEXT: 1},
            )  # fmt: skip
            await processed(settings)
            await asyncio.to_thread(store_all, settings, engine)
            ledger = await asyncio.to_thread(assert_balanced, settings)
            counts.append({line.name: line.total for line in ledger.lines if line.name != "written" and not line.name.startswith("log of")})
        assert await stop_cleanly(process) == 0
    assert counts[0] == counts[1], "the same file again is no news to the database"
    assert counts[0]["entries"] == len(rows) + 2
    assert [bad.number for bad in told] == [len(rows) + 1, len(rows) + 2] * 2
    assert {one.origin for one in await records_of(settings, ARTICLES, Article)} == {Origin.BACKFILL}
    assert {match.theme_id for match in await records_of(settings, MATCHES, Match)} == {"ukraine-peacekeeping"}
    assert await records_of(settings, ALERTS, Alert) == []
    with reading(engine) as connection:
        assert connection.scalar(select(func.count()).select_from(tables.articles)) == len(rows)
    engine.dispose()
