"""Parts 5 to 7 of the summary: stories with copies and sources, alerts as they arrived, the ledger and the verdict."""

from __future__ import annotations

import math
from collections import defaultdict
from datetime import datetime
from itertools import groupby
from textwrap import fill

from rich.console import Console
from rich.text import Text

from newsmon.app.demo.findings.observed import StoredDelivery
from newsmon.app.demo.findings.result import DemoResult
from newsmon.app.demo.tables.style import WIDTH, mark, short, table
from newsmon.app.ledger_table import as_table
from newsmon.ids import normalised


def show_stories(console: Console, result: DemoResult) -> None:
    """Every story: articles, copies, independent sources, outlets, and the feeds that carried it."""
    stories = result.observed.stories
    numbers = ("articles", "copies", "sources", "outlets")
    feeds: defaultdict[str, dict[str, None]] = defaultdict(dict)
    for match in sorted(result.observed.matches, key=lambda match: match.story_revision):
        if match.story_id is not None:
            feeds[match.story_id][match.feed_id] = None
    console.print(Text(f"5. Stories: {len(stories)}; a copy is the same text elsewhere and does not count as a source\n", style="bold"))
    for theme_id, group in groupby(stories, key=lambda story: story.theme_id):
        shown = table(theme_id, "story", *numbers, "carried by", right=numbers, wide="story")
        for story in group:
            counts = (story.article_count, story.copy_count, story.source_count, story.outlet_count)
            shown.add_row(short(story.title, 80), *(str(count) for count in counts), short(", ".join(feeds[story.story_id]), 30))
        console.print(shown)
    found, declared = _copies(result)
    console.print(f"wire copies recognised: {found} of {declared} declared in expected.toml\n")


def _copies(result: DemoResult) -> tuple[int, int]:
    """The number of declared copies that were recognised, per theme and whichever text came first, and the number declared."""
    entries = {entry.key: entry for entry in result.expected.entry}
    relation = {(m.feed_id, normalised(m.title), m.theme_id): (m.relation, m.story_id) for m in result.observed.matches}
    found = declared = 0
    for entry in result.expected.entry:
        if entry.copy_of is None:
            continue
        original = entries[entry.copy_of]
        for theme in entry.themes:
            declared += 1
            mine, story = relation.get((entry.feed, normalised(entry.title), theme), (None, None))
            other, other_story = relation.get((original.feed, normalised(original.title), theme), (None, None))
            found += story is not None and story == other_story and "copy" in (mine, other)
    return found, declared


def show_deliveries(console: Console, result: DemoResult) -> None:
    """Every alert revision: how it was delivered, whether its signature was valid, and how long it took."""
    posts = defaultdict(list)
    for post in result.received:
        posts[post.webhook_id].append(post)
    deliveries = result.observed.deliveries
    alerts = len({delivery.alert_id for delivery in deliveries})
    console.print(Text(f"6. Alerts: {alerts} in {len(deliveries)} revisions, sent to a receiver that verifies signatures\n", style="bold"))
    columns = ("webhook-id", "rev", "severity", "because", "tries", "signature", "title")
    for theme_id, group in groupby(deliveries, key=lambda delivery: delivery.theme_id):
        shown = table(theme_id, *columns, right=("rev", "tries"), wide="title")
        for row in group:
            verified = any(post.accepted for post in posts[row.message_id])
            shown.add_row(
                short(row.message_id, 12), str(row.revision), row.severity, row.reason, str(row.attempts),
                Text("ok", style="green") if verified else Text("none", style="red"), row.title,
            )  # fmt: skip
        console.print(shown)
    repeats = sum(post.repeat for post in result.received)
    refused = sum(not post.accepted for post in result.received)
    bad = sum(not post.verified for post in result.received)
    counts = f"bad signatures {bad}, refused on purpose {refused - bad}, repeated webhook-ids {repeats}"
    console.print(f"webhooks received {len(result.received)}: {counts}")
    _show_latency(console, deliveries, result)


def _show_latency(console: Console, deliveries: tuple[StoredDelivery, ...], result: DemoResult) -> None:
    arrived: dict[str, datetime] = {}
    for post in result.received:
        if post.accepted:
            arrived.setdefault(post.webhook_id, post.received_at)
    waits = sorted(
        (arrived[row.message_id] - row.first_seen_at).total_seconds()
        for row in deliveries
        if row.message_id in arrived and row.first_seen_at is not None
    )
    if waits:
        p50, p95 = quantile(waits, 0.50), quantile(waits, 0.95)
        console.print(f"from article first seen to alert received: p50 {p50:.2f} s, p95 {p95:.2f} s\n")


def quantile(ordered: list[float], share: float) -> float:
    """The nearest-rank quantile of a sorted, non-empty list."""
    return ordered[max(math.ceil(share * len(ordered)), 1) - 1]


def show_verdict(console: Console, result: DemoResult) -> None:
    """The ledger, every finding, and one line with the verdict."""
    console.print(Text.assemble(("7. The ledger ", "bold"), mark(good=result.ledger.balanced), "\n"))
    for line in as_table(result.ledger):
        console.print(Text(fill(line, WIDTH, subsequent_indent=" " * 10, break_on_hyphens=False)))
    if result.findings:
        shown = table("differences from the expectations", "finding", "theme", "what", wide="what")
        for finding in result.findings:
            shown.add_row(Text(finding.kind, style="red"), finding.theme, finding.what)
        console.print(shown)
    expected, entries = result.expected, sum(feed.entry_count for feed in result.catalogue.feed)
    missing = {finding.kind for finding in result.findings}
    console.print()
    console.print(
        f"{entries} entries in {len(result.catalogue.feed)} feeds; {sum(bool(e.themes) for e in expected.entry)} expected matches, "
        f"{len(expected.look_alikes)} look-alikes, {len(expected.alert)} expected alerts; {result.took_s:.0f} s in total"
    )
    if result.is_good:
        console.print(Text("demo: GOOD - the ledger balances, everything expected arrived and nothing else", style="bold green"))
        return
    reasons = [*sorted(missing), *([] if result.ledger.balanced else ["the ledger does not balance"])]
    if not result.drained:
        reasons.append("the run did not drain in time")
    if result.wait != "done":
        reasons.insert(0, f"timed out while {result.wait}")
    console.print(Text(f"demo: FAILED - {'; '.join(reasons)}", style="bold red"))
