"""A story holds events: what joins one, what continues the story, what is counted for which, and that a restart changes nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import cache

import msgspec
import pytest
from support.reports import START, STORIES, Report, match_of

from newsmon import ids
from newsmon.codec import decode, encode
from newsmon.records import AlertReason, AlertState, Match, Relation, Severity, SeverityStep, StoryRules, StoryState, Traits
from processors.features.of_article import features_of
from processors.features.sketch import sketch_of
from processors.likeness.traits import with_traits
from processors.stories.closing import Bounds
from processors.stories.facts import SURE
from processors.stories.grouping import Grouping

SHIPS = tuple(json.loads(line) for line in (STORIES / "series-ships.jsonl").read_text("utf-8").splitlines())


@cache
def ships() -> tuple[Match, ...]:
    """The written series as live matches, in the order first seen."""
    made = []
    for item in sorted(SHIPS, key=lambda item: item["first_seen_at"]):
        report = Report(item["id"], item["event"], "", item["lang"], item["source"], item["title"], item["text"], "")
        at = datetime.fromisoformat(item["first_seen_at"])
        made.append(with_traits([match_of(report, matched_at=at, published_at=datetime.fromisoformat(item["published_at"]))])[0])
    return tuple(made)


def folded(grouping: Grouping, matches: Iterator[Match] | tuple[Match, ...] | list[Match], first: int = 0) -> list[StoryState]:
    states = []
    for offset, match in enumerate(matches, start=first):
        states.append(grouping.decide(match, source_offset=offset))
        grouping.apply(states[-1])
    return states


def plain(number: int, title: str, text: str, *, at: datetime = START, tier: int = 2, **changes: object) -> Match:
    """A match without vectors, so that a thousand are made in no time."""
    report = Report(f"r{number}", "", "", "en", f"Outlet {number}", title, text, "")
    match = match_of(report, number=number, matched_at=at)
    article = msgspec.structs.replace(match.article, tier=tier)
    traits = Traits(features=features_of(title, text, "en").flat(), digest=sketch_of(title, "", text).text(), rarity={})
    return msgspec.structs.replace(match, article=article, traits=traits, **changes)


LEFT = (
    "Tanker Thalassa Dawn hit off Hodeidah",
    "Two missiles struck the tanker Thalassa Dawn 60 miles south-west of Hodeidah, Captain Orsolo said.",
)
RIGHT = (
    "Thalassa Dawn: missiles strike vessel",
    "Brokers in Piraeus heard from Captain Orsolo, whose Thalassa Dawn was struck by missiles; Hodeidah lies 60 miles away.",
)


@pytest.mark.parametrize("seed", [0, 10, 1_000])
def test_the_verdict_on_two_reports_is_the_same_however_many_others_are_live(seed: int) -> None:
    grouping = Grouping(bounds=Bounds(max_stories=5_000))
    others = [
        plain(100 + number, f"Mill {_name(number)} burns", f"{_name(number)} of {_name(number + 3000)} said so.") for number in range(seed)
    ]
    folded(grouping, others)
    first, second = folded(grouping, [plain(1, *LEFT), plain(2, *RIGHT, at=START + timedelta(minutes=26))], first=seed)
    assert (first.relation, second.relation) == (Relation.OPENED, Relation.JOINED)
    alone = folded(Grouping(), [plain(1, *LEFT), plain(2, *RIGHT, at=START + timedelta(minutes=26))])
    assert second.story.latest == alone[1].story.latest


def _name(number: int) -> str:
    return "".join("bdfgklmnprstvz"[number // 14**step % 14] + "aeiou"[number // 5**step % 5] for step in range(4)).title()


def test_a_successor_that_rebuilds_its_memory_anywhere_decides_every_match_the_same() -> None:
    grouping = Grouping()
    whole = [encode(state) for state in folded(grouping, ships())]
    for place in range(3, len(whole), 13):
        before = Grouping()
        folded(before, ships()[:place])
        successor = Grouping()
        successor.restore([decode(encode(state), StoryState) for state in before.states() if isinstance(state, StoryState)])
        assert [encode(state) for state in folded(successor, ships()[place:], first=place)] == whole[place:]


def test_every_member_is_in_one_event_and_every_event_in_one_story() -> None:
    states = folded(Grouping(), ships())
    story_of: dict[str, str] = {}
    for state in states:
        assert story_of.setdefault(state.event_id, state.story_id) == state.story_id
        assert state.story.event is not None
        assert state.story.latest is not None
        assert state.story.event.event_id == state.story.latest.event_id == state.event_id
        is_first = state.relation in (Relation.OPENED, Relation.CONTINUED)
        assert (state.story.event.article_count == 1) == is_first
    first = states[0]
    assert first.event_id == ids.event_id(first.story_id)


def test_no_incident_of_a_narrow_series_is_swallowed() -> None:
    told = set()
    events = {item["id"]: item["event"] for item in SHIPS}
    by_article = {
        match.article.article_id: item["id"]
        for match, item in zip(ships(), sorted(SHIPS, key=lambda one: one["first_seen_at"]), strict=True)
    }
    for state in folded(Grouping(), ships()):
        if state.alert is not None:
            told.add(events[by_article[state.alert.articles[0].article_id]])
    assert len(set(events.values()) - told) <= 1


def test_a_further_event_is_an_update_of_the_alert_under_its_own_headline() -> None:
    alerts = [state.alert for state in folded(Grouping(), ships()) if state.alert is not None]
    further = [alert for alert in alerts if alert.reason is AlertReason.NEW_DEVELOPMENT]
    assert further
    for alert in further:
        assert (alert.state, alert.title) == (AlertState.UPDATED, alert.articles[0].title)
        assert alert.event is not None
        assert alert.event.title == alert.title
        assert alert.event_count > 1


def test_an_outlet_that_nobody_has_ranked_and_a_copy_confirm_nothing() -> None:
    at = [START + timedelta(minutes=number) for number in range(4)]
    states = folded(Grouping(), [
        plain(1, *LEFT), plain(2, *RIGHT, at=at[1], tier=4), plain(3, *LEFT, at=at[2]), plain(4, *RIGHT, at=at[3], tier=4),
    ])  # fmt: skip
    assert len({state.event_id for state in states}) == 1
    assert [(state.story.event and state.story.event.source_count, state.story.outlet_count) for state in states] == [
        (1, 1),
        (1, 2),
        (1, 3),
        (1, 4),
    ]


def test_reports_of_another_event_of_the_story_make_this_one_no_more_urgent() -> None:
    states = folded(Grouping(), [msgspec.structs.replace(match, severity=Severity.NOTICE) for match in ships()])
    for state in states:
        assert state.story.event is not None
        others = state.story.source_count - state.story.event.source_count
        assert state.story.event.severity is Severity.NOTICE or state.story.event.source_count >= 3, others


def doubtful_after_two(*, tier: int = 2, steps: tuple[SeverityStep, ...] = (), revised: bool = False) -> list[StoryState]:
    """An event of two sources of a tier, a report that joins it doubtfully, waiting for `steps`, and perhaps a revision of that one."""
    third = (
        "Burning ship adrift",
        "The owners lost contact for an hour; smoke rose and Captain Orsolo asked for tugs from Hodeidah.",
    )
    matches = [
        plain(1, *LEFT, tier=tier), plain(2, *RIGHT, at=START + timedelta(minutes=20), tier=tier),
        plain(3, *third, at=START + timedelta(minutes=50), tier=tier, severity_steps=steps),
    ]  # fmt: skip
    if revised:
        again = plain(3, third[0], f"{third[1]} Nobody was hurt.", at=START + timedelta(minutes=60), tier=tier)
        matches.append(again)
    return folded(Grouping(), matches)


def test_what_joins_doubtfully_is_confirmed_by_no_report_of_the_event_and_confirms_nothing_when_it_is_revised() -> None:
    waiting = doubtful_after_two(steps=(SeverityStep(severity=Severity.URGENT, min_sources=2),))
    revised = doubtful_after_two(tier=1, revised=True)
    for states in (waiting, revised):
        assert len({state.event_id for state in states}) == 1
        likeness = states[2].story.latest and states[2].story.latest.likeness
        assert states[2].relation is Relation.JOINED
        assert likeness is not None
        assert 0 <= likeness.event_score < SURE
        event = states[-1].story.event
        assert event is not None
        assert (event.severity, event.source_count) == (Severity.NOTICE, 2)


def test_a_theme_says_how_long_its_stories_run() -> None:
    grouping = Grouping()
    short = StoryRules(idle_s=3600.0)
    (first,) = folded(grouping, [plain(1, *LEFT, stories=short)])
    later = plain(2, "Budget talks resume in Riga", "Ministers met.", at=START + timedelta(minutes=61))
    restored = Grouping()
    restored.restore(grouping.states())
    for one in (grouping, restored):
        state = one.decide(later, source_offset=1)
        assert [story.story_id for story in state.closed] == [first.story_id]
        assert state.closed[0].closed_at == START + timedelta(hours=1)


def test_a_theme_says_how_separate_its_events_are() -> None:
    far = StoryRules(separate=20.0)
    second = folded(Grouping(), [plain(1, *LEFT, stories=far), plain(2, *RIGHT, at=START + timedelta(minutes=5), stories=far)])[1]
    assert second.relation is Relation.OPENED
