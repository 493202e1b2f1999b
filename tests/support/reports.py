"""Matches made of the labelled reports in tests/data/stories, and the pairs they form."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import msgspec

from newsmon import ids
from newsmon.records import Evidence, Match, Origin, Severity
from support.places import DATA
from support.samples import article as sample_article
from support.samples import match as sample_match

STORIES = DATA / "stories"
START = datetime(2026, 11, 2, 8, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Report:
    """One labelled report; reports of one `event` are one story, `topic` groups events that resemble each other."""

    id: str
    event: str
    topic: str
    lang: str
    source: str
    title: str
    text: str
    published_at: str
    copy_of: str | None = None


def reports(split: str) -> list[Report]:
    return [Report(**json.loads(line)) for line in (STORIES / f"{split}.jsonl").read_text("utf-8").splitlines()]


def pairs(split: str, *, hard: bool) -> Iterator[tuple[Report, Report, bool]]:
    """Yield (left, right, same story); with `hard`, different stories only within one topic. Copies are left out."""
    for left, right in itertools.combinations(reports(split), 2):
        same = left.event == right.event
        if right.copy_of == left.id or (hard and not same and left.topic != right.topic):
            continue
        yield left, right, same


def match_of(
    report: Report,
    *,
    theme_id: str = "ukraine-peacekeeping",
    matched_at: datetime = START,
    published_at: datetime | None = None,
    number: int | None = None,
    source: str | None = None,
    text: str | None = None,
    severity: Severity = Severity.NOTICE,
    origin: Origin = Origin.LIVE,
    clauses: tuple[str, ...] = ("force",),
) -> Match:
    """Return a live, fresh match of a report; `number` tells articles with one text apart."""
    article = sample_article(title=report.title, body=report.text if text is None else text, source=source or report.source, origin=origin)
    article_id = ids.article_id_of_url(f"https://news.example/{report.id}/{number or 0}")
    article = msgspec.structs.replace(
        article,
        article_id=article_id,
        revision_id=ids.revision_id(article_id, article.content_hash),
        language=report.lang,
        published_at=published_at or matched_at - timedelta(minutes=5),
        first_seen_at=matched_at - timedelta(minutes=1),
    )
    evidence = tuple(Evidence(clause=clause, field="title", start=0, end=1, text=report.title[:1], contribution=1.0) for clause in clauses)
    return msgspec.structs.replace(sample_match(article, theme_id, matched_at=matched_at), severity=severity, evidence=evidence)
