"""Part 1 of the summary: what the server sent for each feed, and what the producer made of it."""

from __future__ import annotations

from collections.abc import Mapping

from rich.console import Console

from newsmon.app.demo.findings.observed import FeedTotals
from newsmon.app.demo.findings.result import DemoResult
from newsmon.app.demo.tables.style import listed, table
from newsmon.records import FetchResult

NOTHING = FeedTotals(polls=0, entries=0, new=0, revised=0, known=0, rejected={}, results={})
FINE = (FetchResult.OK, FetchResult.NOT_MODIFIED, FetchResult.SAME_BODY)


def show_feeds(console: Console, result: DemoResult) -> None:
    """One line per feed, and the totals. `entries` counts all polls and equals the sum of the four columns after it."""
    numbers = ("polls", "entries", "new", "rev", "known", "rej")
    title = f"1. What came in: {len(result.catalogue.feed)} feeds over HTTP"
    shown = table(title, "feed", *numbers, "server sent", "failed polls", right=numbers, wide="failed polls")
    for feed in result.catalogue.feed:
        totals = result.observed.feeds.get(feed.id, NOTHING)
        answers = result.answers.get(feed.id, {})
        failed = {name: count for name, count in totals.results.items() if name not in FINE}
        shown.add_row(feed.id, *map(str, _numbers(totals)), _tight(answers), _tight(failed))
    sums = list(result.observed.feeds.values())
    shown.add_section()
    shown.add_row("all", *(str(sum(column)) for column in zip(*map(_numbers, sums), strict=True)), style="bold")
    console.print(shown)
    console.print("over all polls: entries = new + revised (rev) + known + rejected (rej)")
    feeds = result.observed.feeds
    rejected = {f"{feed_id}: {reason}": count for feed_id in feeds for reason, count in feeds[feed_id].rejected.items()}
    console.print(f"rejected entries by reason: {listed(rejected)}\n", soft_wrap=False)


def _numbers(totals: FeedTotals) -> tuple[int, ...]:
    return (totals.polls, totals.entries, totals.new, totals.revised, totals.known, sum(totals.rejected.values()))


def _tight(counts: Mapping[str, int]) -> str:
    """Counts in little space: `200x2 304x3`."""
    return " ".join(f"{name}x{count}" for name, count in sorted(counts.items()))
