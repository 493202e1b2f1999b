"""A grouping opens, closes and forgets stories by event time alone, within its bounds."""

from __future__ import annotations

import json
from datetime import timedelta

import msgspec
from support.reports import START, match_of, reports

from newsmon import ids
from newsmon.codec import decode, encode
from newsmon.records import AlertReason, AlertState, Match, Relation, StoryState
from processors.stories import memory as story_memory
from processors.stories.closing import Bounds
from processors.stories.grouping import Grouping

ROWS = {report.id: report for report in reports("tune")}


def _take(grouping: Grouping, match: Match, offset: int) -> tuple[StoryState, tuple[str, ...]]:
    state = grouping.decide(match, source_offset=offset)
    return state, grouping.apply(state)


def _stream(count: int, *, hours: float = 0.0) -> list[Match]:
    """As many articles as asked for, all of them different stories."""
    return [
        match_of(
            ROWS["t-golan-0"], number=number, matched_at=START + timedelta(hours=hours * number), source=f"Outlet {number % 7}",
            text=f"{_word(number)} {_word(number + 1000)} met {_word(number + 2000)} near {_word(number + 3000)}.",
        )
        for number in range(count)
    ]  # fmt: skip


def _word(number: int) -> str:
    letters = "bdfgklmnprstvz"
    return "".join(
        (letters[(number * 7 + step * 3 + number // 14**step) % 14] + "aeiou"[(number // 5**step) % 5]) for step in range(4)
    ).title()


def _titled(match: Match, title: str) -> Match:
    return msgspec.structs.replace(match, article=msgspec.structs.replace(match.article, title=title))


def _strangers(count: int, *, hours: float = 0.0) -> list[Match]:
    return [_titled(match, f"{_word(5000 + number)} {_word(7000 + number)}") for number, match in enumerate(_stream(count, hours=hours))]


def test_the_first_member_names_the_story_and_the_next_ones_join() -> None:
    grouping = Grouping()
    first = match_of(ROWS["t-kharkiv-1"])
    states = [_take(grouping, match_of(ROWS[f"t-kharkiv-{number}"]), number)[0] for number in (1, 0, 2)]
    assert [state.relation for state in states] == [Relation.OPENED, Relation.JOINED, Relation.JOINED]
    assert {state.story_id for state in states} == {ids.story_id(first.theme_id, first.article.article_id)}
    last = states[-1].story
    assert (last.revision, last.article_count, last.source_count, last.languages) == (3, 3, 3, ("de", "en", "uk"))
    assert [member.article_id for member in last.members] == [state.article_id for state in states]
    assert last.title == first.article.title


def test_themes_do_not_mix_their_stories() -> None:
    grouping = Grouping()
    one = _take(grouping, match_of(ROWS["t-kharkiv-1"]), 0)[0]
    other = _take(grouping, match_of(ROWS["t-kharkiv-1"], theme_id="defence-spending"), 1)[0]
    assert other.relation is Relation.OPENED
    assert one.story_id != other.story_id


def test_a_copy_of_a_copy_names_the_original() -> None:
    grouping = Grouping()
    rows = [match_of(ROWS["t-steel50-0"], number=number, source=f"Outlet {number}") for number in range(3)]
    states = [_take(grouping, match, offset)[0] for offset, match in enumerate(rows)]
    assert [state.copy_of for state in states] == [None, states[0].article_id, states[0].article_id]


def test_a_known_match_gets_the_same_bytes_again() -> None:
    grouping = Grouping()
    match = match_of(ROWS["t-steel50-0"])
    state, _ = _take(grouping, match, 0)
    _take(grouping, match_of(ROWS["t-steel50-2"]), 1)
    assert encode(grouping.decide(match, source_offset=99)) == encode(state)
    restored = Grouping()
    restored.restore([decode(encode(kept), StoryState) for kept in grouping.states()])
    assert encode(restored.decide(match, source_offset=99)) == encode(state)


def test_deciding_changes_nothing() -> None:
    grouping = Grouping()
    matches = [match_of(ROWS[f"t-kharkiv-{number}"]) for number in range(3)]
    _take(grouping, matches[0], 0)
    before = [encode(grouping.decide(match, source_offset=1)) for match in matches]
    assert [encode(grouping.decide(match, source_offset=1)) for match in matches] == before
    assert (len(grouping), grouping.story_count()) == (1, 1)


def test_a_story_idle_for_72_hours_closes_with_its_alert_and_its_states_go() -> None:
    grouping = Grouping()
    first, _ = _take(grouping, match_of(ROWS["t-kharkiv-1"]), 0)
    second, _ = _take(grouping, match_of(ROWS["t-kharkiv-0"], matched_at=START + timedelta(hours=60)), 1)
    early, gone = _take(grouping, match_of(ROWS["t-golan-0"], matched_at=START + timedelta(hours=131), theme_id="us-trade"), 2)
    assert (early.closed, gone) == ((), ())
    late, gone = _take(grouping, match_of(ROWS["t-rhm-0"], matched_at=START + timedelta(hours=132), theme_id="us-trade"), 3)
    assert gone == (first.match_id, second.match_id)
    (story,), (alert,) = late.closed, late.closed_alerts
    assert (story.story_id, story.state, story.revision, story.latest) == (first.story_id, AlertState.CLOSED, 3, None)
    assert story.closed_at == START + timedelta(hours=132)
    assert (alert.state, alert.reason, alert.revision) == (AlertState.CLOSED, AlertReason.STORY_CLOSED, 2)
    assert grouping.story_count() == 2
    assert grouping.apply(late) == gone  # redelivered: the tombstones are written again


def test_an_article_on_a_closed_story_opens_a_new_one_with_another_id() -> None:
    grouping = Grouping()
    first, _ = _take(grouping, match_of(ROWS["t-kharkiv-1"]), 0)
    again, gone = _take(
        grouping, match_of(ROWS["t-kharkiv-1"], text="A revised text, much later.", matched_at=START + timedelta(days=9)), 1
    )
    assert gone == (first.match_id,)
    assert again.relation is Relation.OPENED
    assert again.story_id != first.story_id


def test_a_clock_that_was_thirty_days_ahead_keeps_no_story_open_for_longer() -> None:
    grouping = Grouping()
    ahead, _ = _take(grouping, match_of(ROWS["t-kharkiv-1"], matched_at=START + timedelta(days=30)), 0)
    other, _ = _take(grouping, match_of(ROWS["t-golan-0"], matched_at=START + timedelta(days=30, hours=1), theme_id="us-trade"), 1)
    right, _ = _take(grouping, match_of(ROWS["t-steel50-0"], matched_at=START), 2)
    restored = Grouping()
    restored.restore(grouping.states())
    for one in (grouping, restored):
        early = one.decide(match_of(ROWS["t-rhm-0"], matched_at=START + timedelta(hours=71)), source_offset=4)
        assert early.closed == ()
        late = one.decide(match_of(ROWS["t-rhm-0"], matched_at=START + timedelta(hours=75)), source_offset=4)
        assert {story.story_id for story in late.closed} == {ahead.story_id, other.story_id, right.story_id}
        assert all(story.closed_at <= START + timedelta(hours=75) for story in late.closed if story.closed_at is not None)


def test_time_running_backwards_closes_nothing() -> None:
    grouping = Grouping()
    _take(grouping, match_of(ROWS["t-kharkiv-1"], matched_at=START + timedelta(days=30)), 0)
    state, gone = _take(grouping, match_of(ROWS["t-golan-0"]), 1)
    assert (state.closed, gone) == ((), ())


def test_the_oldest_story_gives_way_at_the_bound_of_stories() -> None:
    grouping = Grouping(bounds=Bounds(max_stories=5))
    matches = _strangers(9, hours=0.1)
    results = [_take(grouping, match, offset) for offset, match in enumerate(matches)]
    assert all(state.relation is Relation.OPENED for state, _gone in results)
    assert grouping.story_count() == 5
    assert [gone for _state, gone in results[5:]] == [(match.match_id,) for match in matches[:4]]
    assert results[5][0].closed[0].state is AlertState.CLOSED


def test_the_bound_of_members_holds_whatever_comes() -> None:
    grouping = Grouping(bounds=Bounds(max_members=20))
    copies = [match_of(ROWS["t-steel50-0"], number=number, source=f"Outlet {number}") for number in range(8)]
    for offset, match in enumerate([*_strangers(30, hours=0.1), *copies, *_strangers(60, hours=0.1)[30:]]):
        _take(grouping, match, offset)
        assert len(grouping) <= 20


def test_a_huge_story_forgets_its_middle_but_not_its_counts() -> None:
    bound = story_memory.MEMBERS_PER_STORY
    grouping = Grouping()
    gone: list[str] = []
    count = bound + 25
    for number in range(count):
        state, forgotten = _take(grouping, match_of(ROWS["t-steel50-0"], number=number, source=f"Outlet {number}"), number)
        gone += forgotten
    assert len(grouping) == bound
    assert len(gone) == 25
    assert (state.story.outlet_count, state.story.copy_count, state.story.article_count) == (count, count - 1, count)
    assert len(state.story.members) == 10


def test_a_state_of_another_sketch_version_is_remembered_without_its_text() -> None:
    grouping = Grouping()
    state, _ = _take(grouping, match_of(ROWS["t-steel50-0"]), 0)
    restored = Grouping()
    restored.restore([msgspec.structs.replace(state, digest="0:AAAA")])
    later = restored.decide(match_of(ROWS["t-steel50-0"], number=1), source_offset=1)
    assert (later.relation, later.story_id) == (Relation.JOINED, state.story_id)


def test_a_state_of_version_2_becomes_a_story_with_one_event_that_later_reports_join() -> None:
    grouping = Grouping()
    told, _ = _take(grouping, match_of(ROWS["t-kharkiv-1"]), 0)
    raw = json.loads(encode(told))
    for name in ("event_id", "idle_s"):
        del raw[name]
    for name in ("event_sources", "event_outlets", "told"):
        raw["features"].pop(name, None)
    raw["record"] = "story-state/2"
    for story in (raw["story"],):
        story |= {"record": "story/1"}
        for name in ("event", "event_count"):
            del story[name]
        story["latest"] = _without_event(story["latest"])
        story["members"] = [_without_event(one) for one in story["members"]]
    alert = raw["alert"] | {"record": "alert/1", "articles": [_without_event(one) for one in raw["alert"]["articles"]]}
    raw["alert"] = {name: value for name, value in alert.items() if name not in ("event", "event_count", "story_title", "new_facts")}
    restored = Grouping()
    restored.restore([decode(json.dumps(raw).encode(), StoryState)])
    for number in (0, 2):
        later, _ = _take(restored, match_of(ROWS[f"t-kharkiv-{number}"]), number + 1)
        assert (later.story_id, later.event_id) == (told.story_id, told.event_id)
        assert later.story.alert_decision in (AlertReason.NO_MATERIAL_CHANGE, AlertReason.NEW_FACTS), "the event was told"
    assert later.story.event is not None
    assert (later.story.event_count, later.story.event.article_count) == (1, 3)


def _without_event(member: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in member.items() if name not in ("event_id", "likeness")}
