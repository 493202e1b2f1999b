"""The summary: what a person reads, from a handful of hand-made rows; no broker, no database."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from support.places import DATA

from newsmon.app.demo.findings.expectations import Expectations, ExpectedAlert, ExpectedEntry
from newsmon.app.demo.findings.observed import FeedTotals, Observed, SeenArticle, StoredDelivery, StoredMatch, StoredStory
from newsmon.app.demo.findings.progress import Wait
from newsmon.app.demo.findings.result import DemoResult
from newsmon.app.demo.findings.verdict import Finding, FindingKind
from newsmon.app.demo.recorded.catalogue import Catalogue, RecordedFeed, demo_directory
from newsmon.app.demo.tables import print_summary
from newsmon.app.demo.tables.style import WIDTH
from newsmon.app.listener import Received
from newsmon.settings import Settings, ThemeSettings
from sinks.ledger.balance import Ledger, Line
from sinks.message.signature import Verdict

NOW = datetime(2026, 11, 24, 3, 15, tzinfo=UTC)
TITLE = "PM weighs Ukraine peacekeeping role as Washington presses on tariffs"
SPAN = (TITLE.index("tariffs"), len(TITLE))
EVIDENCE = ({"clause": "near-us/tariff", "field": "title", "start": SPAN[0], "end": SPAN[1], "text": "tariffs", "contribution": 6.0},)


def match(theme: str) -> StoredMatch:
    return StoredMatch(
        match_id=f"m_{theme}", theme_id=theme, feed_id="wire", source="Wire", title=TITLE, lead="", body="", score=6.0, threshold=5.0,
        severity="urgent", evidence=EVIDENCE, story_id=f"s_{theme}", story_revision=1, relation="opened", alert_decision="new_story",
    )  # fmt: skip


def story(theme: str) -> StoredStory:
    return StoredStory(
        f"s_{theme}", theme, TITLE, "urgent", article_count=3, copy_count=1, source_count=2, outlet_count=3, languages=("en",)
    )


def delivery(theme: str) -> StoredDelivery:
    return StoredDelivery(
        delivery_id=f"msg_{theme}_0123456789", message_id=f"msg_{theme}_0123456789", alert_id=f"al_{theme}", revision=1,
        theme_id=theme, story_id=f"s_{theme}", title=TITLE,
        severity="urgent", reason="new_story", state="delivered", attempts=2, first_seen_at=NOW, delivered_at=NOW,
    )  # fmt: skip


def post(theme: str) -> Received:
    return Received(
        webhook_id=f"msg_{theme}_0123456789", verdict=Verdict.VERIFIED, repeat=False, payload={}, body=b"{}", headers={},
        received_at=NOW + timedelta(seconds=1.5), status=204,
    )  # fmt: skip


THEMES = ("ukraine-peacekeeping", "us-trade")
ENTRY = ExpectedEntry(key="wire/day", feed="wire", version=1, title=TITLE, themes=THEMES, group="government-day")
GOALIE = ExpectedEntry(key="wire/goalie", feed="wire", version=1, title="Goalkeeper saves a tired defence", themes=(), why="football")
GOOD = DemoResult(
    catalogue=Catalogue(
        feed=(RecordedFeed(id="wire", format="rss2", source="Wire", language="en", entries=2),), directory=demo_directory()
    ),
    expected=Expectations(entry=(ENTRY, GOALIE), alert=tuple(ExpectedAlert(theme=theme, group="government-day") for theme in THEMES)),
    observed=Observed(
        feeds={"wire": FeedTotals(3, 5, 2, 1, 1, {"no_text": 1}, {"ok": 2, "timeout": 1})},
        articles=(SeenArticle("wire", TITLE, frozenset(THEMES)), SeenArticle("wire", GOALIE.title, frozenset())),
        texts={("wire", GOALIE.title): ("The defence slept.", "", "en")},
        matches=tuple(match(theme) for theme in THEMES),
        stories=tuple(story(theme) for theme in THEMES),
        deliveries=tuple(delivery(theme) for theme in THEMES),
    ),
    answers={"wire": {"200": 2, "hang": 1}},
    received=tuple(post(theme) for theme in THEMES),
    ledger=Ledger("sqlite", None, (Line("polls", "polls", 3, {"stored": 3}),)),
    drained=True,
    findings=(),
    wait=Wait.QUIET,
    settings=Settings(themes=ThemeSettings(directory=DATA / "themes" / "one")),
    took_s=31.4,
)


def printed(result: DemoResult, capsys: pytest.CaptureFixture[str]) -> str:
    print_summary(result)
    return capsys.readouterr().out


def test_a_good_demo_shows_all_seven_parts_within_100_columns(capsys: pytest.CaptureFixture[str]) -> None:
    out = printed(GOOD, capsys)
    assert "demo: GOOD" in out
    for part in (
        "1. What came in",
        "2. What matched",
        "3. One article, 2 themes",
        "4. Look-alikes",
        "5. Stories",
        "6. Alerts",
        "7. The ledger ok",
    ):
        assert part in out
    assert max(map(len, out.splitlines())) <= WIDTH


def test_the_parts_show_counts_evidence_attempts_signatures_and_latency(capsys: pytest.CaptureFixture[str]) -> None:
    lines = [" ".join(line.split()) for line in printed(GOOD, capsys).splitlines()]
    assert "wire 3 5 2 1 1 1 200x2 hangx1 timeoutx1" in lines
    assert any(line.startswith("+6.00 near-us/tariff title") and line.endswith("[tariffs]") for line in lines)
    assert any("1 urgent new_story 2 ok" in line for line in lines)
    assert "from article first seen to alert received: p50 1.50 s, p95 1.50 s" in lines
    assert any("1 of 1 were ignored ok" in line for line in lines)
    assert "rejected entries by reason: wire: no_text 1" in lines


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"findings": (Finding(FindingKind.MISSING_ALERT, "us-trade", "government-day"),)}, "missing alert"),
        ({"ledger": Ledger("sqlite", None, (Line("polls", "polls", 3, {"stored": 2}),))}, "the ledger does not balance"),
        ({"drained": False}, "the run did not drain in time"),
        ({"wait": Wait.DELIVERING}, "timed out while delivering"),
    ],
)
def test_anything_wrong_fails_the_demo_and_is_said(change: dict[str, object], reason: str, capsys: pytest.CaptureFixture[str]) -> None:
    result = replace(GOOD, **change)  # type: ignore[arg-type]
    out = printed(result, capsys)
    assert not result.is_good
    assert f"demo: FAILED - {reason}" in out
    assert "demo: GOOD" not in out


def test_a_demo_that_saw_nothing_is_shown_and_not_a_crash(capsys: pytest.CaptureFixture[str]) -> None:
    nothing = Observed(feeds={}, articles=(), texts={}, matches=(), stories=(), deliveries=())
    assert "demo: FAILED" in printed(replace(GOOD, observed=nothing, received=(), answers={}, wait=Wait.POLLING), capsys)
