"""A small consistent world: polls, sightings, answers, matches, stories and alerts whose ledger balances.

Everything follows from the counts given; two calls give equal records.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

import msgspec

from newsmon import ids
from newsmon.records import (
    Alert,
    AlertReason,
    AlertState,
    Article,
    Classification,
    ClassificationOutcome,
    EntryRejection,
    Event,
    FeedState,
    FetchOutcome,
    FetchResult,
    Match,
    Member,
    Record,
    Relation,
    Severity,
    SeverityReason,
    Story,
    ThemeScore,
)
from newsmon.topics import ALERTS, ARTICLES, CLASSIFICATIONS, FEED_STATE, FETCHES, MATCHES, STORIES, Topic
from support.samples import NOON, article, match

THEMES = ("ukraine-peacekeeping", "us-trade")
STORY_LENGTH = 3  # opened, copy, joined


@dataclass
class World:
    """Records by topic in the order they would be written."""

    by_topic: dict[Topic, list[Record]] = field(default_factory=lambda: {topic: [] for topic in TOPICS})

    def put(self, topic: Topic, record: Record) -> None:
        self.by_topic[topic].append(record)

    def of(self, topic: Topic) -> list[Record]:
        return self.by_topic[topic]


TOPICS = (FETCHES, FEED_STATE, ARTICLES, CLASSIFICATIONS, MATCHES, STORIES, ALERTS)


def small_world(*, feeds: int = 2, polls: int = 3, articles_per_poll: int = 3, shared: bool = True, body: str = "A text.") -> World:
    """Every poll of every feed shows `articles_per_poll` new ones; with `shared` the first of each poll is the same in all feeds.

    Every second article number belongs to one theme or to both.
    """
    world = World()
    grouping = _Grouping(world)
    number = 0
    for poll in range(1, polls + 1):
        common = number = number + 1
        for feed in range(feeds):
            shown = []
            for index in range(articles_per_poll):
                if index == 0 and shared:
                    shown.append(_sighting(common, feed, poll, body))
                else:
                    number += 1
                    shown.append(_sighting(number, feed, poll, body))
            _poll(world, f"feed-{feed}", poll, shown)
            for one in shown:
                _classify(world, grouping, one)
    return world


def _sighting(number: int, feed: int, poll: int, body: str) -> Article:
    one = article(
        number=number, title=f"Report {number} on the force", body=f"{body} {number}", feed_id=f"feed-{feed}", source=f"Outlet {feed}"
    )
    seen_at = NOON + timedelta(minutes=poll, seconds=feed)
    return msgspec.structs.replace(one, poll_seq=poll, poll_id=f"p_{feed}_{poll}", first_seen_at=seen_at)


def _poll(world: World, feed_id: str, poll: int, shown: list[Article]) -> None:
    at = NOON + timedelta(minutes=poll)
    for one in shown:
        world.put(ARTICLES, one)
    world.put(
        FETCHES,
        FetchOutcome(
            feed_id=feed_id, poll_seq=poll, poll_id=shown[0].poll_id, started_at=at, finished_at=at + timedelta(seconds=1),
            result=FetchResult.OK, status=200, entry_count=len(shown) + 3, new_count=len(shown), known_count=2,
            rejected={EntryRejection.NO_TEXT: 1}, next_due_at=at + timedelta(minutes=1),
        ),
    )  # fmt: skip
    world.put(
        FEED_STATE,
        FeedState(feed_id=feed_id, url=f"https://{feed_id}.example/rss", poll_seq=poll, polled_at=at, next_due_at=at, interval_s=60),
    )


def _themes_of(one: Article) -> tuple[str, ...]:
    number = int((one.url or "").rsplit("/", 1)[-1])
    return {0: THEMES, 1: (), 2: THEMES[:1], 3: ()}[number % 4]


def _classify(world: World, grouping: _Grouping, one: Article) -> None:
    themes = _themes_of(one)
    at = one.first_seen_at + timedelta(seconds=2)
    world.put(
        CLASSIFICATIONS,
        Classification(
            article_id=one.article_id, revision=1, revision_id=one.revision_id, origin=one.origin, feed_id=one.feed_id,
            poll_seq=one.poll_seq, language="en", outcome=ClassificationOutcome.MATCHED if themes else ClassificationOutcome.UNMATCHED,
            scores=tuple(ThemeScore(theme_id=theme, score=2.0, threshold=1.0) for theme in themes), matched_theme_ids=themes,
            generation="g1", classified_at=at,
        ),
    )  # fmt: skip
    for theme in themes:
        hit = match(one, theme, matched_at=at)
        world.put(MATCHES, hit)
        grouping.group(hit)


class _Grouping:
    """Not the product's grouping: every STORY_LENGTH matches of a theme are one story, the second of them a copy."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._known: set[str] = set()
        self._open: dict[str, Story] = {}

    def group(self, hit: Match) -> None:
        if hit.match_id in self._known:
            return
        self._known.add(hit.match_id)
        before = self._open.get(hit.theme_id)
        if before is None or before.revision == STORY_LENGTH:
            before = None
        place = 1 if before is None else before.revision + 1
        relation = {1: Relation.OPENED, 2: Relation.COPY, 3: Relation.JOINED}[place]
        decision = {1: AlertReason.NEW_STORY, 2: AlertReason.COPY_OF_MEMBER, 3: AlertReason.MORE_SOURCES}[place]
        story = _story(hit, before, relation, decision)
        self._open[hit.theme_id] = story
        self._world.put(STORIES, story)
        if decision is not AlertReason.COPY_OF_MEMBER:
            self._world.put(ALERTS, _alert(hit, story))


