"""A backtest's result as lines for a terminal, and as JSON."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict
from datetime import date
from typing import Any

from processors.replay.backtest import Comparison, Difference, Outcome

WEEK_DAYS = 7
SHOWN_DAYS = 31
BAR = "▏▎▍▌▋▊▉█"


def page(
    comparison: Comparison, lost: list[Difference], gained: list[Difference], days: float, article_count: int, limit: int,
    theme_ids: list[str],
) -> Iterator[str]:  # fmt: skip
    before, after = comparison.before, comparison.after
    yield f"{article_count:,} articles replayed for {', '.join(theme_ids)}; nothing was sent"
    yield ""
    yield f"{'':26}{'before':>10}{'after':>10}"
    rows: tuple[tuple[str, Callable[[Outcome], float]], ...] = (
        ("matches", lambda one: one.match_count),
        ("stories", lambda one: one.story_count),
        ("stories that alert", lambda one: len(one.alerted)),
        ("notifications", lambda one: one.notification_count),
        ("notifications a week", lambda one: one.notification_count / days * WEEK_DAYS),
        ("notifications a day", lambda one: one.notification_count / days),
        *((("decisions that failed", lambda one: one.failed_count),) if before.failed_count or after.failed_count else ()),
    )
    for name, value in rows:
        yield f"{name:26}{_number(value(before)):>10}{_number(value(after)):>10}"
    yield ""
    yield from _days(before, after)
    for name, found in (("lost", lost), ("gained", gained)):
        yield f"{len(found)} {name} stories" + (":" if found and limit else "")
        for one in found[:limit]:
            yield from _story(one, "after" if name == "lost" else "before")
        if len(found) > limit > 0:
            yield f"  ... and {len(found) - limit} more (--limit, or --json for all)"


def _number(value: float) -> str:
    return f"{value:,.0f}" if value == int(value) else f"{value:,.1f}"


def _days(before: Outcome, after: Outcome) -> Iterator[str]:
    days = sorted({day for one in (before, after) for _theme, day in one.per_day})[-SHOWN_DAYS:]
    if not days:
        return
    counts = {day: (_on(before, day), _on(after, day)) for day in days}
    most = max(max(pair) for pair in counts.values())
    yield "alerts a day (opened and updated)"
    for day, (old, new) in counts.items():
        yield f"  {day} {old:>5} {new:>5}  {_bar(new, most)}"
    yield ""


def _bar(value: int, most: int) -> str:
    eighths = round(value / most * 30 * 8)
    return BAR[-1] * (eighths // 8) + (BAR[eighths % 8 - 1] if eighths % 8 else "")


def _on(outcome: Outcome, day: date) -> int:
    return sum(count for (_theme, when), count in outcome.per_day.items() if when == day)


def _story(one: Difference, other: str) -> Iterator[str]:
    story = one.story
    count = f"{one.article_count} article{'s' if one.article_count != 1 else ''}"
    yield f"  {story.opened_at:%Y-%m-%d %H:%M} {story.theme_id} [{story.severity}, {count}] {story.title}"
    evidence = ", ".join(f"{part.clause} '{part.text}' {part.contribution:+g}" for part in story.evidence if part.contribution)
    yield f"      score {story.score:g}: {evidence}"
    yield f"      {other}: {one.why}"


def as_object(comparison: Comparison, lost: list[Difference], gained: list[Difference], days: float, article_count: int) -> dict[str, Any]:
    def side(outcome: Outcome) -> dict[str, Any]:
        return {
            "matches": outcome.match_count, "failed": outcome.failed_count,
            "stories": outcome.story_count, "alerted_stories": len(outcome.alerted),
            "notifications": outcome.notification_count, "notifications_per_week": round(outcome.notification_count / days * WEEK_DAYS, 2),
            "per_day": [{"theme": theme, "day": day, "alerts": count} for (theme, day), count in sorted(outcome.per_day.items())],
            "decisions": [
                {"theme": theme, "decision": reason, "matches": count} for (theme, reason), count in sorted(outcome.reasons.items())
            ],
        }  # fmt: skip

    def story(one: Difference) -> dict[str, Any]:
        found = {name: value for name, value in asdict(one.story).items() if name != "evidence"}
        evidence = [
            {
                "clause": part.clause,
                "field": part.field,
                "start": part.start,
                "end": part.end,
                "text": part.text,
                "points": part.contribution,
            }
            for part in one.story.evidence
        ]
        return found | {"article_count": one.article_count, "why": one.why, "evidence": evidence}

    return {
        "articles": article_count, "days": round(days, 2), "before": side(comparison.before), "after": side(comparison.after),
        "lost": [story(one) for one in lost], "gained": [story(one) for one in gained],
    }  # fmt: skip
