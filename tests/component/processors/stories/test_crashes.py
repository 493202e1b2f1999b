"""A worker killed at any moment, and its successor, leave what one undisturbed worker would have left."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st
from support.reports import START, match_of, reports

from newsmon.codec import decode, encode
from newsmon.records import Match, Origin, Severity, StoryState
from processors.stories.closing import Bounds
from processors.stories.grouping import Grouping

_ROWS = reports("tune")[:40]
_BOUNDS = Bounds(max_stories=6, max_members=18)


@dataclass
class Broker:
    """What outlives a worker: the compacted state topic, the outputs, the committed offset."""

    states: dict[str, bytes] = field(default_factory=dict)
    outputs: dict[tuple[str, str, int], bytes] = field(default_factory=dict)
    committed: int = 0
    contradictions: set[tuple[str, str, int]] = field(default_factory=set)

    def emit(self, kind: str, record_id: str, revision: int, raw: bytes) -> None:
        if self.outputs.setdefault((kind, record_id, revision), raw) != raw:
            self.contradictions.add((kind, record_id, revision))


class _KilledError(Exception):
    pass


def _parts(broker: Broker, log: list[Match], steps: list[int], shuffle: random.Random, bounds: Bounds) -> None:
    """Run one worker over the log from the committed offset; it dies after `steps[0]` effects (and that step is used up)."""
    left = steps.pop(0) if steps else None

    def effect() -> None:
        nonlocal left
        if left is not None:
            left -= 1
            if left < 0:
                raise _KilledError

    grouping = Grouping(bounds=bounds)
    found = [decode(raw, StoryState) for raw in broker.states.values()]
    shuffle.shuffle(found)
    grouping.restore(found)
    for offset in range(broker.committed, len(log)):
        state = grouping.decide(log[offset], source_offset=offset)
        effect()
        broker.states[state.match_id] = encode(state)
        for story in (*state.closed, state.story):
            effect()
            broker.emit("story", story.story_id, story.revision, encode(story))
        for alert in (*state.closed_alerts, *((state.alert,) if state.alert is not None else ())):
            effect()
            broker.emit("alert", alert.alert_id, alert.revision, encode(alert))
        for match_id in grouping.apply(state):
            effect()
            broker.states.pop(match_id, None)
        assert len(grouping) <= 2 * bounds.max_members  # two themes
        assert grouping.story_count() <= 2 * bounds.max_stories
        effect()
        broker.committed = offset + 1


def _run(log: list[Match], deaths: list[int], seed: int, bounds: Bounds = _BOUNDS) -> Broker:
    broker = Broker()
    steps, shuffle = list(deaths), random.Random(seed)
    while True:
        try:
            _parts(broker, log, steps, shuffle, bounds)
        except _KilledError:
            continue
        return broker


_Event = tuple[int, int, float, Origin, Severity, str, str | None]
_EVENTS = st.tuples(
    st.integers(0, len(_ROWS) - 1),  # which report
    st.integers(0, 2),  # which article of that text
    st.sampled_from([-0.2, 0.0, 0.1, 1.0, 20.0, 80.0]),  # hours since the match before
    st.sampled_from([Origin.LIVE, Origin.LIVE, Origin.BACKFILL]),
    st.sampled_from(list(Severity)),
    st.sampled_from(["ukraine-peacekeeping", "us-trade"]),
    st.sampled_from([None, None, "A revised text about soldiers, tariffs and talks in several towns of the east."]),
)


def _log(events: list[_Event]) -> list[Match]:
    """Return the match log; a record comes again as it was, or, days later, as another feed's sight of the same article."""
    log: list[Match] = []
    at = START
    for row, number, hours, origin, severity, theme_id, text in events:
        at += timedelta(hours=hours)
        match = match_of(
            _ROWS[row], number=number, matched_at=at, published_at=START, origin=origin, severity=severity, theme_id=theme_id, text=text,
            source=f"Outlet {row % 5}",
        )  # fmt: skip
        recent = (known for known in log if known.match_id == match.match_id and at - known.matched_at < timedelta(hours=24))
        log.append(next(recent, match))
    return log


@settings(max_examples=50, deadline=None)
@given(st.lists(_EVENTS, min_size=1, max_size=25), st.lists(st.integers(0, 30), max_size=12), st.integers(0, 99))
def test_crashes_and_redeliveries_change_neither_states_nor_alerts(events: list[_Event], deaths: list[int], seed: int) -> None:
    log = _log(events)
    undisturbed = _run(log, [], 0)
    disturbed = _run(log, deaths, seed)
    assert disturbed.contradictions == undisturbed.contradictions  # only of articles seen again after their story was given up
    assert disturbed.states == undisturbed.states
    assert disturbed.outputs == undisturbed.outputs


@settings(max_examples=25, deadline=None)
@given(st.lists(_EVENTS, min_size=1, max_size=30))
def test_no_id_and_revision_is_ever_given_to_two_different_records(events: list[_Event]) -> None:
    assert not _run(_log(events), [], 0, Bounds()).contradictions


@settings(max_examples=40, deadline=None)
@given(st.lists(_EVENTS, min_size=2, max_size=25), st.integers(0, 25), st.integers(0, 99))
def test_a_grouping_restored_in_any_order_goes_on_as_if_it_had_never_stopped(events: list[_Event], cut: int, seed: int) -> None:
    log = _log(events)
    lasting, restored = Grouping(bounds=_BOUNDS), Grouping(bounds=_BOUNDS)
    for offset, match in enumerate(log[:cut]):
        lasting.apply(lasting.decide(match, source_offset=offset))
    states = lasting.states()
    random.Random(seed).shuffle(states)
    restored.restore(states)
    assert restored.states() == lasting.states()
    decided = {state.match_id for state in states}
    for offset, match in enumerate(log[cut:], start=cut):
        expected = lasting.decide(match, source_offset=offset)
        assert encode(restored.decide(match, source_offset=offset)) == encode(expected)
        forgotten = restored.apply(expected), lasting.apply(expected)
        assert forgotten[0] == forgotten[1] or match.match_id in decided  # what is off the topic already need not be taken off again


@settings(max_examples=30, deadline=None)
@given(st.lists(_EVENTS, min_size=1, max_size=40))
def test_every_match_has_one_relation_and_counts_add_up(events: list[_Event]) -> None:
    grouping = Grouping()
    seen: dict[str, StoryState] = {}
    for offset, match in enumerate(_log(events)):
        state = grouping.decide(match, source_offset=offset)
        grouping.apply(state)
        seen.setdefault(state.match_id, state)
        assert state.story.source_count <= state.story.outlet_count <= state.story.article_count
        assert state.story.copy_count < state.story.article_count
        assert (state.copy_of is not None) == (state.relation.value == "copy")
        assert (state.alert is not None) == (state.story.alert_decision.value in _RAISING)


_RAISING = {"new_story", "first_fresh_report", "more_sources", "severity_raised", "revised_text"}
