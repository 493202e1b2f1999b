"""An alert opens, is updated, or is withheld for one of the listed reasons."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest
from support.reports import START, Report, match_of

from newsmon.records import AlertReason, AlertState, DateQuality, Match, Origin, Severity, StoryState
from processors.alerts.decision import AlertPolicy, refusal_of
from processors.stories.grouping import Grouping

REPORT = Report("force", "force", "t", "en", "Harbour Wire", "Nine states agree on truce force for Ukraine", "Ministers met in Lviv.", "")


def _article(match: Match, **changes: object) -> Match:
    return msgspec.structs.replace(match, article=msgspec.structs.replace(match.article, **changes))


def _told(grouping: Grouping, *matches: Match) -> list[StoryState]:
    states = []
    for offset, match in enumerate(matches, start=len(grouping)):
        states.append(grouping.decide(match, source_offset=offset))
        grouping.apply(states[-1])
    return states


_WORDINGS = (
    "Defence chiefs of nine states settled the truce force for Ukraine after a night of talks in Lviv.",
    "A castle in Lviv saw nine states put their names to a force guarding a truce in Ukraine.",
    "Nine states want soldiers along the line once Ukraine has a truce, it emerged in Lviv.",
    "What began as a dinner in Lviv ended with nine states and one truce force for Ukraine.",
    "Engineers first, infantry later: nine states outline in Lviv how Ukraine's truce shall be watched.",
    "The paper signed at Lviv binds nine states to guard Ukraine the day a truce holds.",
    "Lviv hosted the ceremony at which nine states gave Ukraine's truce a force of its own.",
    "Nobody left the Lviv hall before nine states had agreed who guards Ukraine's truce.",
    "Applause in Lviv as the ninth of nine states joins the force for Ukraine's truce.",
    "Critics call the force of nine states for Ukraine's truce too small; Lviv celebrates anyway.",
    "Maps covered the tables in Lviv when nine states carved up the truce duty in Ukraine.",
    "Ukraine thanked the nine states in Lviv for a truce force it had long asked for.",
)


def _by_outlet(number: int, **changes: object) -> Match:
    """The same development in another outlet's words."""
    at = START + timedelta(minutes=10 * number)
    return match_of(REPORT, number=number, source=f"Outlet {number}", text=_WORDINGS[number], matched_at=at, **changes)  # type: ignore[arg-type]


def test_a_fresh_live_report_opens_an_alert_that_explains_itself() -> None:
    match = match_of(REPORT, severity=Severity.URGENT)
    (state,) = _told(Grouping(), match)
    alert = state.alert
    assert alert is not None
    assert (alert.state, alert.reason, alert.revision, alert.severity) == (AlertState.OPENED, AlertReason.NEW_STORY, 1, Severity.URGENT)
    assert (alert.opened_at, alert.raised_at) == (match.matched_at, match.matched_at)
    assert alert.evidence == match.evidence
    assert alert.also_matched == match.also_matched
    assert [member.match_id for member in alert.articles] == [match.match_id]
    assert state.story.alert_decision is AlertReason.NEW_STORY


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"origin": Origin.BACKFILL}, AlertReason.NOT_LIVE),
        ({"origin": Origin.REPLAY}, AlertReason.NOT_LIVE),
        ({"reidentified": True}, AlertReason.REIDENTIFIED),
        ({"published_at": START - timedelta(hours=49)}, AlertReason.STALE),
        ({"published_at": None, "baseline": True}, AlertReason.UNDATED_BASELINE),
        ({"published_at": None}, None),
        ({"published_at": None, "date_quality": DateQuality.FUTURE}, AlertReason.STALE),
        ({"published_at": None, "date_quality": DateQuality.UNREADABLE}, None),
        ({"published_at": START - timedelta(hours=47), "baseline": True}, None),
        ({"published_at": START + timedelta(hours=1)}, None),
    ],
)
def test_what_may_not_notify_says_why(changes: dict[str, object], reason: AlertReason | None) -> None:
    match = _article(match_of(REPORT), **changes)
    assert refusal_of(match, AlertPolicy()) is reason
    (state,) = _told(Grouping(), match)
    assert (state.alert is None) == (reason is not None)
    assert state.story.alert_decision is (reason or AlertReason.NEW_STORY)


