"""Feedback: finds the article and themes a person means, publishes the verdict, and reads verdicts back with their texts.

In: an article or alert id. Out: `Feedback` records on news.feedback; `JudgedArticle` rows. I/O: the database, Kafka.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Engine, func, select

from newsmon import ids
from newsmon.codec import encode
from newsmon.kafka.admin import ensure_topics
from newsmon.kafka.connect import open_producer, reaching_kafka
from newsmon.kafka.publisher import abandon
from newsmon.records import Feedback, FeedbackVerdict
from newsmon.settings import Settings
from newsmon.topics import FEEDBACK
from sinks.database import tables
from sinks.database.engine import reading

ACK_TIMEOUT_S = 30.0


@dataclass(frozen=True, slots=True)
class FeedbackTarget:
    """The article that feedback is about; `theme_ids` are those it matched, or for an alert the alert's own."""

    article_id: str
    revision_id: str
    title: str
    theme_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class JudgedArticle:
    """One verdict with the text of its article."""

    article_id: str
    theme_id: str
    wanted: bool
    title: str
    lead: str
    body: str
    language: str
    tier: int | None
    country: str | None


def feedback_target(engine: Engine, named: str) -> FeedbackTarget | None:
    """The stored article of that id, or the article that last caused the alert of that id; None when there is none."""
    with reading(engine) as connection:
        theme_id = None
        if named.startswith("al_"):
            alerts = tables.alerts
            query = select(alerts.c.theme_id, alerts.c.articles).where(alerts.c.alert_id == named).order_by(alerts.c.revision.desc())
            alert = connection.execute(query).first()
            if alert is None or not alert.articles:
                return None
            theme_id, named = alert.theme_id, alert.articles[0]["article_id"]
        articles, matches = tables.articles, tables.matches
        found = connection.execute(select(articles.c.revision_id, articles.c.title).where(articles.c.article_id == named)).first()
        if found is None:
            return None
        known = connection.execute(select(matches.c.theme_id).where(matches.c.article_id == named).distinct().order_by("theme_id"))
        theme_ids = tuple(known.scalars()) if theme_id is None else (theme_id,)
        return FeedbackTarget(named, found.revision_id, found.title, theme_ids)


def feedback_of(
    article_id: str, revision_id: str | None, theme_ids: Sequence[str], verdict: FeedbackVerdict, *, note: str, by: str, now: datetime
) -> tuple[Feedback, ...]:
    """One record per theme."""
    return tuple(
        Feedback(
            feedback_id=ids.feedback_id(article_id, theme_id, by), article_id=article_id, revision_id=revision_id, theme_id=theme_id,
            verdict=verdict, note=note, by=by, given_at=now,
        )
        for theme_id in theme_ids
    )  # fmt: skip


def send(settings: Settings, given: Sequence[Feedback]) -> None:
    """Publish the feedback and wait until Kafka has acknowledged it; DependencyError when it does not."""
    ensure_topics(settings, (FEEDBACK,))
    producer = open_producer(settings, client_id="newsmon-feedback")
    try:
        with reaching_kafka(settings):
            topic = FEEDBACK.named(settings.kafka.topic_prefix)
            for future in [producer.send(topic, key=one.feedback_id.encode(), value=encode(one)) for one in given]:
                future.get(timeout=ACK_TIMEOUT_S)
    finally:
        abandon(producer)


def judged_articles(engine: Engine) -> Iterator[JudgedArticle]:
    """Every verdict on an article whose text is stored, by theme; `without_text` counts the others."""
    feedback, revisions, sightings = tables.feedback, tables.revisions, tables.sightings
    first = (
        select(sightings.c.revision_id, func.min(sightings.c.tier).label("tier"), func.min(sightings.c.country).label("country"))
        .group_by(sightings.c.revision_id)
        .subquery()
    )
    query = (
        select(
            feedback.c.article_id, feedback.c.theme_id, feedback.c.verdict, revisions.c.title, revisions.c.lead, revisions.c.body,
            revisions.c.language, first.c.tier, first.c.country,
        )
        .join(revisions, revisions.c.revision_id == feedback.c.revision_id)
        .outerjoin(first, first.c.revision_id == feedback.c.revision_id)
        .order_by(feedback.c.theme_id, feedback.c.article_id, feedback.c.by)
    )  # fmt: skip
    with reading(engine) as connection:
        for row in connection.execute(query):
            wanted = row.verdict != FeedbackVerdict.NOISE.value
            yield JudgedArticle(row.article_id, row.theme_id, wanted, row.title, row.lead, row.body, row.language, row.tier, row.country)


def without_text(connection: Connection) -> int:
    """The number of verdicts on articles that are not stored."""
    feedback, revisions = tables.feedback, tables.revisions
    known = select(revisions.c.revision_id).where(revisions.c.revision_id == feedback.c.revision_id)
    return connection.execute(select(func.count()).select_from(feedback).where(~known.exists())).scalar_one()
