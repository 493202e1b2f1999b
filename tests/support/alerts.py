"""Alerts for tests: numbered, valid, and as odd as asked."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import msgspec

from newsmon import ids
from newsmon.records import Alert, AlertState, Evidence, Member, ThemeScore
from support.samples import NOON, every_record

SAMPLE: Alert = next(record for record in every_record() if isinstance(record, Alert))


def alert(number: int = 1, *, raised_at: datetime = NOON, **changes: Any) -> Alert:
    """The sample alert as story number `number`; its title tells the number."""
    theme_id = changes.get("theme_id", SAMPLE.theme_id)
    story_id = ids.story_id(theme_id, f"a_{number}")
    assert SAMPLE.event is not None
    event = None if changes.get("state") is AlertState.CLOSED else msgspec.structs.replace(SAMPLE.event, event_id=ids.event_id(story_id))
    values: dict[str, Any] = {
        "story_id": story_id,
        "story_title": changes.get("title", f"alert {number}"),
        "event": event,
        "alert_id": ids.alert_id(theme_id, story_id),
        "title": f"alert {number}",
        "raised_at": raised_at,
    }
    return msgspec.structs.replace(SAMPLE, **values | changes)


def wide_alert(member_count: int, text: str = "Zażółć gęślą jaźń, Київ — ", repeat: int = 20) -> Alert:
    """An alert with so many articles, pieces of evidence and other themes, and texts of `text` repeated."""
    long = text * repeat
    first: Member = SAMPLE.articles[0]
    evidence: Evidence = SAMPLE.evidence[0]
    return alert(
        title=long,
        lead=long * 3,
        theme_label=long,
        article_count=member_count + 5,
        articles=tuple(
            msgspec.structs.replace(first, article_id=f"a_{n}", title=f"{n} {long}", source=f"Outlet {n} {long}", url=f"https://e.example/{n}/{long}",
                                    first_seen_at=NOON + timedelta(minutes=n))
            for n in range(member_count)
        ),
        evidence=tuple(msgspec.structs.replace(evidence, clause=f"{n}{long}", text=long, contribution=1 / (n + 1)) for n in range(member_count)),
        also_matched=tuple(ThemeScore(theme_id=f"theme-{n}", score=1.0, threshold=0.5) for n in range(member_count)),
    )  # fmt: skip