def test_a_story_that_began_with_backfill_alerts_with_its_first_fresh_report() -> None:
    first, second = _told(Grouping(), _article(_by_outlet(0), origin=Origin.BACKFILL), _by_outlet(1))
    assert first.alert is None
    assert second.alert is not None
    assert (second.alert.reason, second.alert.revision) == (AlertReason.FIRST_FRESH_REPORT, 1)


def test_updates_come_at_five_independent_sources_and_eight_make_it_urgent() -> None:
    states = _told(Grouping(), *(_by_outlet(number) for number in range(12)))
    assert {state.event_id for state in states} == {states[0].event_id}
    raised = {state.story.source_count: state.alert.reason for state in states if state.alert is not None}
    assert raised == {1: AlertReason.NEW_STORY, 5: AlertReason.MORE_SOURCES, 8: AlertReason.SEVERITY_RAISED}
    assert [state.alert.revision for state in states if state.alert is not None] == [1, 2, 3]
    assert states[-1].story.severity is Severity.URGENT


def test_an_outlet_counts_once_however_much_it_writes() -> None:
    states = _told(Grouping(), *(_article(_by_outlet(number), source="One Outlet") for number in range(6)))
    assert {state.story.source_count for state in states} == {1}
    assert [state.alert is not None for state in states] == [True] + [False] * 5


def test_copies_alert_nobody_but_raise_the_outlet_count() -> None:
    states = _told(Grouping(), *(match_of(REPORT, number=number, source=f"Outlet {number}") for number in range(6)))
    assert [state.story.alert_decision for state in states[1:]] == [AlertReason.COPY_OF_MEMBER] * 5
    assert all(state.alert is None for state in states[1:])
    assert {state.copy_of for state in states[1:]} == {states[0].article_id}
    last = states[-1].story
    assert (last.source_count, last.outlet_count, last.copy_count, last.article_count) == (1, 6, 5, 6)


def test_a_higher_severity_updates_the_alert_and_a_lower_one_never_lowers_it() -> None:
    states = _told(Grouping(), _by_outlet(0), _by_outlet(1, severity=Severity.FLASH), _by_outlet(2))
    assert states[1].alert is not None
    assert (states[1].alert.reason, states[1].alert.severity) == (AlertReason.SEVERITY_RAISED, Severity.FLASH)
    assert states[2].story.severity is Severity.FLASH
    assert states[2].alert is None


@pytest.mark.parametrize(("clauses", "alerts"), [(("force", "mandate"), True), (("force",), False)])
def test_a_revised_text_alerts_again_only_with_other_evidence(clauses: tuple[str, ...], alerts: bool) -> None:
    first = match_of(REPORT)
    revised = match_of(REPORT, text="Ministers met in Lviv and set a mandate.", clauses=clauses, matched_at=START + timedelta(hours=1))
    states = _told(Grouping(), first, revised)
    assert (states[1].relation.value, states[1].story_id) == ("update", states[0].story_id)
    assert (states[1].alert is not None) == alerts
    assert states[1].story.alert_decision is (AlertReason.REVISED_TEXT if alerts else AlertReason.NO_MATERIAL_CHANGE)
    assert (states[1].story.article_count, states[1].story.source_count) == (1, 1)


def test_backfill_never_updates_an_alert() -> None:
    fresh = [_by_outlet(0), _by_outlet(1)]
    old = [_article(_by_outlet(number), origin=Origin.BACKFILL) for number in range(2, 7)]
    assert [state.alert is not None for state in _told(Grouping(), *fresh, *old)] == [True] + [False] * 6


def test_the_operator_sets_age_and_steps() -> None:
    grouping = Grouping(policy=AlertPolicy(max_age=timedelta(hours=1), update_at_sources=(2,)))
    states = _told(grouping, _by_outlet(0), _by_outlet(1), _by_outlet(2))
    assert [state.alert is not None for state in states] == [True, True, False]
    stale = match_of(REPORT, number=9, published_at=START - timedelta(hours=2))
    assert refusal_of(stale, AlertPolicy(max_age=timedelta(hours=1))) is AlertReason.STALE