def _story(hit: Match, before: Story | None, relation: Relation, decision: AlertReason) -> Story:
    one = hit.article
    story_id = before.story_id if before else ids.story_id(hit.theme_id, one.article_id)
    latest = Member(
        article_id=one.article_id, event_id=ids.event_id(story_id), revision_id=one.revision_id, match_id=hit.match_id, relation=relation,
        copy_of=before.members[0].article_id if before and relation is Relation.COPY else None, source=one.source, tier=one.tier,
        url=one.url, title=one.title, language=one.language, published_at=one.published_at, first_seen_at=one.first_seen_at, score=hit.score,
    )  # fmt: skip
    members = (*(before.members if before else ()), latest)
    event = Event(
        event_id=latest.event_id, title=members[0].title, opened_at=before.opened_at if before else hit.matched_at,
        updated_at=hit.matched_at, article_count=len(members),
        copy_count=sum(member.relation is Relation.COPY for member in members), source_count=len({member.source for member in members}),
        outlet_count=len({member.source for member in members}), severity=Severity.NOTICE, severity_reason=SeverityReason.THEME_RULES,
    )  # fmt: skip
    return Story(
        story_id=story_id, theme_id=hit.theme_id, event_count=1, event=event,
        revision=len(members), state=AlertState.UPDATED if before else AlertState.OPENED, title=members[0].title,
        opened_at=before.opened_at if before else hit.matched_at, updated_at=hit.matched_at, article_count=len(members),
        copy_count=sum(member.relation is Relation.COPY for member in members), source_count=len({member.source for member in members}),
        outlet_count=len({member.source for member in members}), languages=("en",), severity=Severity.NOTICE, latest=latest,
        alert_decision=decision, members=members,
    )  # fmt: skip


def _alert(hit: Match, story: Story) -> Alert:
    assert story.latest is not None
    return Alert(
        alert_id=ids.alert_id(hit.theme_id, story.story_id), revision=1 if story.revision == 1 else 2,
        state=AlertState.OPENED if story.revision == 1 else AlertState.UPDATED, reason=story.alert_decision, severity=Severity.NOTICE,
        theme_id=hit.theme_id, theme_label=hit.theme_label, story_id=story.story_id, story_title=story.title,
        event_count=1, event=story.event, origin=hit.article.origin, title=hit.article.title,
        score=hit.score, threshold=hit.threshold, theme_version="1", generation="g1", evidence=hit.evidence,
        article_count=story.article_count, source_count=story.source_count, outlet_count=story.outlet_count,
        articles=(story.latest, *story.members[:-1]), lead=hit.article.lead, opened_at=story.opened_at, raised_at=hit.matched_at,
    )  # fmt: skip
