"""What a match on an event is told for: pure decisions on records."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from support.samples import article, every_record, match

from newsmon.records import Alert, AlertReason, AlertState, Match, Origin, Relation, Severity, Story, TextSource
from processors.alerts.decision import AlertDecision, AlertPolicy, News, Told, closing_alert, decide_alert, told_after

STORY: Story = next(record for record in every_record() if isinstance(record, Story))
LAST: Alert = next(record for record in every_record() if isinstance(record, Alert))
MATCH: Match = match(article(number=2, title="Parliament sets a date for the force"))
TOLD_ONCE = Told(Severity.NOTICE, 1)


def decided(
    relation: Relation, told: Told | None = TOLD_ONCE, last: Alert | None = LAST, *, hit: Match = MATCH, **changes: Any
) -> AlertDecision:
    """The decision on `hit`; `changes` are of its event, or of the news it brings."""
    assert STORY.event is not None
    assert STORY.latest is not None
    news = {name: changes.pop(name) for name in ("evidence_changed", "facts", "is_sure") if name in changes}
    event = msgspec.structs.replace(STORY.event, **changes)
    latest = msgspec.structs.replace(STORY.latest, match_id=hit.match_id, article_id=hit.article.article_id, title=hit.article.title)
    story = msgspec.structs.replace(STORY, event=event, latest=latest, members=(STORY.latest, latest))
    return decide_alert(hit, News(relation, **news), story=story, told=told, last=last, policy=AlertPolicy())


def test_the_first_fresh_report_opens_the_alert() -> None:
    opened = decided(Relation.OPENED, told=None, last=None)
    assert (opened.reason, opened.alert and opened.alert.state) == (AlertReason.NEW_STORY, AlertState.OPENED)
    late = decided(Relation.JOINED, told=None, last=None)
    assert (late.reason, late.alert and late.alert.revision) == (AlertReason.FIRST_FRESH_REPORT, 1)


@pytest.mark.parametrize("relation", [Relation.CONTINUED, Relation.JOINED, Relation.COPY, Relation.UPDATE])
def test_an_event_that_was_never_told_is_told_under_its_own_headline_whatever_brings_it(relation: Relation) -> None:
    decision = decided(relation, told=None)
    assert decision.reason is AlertReason.NEW_DEVELOPMENT
    assert decision.alert is not None
    assert (decision.alert.alert_id, decision.alert.revision, decision.alert.state) == (LAST.alert_id, 2, AlertState.UPDATED)
    assert decision.alert.title == MATCH.article.title


def test_a_message_is_of_one_piece() -> None:
    alert = decided(Relation.CONTINUED, told=None).alert
    assert alert is not None
    first = alert.articles[0]
    assert (alert.title, alert.lead, alert.evidence, alert.score) == (first.title, MATCH.article.lead, MATCH.evidence, MATCH.score)
    assert (first.article_id, first.match_id) == (MATCH.article.article_id, MATCH.match_id)
    assert all(getattr(MATCH.article, one.field)[one.start : one.end] == one.text for one in alert.evidence)
    assert alert.story_title == STORY.title


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({}, AlertReason.NO_MATERIAL_CHANGE),
        ({"source_count": 4}, AlertReason.NO_MATERIAL_CHANGE),
        ({"source_count": 5}, AlertReason.MORE_SOURCES),
        ({"severity": Severity.URGENT}, AlertReason.SEVERITY_RAISED),
        ({"severity": Severity.URGENT, "source_count": 5, "facts": ("42 %",)}, AlertReason.SEVERITY_RAISED),
        ({"facts": ("42 %",)}, AlertReason.NEW_FACTS),
    ],
)
def test_a_told_event_is_told_again_only_for_what_is_material(changes: dict[str, Any], reason: AlertReason) -> None:
    decision = decided(Relation.JOINED, **changes)
    assert decision.reason is reason
    assert (decision.alert is None) == (reason is AlertReason.NO_MATERIAL_CHANGE)
    if decision.alert is not None:
        assert decision.alert.new_facts == (changes["facts"] if reason is AlertReason.NEW_FACTS else ())


def test_the_severity_and_the_sources_are_those_of_the_event_not_of_the_story() -> None:
    grave = msgspec.structs.replace(LAST, severity=Severity.FLASH, source_count=40)
    alert = decided(Relation.CONTINUED, told=None, last=grave).alert
    assert alert is not None
    assert (alert.severity, alert.event and alert.event.source_count) == (Severity.NOTICE, 1)
    assert decided(Relation.JOINED, last=grave, severity=Severity.URGENT).reason is AlertReason.SEVERITY_RAISED


def test_a_step_of_sources_is_told_once() -> None:
    decision = decided(Relation.JOINED, source_count=6)
    assert decision.reason is AlertReason.MORE_SOURCES
    assert told_after(TOLD_ONCE, decision) == Told(Severity.NOTICE, 6)
    assert decided(Relation.JOINED, told=told_after(TOLD_ONCE, decision), source_count=7).alert is None


def test_what_is_not_told_leaves_the_event_as_it_was_told() -> None:
    assert told_after(TOLD_ONCE, decided(Relation.JOINED)) == TOLD_ONCE
    assert told_after(None, decided(Relation.JOINED, hit=_with(origin=Origin.BACKFILL), told=None)) is None


def test_a_copy_of_a_told_event_alerts_nobody_unless_its_headline_says_what_no_told_text_says() -> None:
    assert decided(Relation.COPY, source_count=5, severity=Severity.URGENT).reason is AlertReason.COPY_OF_MEMBER
    assert decided(Relation.COPY, facts=("Thalassa Dawn",)).reason is AlertReason.NEW_FACTS


@pytest.mark.parametrize("changes", [{"facts": ("42 %",)}, {"source_count": 5}, {"evidence_changed": True}])
def test_what_may_report_another_event_is_told_as_grave_as_its_own_words(changes: dict[str, Any]) -> None:
    relation = Relation.UPDATE if "evidence_changed" in changes else Relation.JOINED
    told = Told(Severity.URGENT, 1)
    alert = decided(relation, told, severity=Severity.URGENT, is_sure=False, **changes).alert
    assert (MATCH.severity, alert and alert.severity) == (Severity.NOTICE, Severity.NOTICE)
    sure = decided(relation, told, severity=Severity.URGENT, **changes).alert
    assert sure is not None
    assert sure.severity is Severity.URGENT


def test_a_revision_counts_when_its_feed_shows_other_evidence_and_not_when_its_page_has_more_text() -> None:
    assert decided(Relation.UPDATE, evidence_changed=True).reason is AlertReason.REVISED_TEXT
    page = _with(text_source=TextSource.PAGE)
    assert decided(Relation.UPDATE, hit=page, evidence_changed=True).reason is AlertReason.NO_MATERIAL_CHANGE


def test_an_event_that_a_correction_moved_opens_an_alert_only_for_something_new() -> None:
    assert decided(Relation.JOINED, last=None).alert is None
    opened = decided(Relation.JOINED, last=None, facts=("42 %",)).alert
    assert opened is not None
    assert (opened.state, opened.revision) == (AlertState.OPENED, 1)


def test_the_end_of_a_story_keeps_the_last_message_in_one_piece() -> None:
    last = decided(Relation.CONTINUED, told=None).alert
    assert last is not None
    ended = closing_alert(last, STORY, at=STORY.updated_at)
    assert (ended.title, ended.evidence, ended.event) == (last.title, last.evidence, None)
    assert ended.articles[0] == last.articles[0]


def _with(**changes: Any) -> Match:
    return msgspec.structs.replace(MATCH, article=msgspec.structs.replace(MATCH.article, **changes))
