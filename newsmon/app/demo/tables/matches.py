"""Parts 2 to 4 of the summary: matches with their evidence, one article's scores in three themes, and the look-alikes."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from rich.console import Console
from rich.text import Text

from newsmon.app.demo.findings.near_misses import near_misses, nearest_by_theme
from newsmon.app.demo.findings.observed import StoredMatch
from newsmon.app.demo.findings.result import DemoResult
from newsmon.app.demo.tables.style import mark, short, table

EXAMPLE_GROUP = "government-day"  # an article that belongs to all three themes
PHRASES_SHOWN = 3
SNIPPET_BEFORE, SNIPPET_AFTER = 60, 90
NEAR_MISSES_PER_THEME = 5


def show_matches(console: Console, result: DemoResult) -> None:
    """Every match: its score, its title, and the phrases that weighed most."""
    matches = result.observed.matches
    console.print(Text(f"2. What matched, and why: {len(matches)} matches\n", style="bold"))
    for theme_id, group in groupby(matches, key=lambda match: match.theme_id):
        rows = list(group)
        shown = table(
            f"{theme_id} (threshold {rows[0].threshold:g})", "score", "feed", "title", "because of", right=("score",), wide="title"
        )
        shown.columns[3].max_width = 38
        for match in rows:
            shown.add_row(f"{match.score:.1f}", short(match.feed_id, 18), short(match.title, 60), short(_phrases(match), 38))
        console.print(shown)


def _phrases(match: StoredMatch) -> str:
    strongest = sorted(match.evidence, key=lambda item: (-item["contribution"], item["field"], item["start"]))
    words = dict.fromkeys(item["text"].lower() for item in strongest if item["contribution"] > 0)
    return ", ".join(list(words)[:PHRASES_SHOWN])


def show_one_article(console: Console, result: DemoResult) -> None:
    """An article that belongs to several themes: the words found, where, and how they add up."""
    keys = [entry for entry in result.expected.entry if entry.group == EXAMPLE_GROUP and entry.version == 1 and len(entry.themes) > 1]
    if not keys:
        return
    matches = [m for m in result.observed.matches if (m.feed_id, m.title) == (keys[0].feed, keys[0].title)]
    console.print(Text(f"3. One article, {len(matches)} themes: {keys[0].feed}, {keys[0].title!r}\n", style="bold"))
    for match in matches:
        total = sum(item["contribution"] for item in match.evidence)
        verdict = "reaches" if match.score >= match.threshold else "is below"
        shown = table(f"{match.theme_id}", "points", "clause", "in", "found", right=("points",), wide="found")
        for item in sorted(match.evidence, key=lambda item: -item["contribution"]):
            points = (
                f"{item['contribution']:+.2f}" if item["contribution"] else "needed"
            )  # found for a rule that needs it, without points of its own
            shown.add_row(points, item["clause"], item["field"], _snippet(match, item))
        shown.add_section()
        shown.add_row(
            f"{total:.2f}", f"= score {match.score:.2f}", "", f"{verdict} the threshold of {match.threshold:g}; severity {match.severity}"
        )
        console.print(shown)


def _snippet(match: StoredMatch, item: dict[str, Any]) -> Text:
    """The evidence marked in its sentence, cut from the stored text, not from the evidence's own copy."""
    text = {"title": match.title, "lead": match.lead, "body": match.body}[item["field"]]
    start, end = item["start"], item["end"]
    before = text[max(0, start - SNIPPET_BEFORE) : start].replace("\n", " ")
    cut = before.rfind(" ", 0, max(0, len(before) - 20))
    after = text[end : end + SNIPPET_AFTER].replace("\n", " ")
    lead_in = ("…" + before[cut + 1 :]) if cut >= 0 else before
    return Text.assemble(lead_in, ("[" + text[start:end] + "]", "bold yellow"), after)


def show_look_alikes(console: Console, result: DemoResult) -> None:
    """The number of look-alikes that correctly did not match, and what the nearest misses lacked."""
    look_alikes = result.expected.look_alikes
    matched = {(article.feed, article.title) for article in result.observed.articles if article.themes}
    loud = [entry for entry in look_alikes if (entry.feed, entry.title) in matched]
    silent = len(look_alikes) - len(loud)
    console.print(
        Text.assemble(
            (f"4. Look-alikes that must not match: {silent} of {len(look_alikes)} were ignored ", "bold"), mark(good=not loud), "\n"
        )
    )
    misses = nearest_by_theme(near_misses(result), NEAR_MISSES_PER_THEME)
    shown = table(f"the {len(misses)} nearest misses", "score", "of", "theme", "title", "why not", right=("score", "of"), wide="why not")
    for miss in misses:
        shown.add_row(f"{miss.score:.1f}", f"{miss.threshold:g}", miss.theme_id, short(miss.title, 30), miss.why)
    console.print(shown)
