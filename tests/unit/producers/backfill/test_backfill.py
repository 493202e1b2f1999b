"""Lines of a backfill file become articles like entries of feeds: every line is counted, bad ones are named, repeats give equal ids."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from newsmon.app.cli.feeds.backfill import command
from newsmon.records import DateQuality, EntryRejection, Feed, Origin
from producers.articles.archive_lines import MAX_LINE_BYTES
from producers.articles.backfill_lines import Piece, feed_of, piece_of
from producers.articles.draft import Draft, draft_of
from producers.backfill.archive import _pieces
from producers.formats.entry import Entry

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
FEED = feed_of("ab" * 32, "Old Archive")


def piece(*lines: object, seq: int = 1) -> Piece:
    raw = [line if isinstance(line, bytes) else json.dumps(line, ensure_ascii=False).encode() for line in lines]
    return piece_of(FEED, seq, list(enumerate(raw, start=1)), now=NOW, max_revisions=24)


def test_a_line_becomes_an_article_that_notifies_nobody() -> None:
    line = {"title": "Rada ratifies", "text": "<p>The vote passed.</p>", "url": "https://a.example/1?utm_source=x", "source": "A Wire",
            "published_at": "2024-03-01T08:00:00+02:00", "lang": "en", "country": "UA", "tier": 2}  # fmt: skip
    (article,) = piece(line).articles
    assert (article.origin, article.title, article.lead, article.url) == (
        Origin.BACKFILL,
        "Rada ratifies",
        "The vote passed.",
        "https://a.example/1?utm_source=x",
    )
    assert (article.source, article.language, article.country, article.tier) == ("A Wire", "en", "UA", 2)
    assert article.published_at == datetime(2024, 3, 1, 6, tzinfo=UTC)


def test_the_id_is_the_one_the_live_feed_gives() -> None:
    (article,) = piece({"title": "T", "text": "x", "url": "http://A.example/1?utm_source=old"}).articles
    entry = Entry(guid="g", link="https://a.example/1", title="T", summary="", content="x", published_raw=None)
    live = draft_of(entry, Feed(feed_id="live", url="https://a.example/f", source="A"), base=None, first_seen_at=NOW)
    assert isinstance(live, Draft)
    assert article.article_id == live.article_id


@pytest.mark.parametrize("line", [{"title": "No address", "text": "x"}, {"id": "7", "title": "Own id", "text": "x"}])
def test_without_an_address_the_id_is_the_same_in_every_file(line: dict[str, str]) -> None:
    other = piece_of(feed_of("cd" * 32, "B"), 4, [(9, json.dumps(line).encode())], now=NOW, max_revisions=24)
    assert other.articles[0].article_id == piece(line).articles[0].article_id


BAD = [
    (b"not json", EntryRejection.BAD_LINE),
    (b"[1]", EntryRejection.BAD_LINE),
    (b'{"title": 3}', EntryRejection.BAD_LINE),
    (b'{"title": "a", "publised_at": "2024-01-01"}', EntryRejection.BAD_LINE),
    (b'{"title": "a", "lang": "English"}', EntryRejection.BAD_LINE),
    (b'{"title": "a", "tier": 9}', EntryRejection.BAD_LINE),
    (b'{"title": "a", "source": " "}', EntryRejection.BAD_LINE),
    (b"\xff\xfe", EntryRejection.BAD_LINE),
    (b"[" * 100_000, EntryRejection.BAD_LINE),
    (b'{"title": "' + b"a" * MAX_LINE_BYTES + b'"}', EntryRejection.BAD_LINE),
    (b"{}", EntryRejection.NO_TEXT),
    (b'{"title": "Bridge returned error 500! (20000)", "text": "x"}', EntryRejection.BRIDGE_ERROR),
]


@pytest.mark.parametrize(("raw", "reason"), BAD)
def test_a_bad_line_is_named_with_its_number_and_counted_and_its_neighbours_stay(raw: bytes, reason: EntryRejection) -> None:
    found = piece({"title": "Before"}, raw, {"title": "After"})
    assert [article.title for article in found.articles] == ["Before", "After"]
    assert [(bad.number, bad.reason) for bad in found.bad] == [(2, reason)]
    assert found.bad[0].why
    outcome = found.outcome
    assert (outcome.entry_count, outcome.new_count, outcome.rejected) == (3, 2, {reason: 1})


def test_the_second_line_with_one_address_is_a_duplicate() -> None:
    found = piece({"title": "A", "url": "https://a.example/1"}, {"title": "B", "url": "https://a.example/1#x"})
    assert [(bad.number, bad.reason) for bad in found.bad] == [(2, EntryRejection.DUPLICATE_ENTRY)]
    assert (found.outcome.entry_count, len(found.articles), found.outcome.rejected) == (2, 1, {EntryRejection.DUPLICATE_ENTRY: 1})


def test_a_repeat_gives_the_same_feed_poll_and_article_ids() -> None:
    first, second = piece({"title": "A"}, seq=3), piece({"title": "A"}, seq=3)
    assert [a.revision_id for a in first.articles] == [a.revision_id for a in second.articles]
    assert (first.outcome.feed_id, first.outcome.poll_seq, first.outcome.poll_id) == (second.outcome.feed_id, 3, second.outcome.poll_id)


def test_a_date_nobody_can_read_is_kept_as_unknown_and_counted() -> None:
    found = piece({"title": "A", "published_at": "10/02/2026"}, {"title": "B"})
    assert found.unreadable_date_count == 1
    assert [(a.published_at, a.date_quality) for a in found.articles] == [(None, DateQuality.UNREADABLE), (None, DateQuality.MISSING)]


def test_pieces_number_the_lines_of_the_file_and_an_endless_line_is_one(tmp_path: Path) -> None:
    file = tmp_path / "a.jsonl"
    file.write_bytes(b'{"title":"1"}\r\n\n' + b"x" * (2 * MAX_LINE_BYTES + 9) + b'\n{"title":"4"}')
    (lines,) = _pieces(file)
    assert [(number, raw[:5]) for number, raw in lines] == [(1, b'{"tit'), (3, b"xxxxx"), (4, b'{"tit')]
    assert max(len(raw) for _number, raw in lines) <= MAX_LINE_BYTES + 2
    assert piece_of(FEED, 1, lines, now=NOW, max_revisions=24).outcome.rejected == {EntryRejection.BAD_LINE: 1}


def test_a_dry_run_needs_no_kafka_names_bad_lines_and_says_no(tmp_path: Path) -> None:
    file = tmp_path / "a.jsonl"
    file.write_text('{"title": "Good"}\n\n{"title": \n', "utf-8")
    answer = CliRunner().invoke(command, ["--dry-run", str(file)])
    assert answer.exit_code == 1
    assert f"{file}:3: bad_line:" in answer.stderr
    assert "2 lines, 1 valid, rejected: bad_line 1" in answer.stdout


def test_a_file_of_good_lines_is_a_yes(tmp_path: Path) -> None:
    file = tmp_path / "a.jsonl"
    file.write_text('{"title": "Good"}\n', "utf-8")
    assert CliRunner().invoke(command, ["--dry-run", str(file)]).exit_code == 0
