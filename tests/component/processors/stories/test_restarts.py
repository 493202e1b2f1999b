"""A restart at any place of a log with corrections, several themes and short stories changes nothing."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import timedelta
from functools import cache

import msgspec
import pytest
from support.reports import START, match_of, reports

from newsmon import ids
from newsmon.codec import decode, encode
from newsmon.records import Correction, CorrectionKind, GroupState, Match, Origin, Severity, StoryRules, StoryState, Traits
from processors.features.of_article import features_of
from processors.features.sketch import sketch_of
from processors.stories.closing import Bounds
from processors.stories.grouping import Grouping

_ROWS = reports("tune")[:30]
ON = (-0.2, 0.0, 0.1, 0.5, 1.0, 5.0, 20.0, 80.0)  # hours from one input to the next
BACK = (*ON, -5.0, -30.0)  # the clock was ahead, and is set right
_BOUNDS = Bounds(max_stories=8, max_members=30)
_REVISED = "A revised text about soldiers of Hollin and talks in Dorvik town."


@cache
def _traits(row: int, text: str) -> Traits:
    report = _ROWS[row]
    return Traits(features=features_of(report.title, text, report.lang).flat(), digest=sketch_of(report.title, "", text).text(), rarity={})


def _match(
    row: int, theme_id: str, hours: float, *, number: int = 0, idle_h: float | None = None, text: str | None = None,
    severity: Severity = Severity.NOTICE, origin: Origin = Origin.LIVE,
) -> Match:  # fmt: skip
    """A match without vectors: words and names are enough, and cheap."""
    match = match_of(
        _ROWS[row], number=number, matched_at=START + timedelta(hours=hours), theme_id=theme_id, text=text,
        source=f"Outlet {(row + number) % 6}", severity=severity, origin=origin,
    )  # fmt: skip
    rules = StoryRules(idle_s=None if idle_h is None else idle_h * 3600)
    return msgspec.structs.replace(match, traits=_traits(row, text or _ROWS[row].text), stories=rules)


def _restarted(grouping: Grouping, chance: random.Random) -> Grouping:
    states = [decode(encode(state), type(state)) for state in grouping.states()]
    chance.shuffle(states)
    again = Grouping(bounds=_BOUNDS)
    again.restore(states)
    return again


def _log(chance: random.Random, states: list[GroupState], steps_h: tuple[float, ...] = ON) -> Iterator[Match | Correction]:
    """Yield matches and corrections; a correction is of stories that the `states` decided so far have named."""
    hours = 0.0
    idle_h = {theme_id: chance.choice([None, 6.0, 30.0, 100.0]) for theme_id in ("trade", "force")}
    for number in range(40):
        hours += chance.choice(steps_h)
        named = [state for state in states if isinstance(state, StoryState)]
        if named and chance.random() < 0.25:
            one, other = chance.choice(named), chance.choice(named)
            kind = chance.choice(list(CorrectionKind))
            articles = (one.article_id, other.article_id) if kind is CorrectionKind.SPLIT else ()
            yield Correction(
                correction_id=ids.correction_id(one.theme_id, kind.value, one.story_id, other.story_id, number, articles),
                theme_id=one.theme_id, kind=kind, story_id=one.story_id, article_ids=articles, story_revision=1, by="ada",
                other_story_id=other.story_id if kind is CorrectionKind.MERGE else None, made_at=START + timedelta(hours=hours),
            )  # fmt: skip
            continue
        theme_id = chance.choice(["trade", "trade", "force"])
        yield _match(
            chance.choice([*range(len(_ROWS)), *range(5), *range(5)]), theme_id, hours, number=chance.randrange(3), idle_h=idle_h[theme_id],
            text=chance.choice([None, None, _REVISED]), severity=chance.choice(list(Severity)),
            origin=chance.choice([Origin.LIVE, Origin.LIVE, Origin.BACKFILL]),
        )  # fmt: skip


def _decided(grouping: Grouping, item: Match | Correction, offset: int) -> GroupState:
    if isinstance(item, Correction):
        return grouping.correct(item, source_offset=offset)
    return grouping.decide(item, source_offset=offset)


@pytest.mark.parametrize(("seed", "steps_h"), [*((seed, ON) for seed in range(12)), *((seed, BACK) for seed in (4, 6, 8, 16, 39, 80))])
def test_a_successor_goes_on_alike_through_corrections_and_closings(seed: int, steps_h: tuple[float, ...]) -> None:
    chance = random.Random(seed)
    grouping, successor = Grouping(bounds=_BOUNDS), Grouping(bounds=_BOUNDS)
    states: list[GroupState] = []
    for offset, item in enumerate(_log(chance, states, steps_h)):
        if chance.random() < 0.4:
            successor = _restarted(grouping, chance)
        states.append(_decided(grouping, item, offset))
        assert encode(_decided(successor, item, offset)) == encode(states[-1])
        grouping.apply(states[-1])
        successor.apply(states[-1])


def test_a_theme_whose_newest_state_goes_before_its_older_ones_counts_alike_after_a_restart() -> None:
    grouping = Grouping(bounds=_BOUNDS)
    log = [_match(0, "trade", 0), _match(12, "trade", 1, idle_h=1.0), _match(20, "force", 5), _match(25, "trade", 6)]
    for offset, match in enumerate(log[:3]):
        grouping.apply(grouping.decide(match, source_offset=offset))
    assert len(grouping) == 2, "the second story has closed"
    successor = _restarted(grouping, random.Random(0))
    assert encode(successor.decide(log[3], source_offset=3)) == encode(grouping.decide(log[3], source_offset=3))
