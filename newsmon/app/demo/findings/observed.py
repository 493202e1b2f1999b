"""Reads the demo's database: the progress so far, and at the end everything the summary shows.

In: an engine. Out: frozen values. I/O: reads the database through `sinks`.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, Table, func, inspect, select

from newsmon.app.demo.findings.progress import Flow
from newsmon.records import FetchResult
from sinks.database import tables
from sinks.database.engine import reading
from sinks.database.outbox_tables import OutboxState, attempts, fanouts, outbox

GOOD = (FetchResult.OK, FetchResult.NOT_MODIFIED, FetchResult.SAME_BODY)


@dataclass(frozen=True, slots=True)
class FeedTotals:
    """All polls of one feed together."""

    polls: int
    entries: int
    new: int
    revised: int
    known: int
    rejected: dict[str, int]
    results: dict[str, int]


@dataclass(frozen=True, slots=True)
class SeenArticle:
    """One stored article text as one feed showed it, with the themes it matched."""

    feed: str
    title: str
    themes: frozenset[str]


@dataclass(frozen=True, slots=True)
class StoredMatch:
    """One article text in one theme, with what the grouping stage made of it."""

    match_id: str
    theme_id: str
    feed_id: str
    source: str
    title: str
    lead: str
    body: str
    score: float
    threshold: float
    severity: str
    evidence: tuple[dict[str, Any], ...]
    story_id: str | None
    story_revision: int
    relation: str | None
    alert_decision: str | None


@dataclass(frozen=True, slots=True)
class StoredStory:
    story_id: str
    theme_id: str
    title: str
    severity: str
    article_count: int
    copy_count: int
    source_count: int
    outlet_count: int
    languages: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StoredDelivery:
    """One alert revision and its delivery."""

    delivery_id: str
    message_id: str  # the webhook-id it was sent with: its own, or that of the alert that carried it
    alert_id: str
    revision: int
    theme_id: str
    story_id: str
    title: str
    severity: str
    reason: str
    state: str
    attempts: int
    first_seen_at: datetime | None
    delivered_at: datetime | None


@dataclass(frozen=True, slots=True)
class Observed:
    """Everything the summary needs from the database."""

    feeds: dict[str, FeedTotals]
    articles: tuple[SeenArticle, ...]
    texts: dict[tuple[str, str], tuple[str, str, str]]  # (feed, title) -> lead, body, language
    matches: tuple[StoredMatch, ...]
    stories: tuple[StoredStory, ...]
    deliveries: tuple[StoredDelivery, ...]


def is_ready(engine: Engine) -> bool:
    """True once the store has created its tables."""
    present = set(inspect(engine).get_table_names())
    return {outbox.name, tables.fetches.name, tables.members.name} <= present


def flow_of(engine: Engine) -> Flow:
    """The progress of every step, in one consistent snapshot."""
    with reading(engine) as db:
        fetches = tables.fetches
        rows = db.execute(select(fetches.c.feed_id, fetches.c.result, func.count()).group_by(fetches.c.feed_id, fetches.c.result)).all()
        polls: Counter[str] = Counter()
        good: Counter[str] = Counter()
        read: Counter[str] = Counter()
        for feed_id, result, count in rows:
            polls[feed_id] += count
            good[feed_id] += count if result in GOOD else 0
            read[feed_id] += count if result == FetchResult.OK else 0
        states: dict[str, int] = dict(db.execute(select(outbox.c.state, func.count()).group_by(outbox.c.state)).tuples().all())
        return Flow(
            polls=polls,
            good_polls=good,
            read_polls=read,
            published=db.scalar(select(func.coalesce(func.sum(fetches.c.new_count + fetches.c.revised_count), 0))) or 0,
            sightings=_count(db, tables.sightings),
            classified=_count(db, tables.classifications),
            themes_named=db.scalar(select(func.count(tables.classified_themes.c.match_id.distinct()))) or 0,
            matches=_count(db, tables.matches),
            members=_count(db, tables.members),
            alerts=_count(db, tables.alerts),
            fanned_out=_count(db, fanouts),
            unfinished=states.get(OutboxState.PENDING, 0) + states.get(OutboxState.HELD, 0),
            delivered=states.get(OutboxState.DELIVERED, 0),
        )


def _count(db: Connection, table: Table) -> int:
    return db.scalar(select(func.count()).select_from(table)) or 0


def observe(engine: Engine) -> Observed:
    """Everything the summary shows, in one consistent snapshot."""
    with reading(engine) as db:
        articles, texts = _articles(db)
        return Observed(
            feeds=_feeds(db),
            articles=articles,
            texts=texts,
            matches=_matches(db),
            stories=_stories(db),
            deliveries=_deliveries(db),
        )


def _feeds(db: Connection) -> dict[str, FeedTotals]:
    grouped: defaultdict[str, list[Any]] = defaultdict(list)
    for row in db.execute(select(tables.fetches).order_by(tables.fetches.c.feed_id, tables.fetches.c.poll_seq)):
        grouped[row.feed_id].append(row)
    totals = {}
    for feed_id, rows in grouped.items():
        rejected: Counter[str] = Counter()
        for row in rows:
            rejected.update(row.rejected)
        totals[feed_id] = FeedTotals(
            polls=len(rows),
            entries=sum(row.entry_count for row in rows),
            new=sum(row.new_count for row in rows),
            revised=sum(row.revised_count for row in rows),
            known=sum(row.known_count for row in rows),
            rejected=dict(rejected),
            results=dict(Counter(row.result for row in rows)),
        )
    return totals


def _articles(db: Connection) -> tuple[tuple[SeenArticle, ...], dict[tuple[str, str], tuple[str, str, str]]]:
    themes: defaultdict[str, set[str]] = defaultdict(set)
    named = tables.classified_themes.c
    for revision_id, theme_id in db.execute(select(named.revision_id, named.theme_id)):
        themes[revision_id].add(theme_id)
    seen: dict[tuple[str, str], SeenArticle] = {}
    texts: dict[tuple[str, str], tuple[str, str, str]] = {}
    sightings, revisions = tables.sightings, tables.revisions
    query = select(sightings.c.feed_id.label("seen_in"), revisions).join_from(
        sightings, revisions, sightings.c.revision_id == revisions.c.revision_id
    )
    for row in db.execute(query):
        feed_id: str = row.seen_in  # the sighting's feed; the revision's own `feed_id` is that of the first feed
        seen[feed_id, row.revision_id] = SeenArticle(feed=feed_id, title=row.title, themes=frozenset(themes[row.revision_id]))
        texts[feed_id, row.title] = (row.lead, row.body, row.language)
    return tuple(seen[key] for key in sorted(seen)), texts


def _matches(db: Connection) -> tuple[StoredMatch, ...]:
    found, members = tables.matches, tables.members
    columns = (members.c.story_id, members.c.story_revision, members.c.relation, members.c.alert_decision)
    query = select(found, *columns).join_from(found, members, found.c.match_id == members.c.match_id, isouter=True)
    return tuple(
        StoredMatch(
            match_id=row.match_id, theme_id=row.theme_id, feed_id=row.feed_id, source=row.source, title=row.title, lead=row.lead,
            body=row.body, score=row.score, threshold=row.threshold, severity=row.severity, evidence=tuple(row.evidence),
            story_id=row.story_id, story_revision=row.story_revision or 0, relation=row.relation, alert_decision=row.alert_decision,
        )
        for row in db.execute(query.order_by(found.c.theme_id, found.c.score.desc(), found.c.match_id))
    )  # fmt: skip


def _stories(db: Connection) -> tuple[StoredStory, ...]:
    stories = tables.stories
    return tuple(
        StoredStory(
            story_id=row.story_id, theme_id=row.theme_id, title=row.title, severity=row.severity, article_count=row.article_count,
            copy_count=row.copy_count, source_count=row.source_count, outlet_count=row.outlet_count, languages=tuple(row.languages),
        )
        for row in db.execute(select(stories).order_by(stories.c.theme_id, stories.c.article_count.desc(), stories.c.story_id))
    )  # fmt: skip


def _deliveries(db: Connection) -> tuple[StoredDelivery, ...]:
    alerts = tables.alerts
    tried = dict(db.execute(select(attempts.c.delivery_id, func.max(attempts.c.attempt)).group_by(attempts.c.delivery_id)).tuples().all())
    both = (outbox.c.alert_id == alerts.c.alert_id) & (outbox.c.revision == alerts.c.revision)
    alert_columns = (alerts.c.story_id, alerts.c.title, alerts.c.severity, alerts.c.reason.label("alert_reason"))
    query = select(outbox, *alert_columns).join_from(outbox, alerts, both)
    return tuple(
        StoredDelivery(
            delivery_id=row.delivery_id, message_id=row.carried_by or row.delivery_id, alert_id=row.alert_id, revision=row.revision,
            theme_id=row.theme_id, story_id=row.story_id, title=row.title, severity=row.severity, reason=row.alert_reason, state=row.state,
            attempts=max(tried.get(row.delivery_id, 0), row.attempt_count), first_seen_at=row.first_seen_at, delivered_at=row.delivered_at,
        )
        for row in db.execute(query.order_by(outbox.c.theme_id, outbox.c.created_at, outbox.c.delivery_id))
    )  # fmt: skip
