"""The severity of stories in a grouping: it never falls, and every alert of a rise has its reason."""

from __future__ import annotations

import random
from datetime import timedelta

import msgspec
import pytest
from support.reports import START, match_of

from newsmon.records import AlertReason, AlertState, Match, Origin, Relation, Severity, SeverityReason, SeverityStep, StoryState
from newsmon.records.outcomes import RANK
from processors.alerts.decision import AlertPolicy
from processors.stories.grouping import Grouping

from .test_alerting import _WORDINGS, REPORT

NOTICE, URGENT, FLASH = Severity.NOTICE, Severity.URGENT, Severity.FLASH
WAITS = SeverityStep(severity=FLASH, min_sources=None)


def step(severity: Severity, sources: int | None) -> SeverityStep:
    return SeverityStep(severity=severity, min_sources=sources)


def _report(number: int, chance: random.Random) -> Match:
    """A report on the one development, or a copy of one, of any severity and origin."""
    wording = chance.randrange(len(_WORDINGS))
    severity = chance.choices((NOTICE, URGENT, FLASH), (8, 2, 1))[0]
    steps = tuple(
        step(level, chance.choice((None, 2, 3, 5))) for level in (URGENT, FLASH) if RANK[level] > RANK[severity] and chance.random() < 0.3
    )
    match = match_of(
        REPORT, number=number if chance.random() < 0.8 else 0, source=f"Outlet {chance.randrange(9)}", text=_WORDINGS[wording],
        matched_at=START + timedelta(minutes=7 * number), severity=severity, clauses=chance.choice((("force",), ("force", "mandate"))),
        origin=chance.choices((Origin.LIVE, Origin.BACKFILL), (5, 1))[0],
    )  # fmt: skip
    return msgspec.structs.replace(match, severity_steps=steps, article=msgspec.structs.replace(match.article, tier=chance.randrange(1, 5)))


def _material(before: StoryState | None, state: StoryState, last_sources: int) -> bool:
    alert = state.alert
    assert alert is not None
    if alert.reason is AlertReason.SEVERITY_RAISED:
        return before is not None and RANK[alert.severity] > RANK[before.story.severity]
    if alert.reason is AlertReason.MORE_SOURCES:
        return any(last_sources < count <= alert.source_count for count in AlertPolicy().update_at_sources)
    if alert.reason is AlertReason.REVISED_TEXT:
        return state.relation is Relation.UPDATE
    return alert.state is AlertState.OPENED


@pytest.mark.parametrize("seed", range(40))
def test_severity_never_falls_and_no_update_comes_without_a_material_change(seed: int) -> None:
    chance = random.Random(seed)
    grouping, replayed = Grouping(), Grouping()
    newest: dict[str, StoryState] = {}
    alerted: dict[str, StoryState] = {}
    for number in range(40):
        state = grouping.decide(_report(number, chance), source_offset=number)
        if state.source_offset != number:
            continue  # the same text of the same article again: what was decided is repeated
        grouping.apply(state)
        before = newest.get(state.story_id)
        if before is not None:
            assert RANK[state.story.severity] >= RANK[before.story.severity]
            if state.story.severity is not before.story.severity:  # whoever was alerted before hears of every rise at once
                assert state.alert is not None
                assert state.story.severity_reason in SeverityReason
            else:
                assert state.story.severity_reason is before.story.severity_reason
        last = alerted.get(state.story_id)
        if state.alert is not None:
            assert (state.alert.severity, state.alert.severity_reason) == (state.story.severity, state.story.severity_reason)
            assert _material(before, state, 0 if last is None or last.alert is None else last.alert.source_count), state.alert.reason
            alerted[state.story_id] = state
        newest[state.story_id] = state
    replayed.restore(grouping.states())
    probe = _report(99, chance)
    assert replayed.decide(probe, source_offset=99) == grouping.decide(probe, source_offset=99)


def test_backfill_confirms_nothing() -> None:
    live = [match_of(REPORT, number=n, source=f"Outlet {n}", text=_WORDINGS[n], severity=URGENT) for n in range(2)]
    live = [msgspec.structs.replace(one, severity_steps=(WAITS,)) for one in live]
    old = [match_of(REPORT, number=n, source=f"Outlet {n}", text=_WORDINGS[n], origin=Origin.BACKFILL) for n in range(2, 8)]
    grouping = Grouping()
    for offset, match in enumerate((*live, *old)):
        state = grouping.decide(match, source_offset=offset)
        grouping.apply(state)
    assert (state.story.severity, state.story.source_count) == (URGENT, 8)
