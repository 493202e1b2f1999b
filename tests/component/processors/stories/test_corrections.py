"""A person's correction moves members and events, tells nobody, and holds through restart."""

from __future__ import annotations

from datetime import timedelta

import pytest
from support.reports import START, match_of, reports

from newsmon import ids
from newsmon.codec import decode, encode
from newsmon.records import (
    AlertReason,
    AlertState,
    Corrected,
    Correction,
    CorrectionKind,
    CorrectionOutcome,
    GroupState,
    Match,
    Relation,
    StoryState,
)
from processors.stories.grouping import Grouping

ROWS = {report.id: report for report in reports("tune")}
THEME = "ukraine-peacekeeping"


class Fold:
    """A grouping with its log: every state it gave, in order."""

    def __init__(self) -> None:
        self.grouping = Grouping()
        self.offset = 0

    def take(self, name: str, *, hours: float = 0.0, number: int = 0, text: str | None = None) -> StoryState:
        hit = match_of(ROWS[name], matched_at=START + timedelta(hours=hours), number=number, text=text, source=f"{name} {number}")
        return self.match(hit)

    def match(self, hit: Match) -> StoryState:
        state = self.grouping.decide(hit, source_offset=self.offset)
        self._applied(state)
        return state

    def correct(
        self, kind: CorrectionKind, story_id: str, *, other: str | None = None, articles: tuple[str, ...] = (), hours: float = 2
    ) -> Corrected:
        given = Correction(
            correction_id=ids.correction_id(THEME, kind.value, story_id, other or "", 1, articles), theme_id=THEME, kind=kind,
            story_id=story_id, other_story_id=other, article_ids=articles, story_revision=1, made_at=START + timedelta(hours=hours), by="ada",
        )  # fmt: skip
        answer = self.grouping.correct(given, source_offset=self.offset)
        self._applied(answer)
        return answer

    def _applied(self, state: GroupState) -> None:
        self.grouping.apply(state)
        self.offset += 1

    def restarted(self) -> Fold:
        """The same fold after a restart: only what a compacted topic holds."""
        again = Fold()
        again.offset = self.offset
        again.grouping.restore([decode(encode(state), type(state)) for state in self.grouping.states()])
        return again


@pytest.fixture
def kharkiv() -> tuple[Fold, list[StoryState], StoryState]:
    """A story of three reports, and another story."""
    fold = Fold()
    states = [fold.take(f"t-kharkiv-{number}", hours=number / 10) for number in (1, 0, 2)]
    other = fold.take("t-golan-0", hours=0.5)
    assert {state.story_id for state in states} == {states[0].story_id} != {other.story_id}
    return fold, states, other


def test_articles_that_are_split_off_become_a_story_of_their_own_and_later_reports_follow(
    kharkiv: tuple[Fold, list[StoryState], StoryState],
) -> None:
    fold, states, _other = kharkiv
    split = fold.correct(CorrectionKind.SPLIT, states[0].story_id, articles=(states[1].article_id,))
    assert split.outcome is CorrectionOutcome.APPLIED
    left, made = split.stories
    assert (left.story_id, left.article_count, made.article_count) == (states[0].story_id, 2, 1)
    assert made.story_id not in {state.story_id for state in states}
    assert [one.match_id for one in split.moved] == [states[1].match_id]
    assert split.moved[0].event_id != states[0].event_id, "a cut event gets a second id"
    assert {one.alert_decision for one in split.stories} == {AlertReason.CORRECTED}
    revised = fold.take("t-kharkiv-0", hours=3, text="A revised text of the same article.")
    assert (revised.relation, revised.story_id, revised.event_id) == (Relation.UPDATE, made.story_id, split.moved[0].event_id)


def test_a_correction_sends_nothing_and_what_was_told_stays_told(kharkiv: tuple[Fold, list[StoryState], StoryState]) -> None:
    fold, states, _other = kharkiv
    split = fold.correct(CorrectionKind.SPLIT, states[0].story_id, articles=(states[0].article_id,))
    assert split.alerts == ()
    again = fold.take("t-kharkiv-1", hours=3, number=1)
    assert (again.relation, again.story_id) == (Relation.COPY, split.stories[1].story_id)
    assert again.alert is None
    kept = fold.take("t-kharkiv-2", hours=3, number=1)
    assert (kept.relation, kept.story_id) == (Relation.COPY, states[0].story_id)


def test_stories_that_are_merged_are_one_and_the_other_alert_ends(kharkiv: tuple[Fold, list[StoryState], StoryState]) -> None:
    fold, states, other = kharkiv
    merged = fold.correct(CorrectionKind.MERGE, states[0].story_id, other=other.story_id)
    joined, gone = merged.stories
    assert (joined.story_id, joined.article_count, joined.event_count) == (states[0].story_id, 4, 2)
    assert (gone.story_id, gone.state, gone.latest) == (other.story_id, AlertState.CLOSED, None)
    (ended,) = merged.alerts
    assert (ended.story_id, ended.state, ended.reason) == (other.story_id, AlertState.CLOSED, AlertReason.CORRECTED)
    copy = fold.take("t-golan-0", hours=3, number=1)
    assert (copy.story_id, copy.event_id) == (states[0].story_id, other.event_id)
    assert fold.grouping.story_count() == 1


def test_what_cannot_be_corrected_changes_nothing_and_says_why(kharkiv: tuple[Fold, list[StoryState], StoryState]) -> None:
    fold, states, other = kharkiv
    story_id = states[0].story_id
    given = [
        fold.correct(CorrectionKind.SPLIT, "s_unknown", articles=(states[0].article_id,)),
        fold.correct(CorrectionKind.SPLIT, story_id, articles=(other.article_id,)),
        fold.correct(CorrectionKind.SPLIT, story_id, articles=tuple(state.article_id for state in states)),
        fold.correct(CorrectionKind.MERGE, story_id, other="s_unknown"),
        fold.correct(CorrectionKind.MERGE, story_id, other=story_id),
    ]
    assert [one.outcome for one in given] == [
        CorrectionOutcome.STORY_NOT_LIVE, CorrectionOutcome.ALREADY_SO, CorrectionOutcome.WHOLE_STORY, CorrectionOutcome.STORY_NOT_LIVE,
        CorrectionOutcome.ALREADY_SO,
    ]  # fmt: skip
    assert not any(one.stories or one.moved for one in given)


@pytest.mark.parametrize("kind", CorrectionKind)
def test_a_successor_that_rebuilds_its_memory_decides_the_same(
    kind: CorrectionKind, kharkiv: tuple[Fold, list[StoryState], StoryState]
) -> None:
    fold, states, other = kharkiv
    articles = (states[1].article_id,) if kind is CorrectionKind.SPLIT else ()
    fold.correct(kind, states[0].story_id, other=other.story_id if kind is CorrectionKind.MERGE else None, articles=articles)
    later = [("t-kharkiv-0", 3, 1), ("t-golan-0", 4, 2), ("t-kharkiv-2", 5, 3), ("t-rhm-0", 100, 0), ("t-kharkiv-1", 101, 5)]
    successor = fold.restarted()
    for name, hours, number in later:
        expected = fold.take(name, hours=hours, number=number)
        assert encode(successor.take(name, hours=hours, number=number)) == encode(expected)
        successor = successor.restarted()


def test_a_repeated_correction_gets_the_same_answer(kharkiv: tuple[Fold, list[StoryState], StoryState]) -> None:
    fold, states, _other = kharkiv
    first = fold.correct(CorrectionKind.SPLIT, states[0].story_id, articles=(states[1].article_id,))
    assert fold.restarted().correct(CorrectionKind.SPLIT, states[0].story_id, articles=(states[1].article_id,)) == first


def test_a_correction_is_forgotten_with_the_last_of_its_stories(kharkiv: tuple[Fold, list[StoryState], StoryState]) -> None:
    fold, states, _other = kharkiv
    answer = fold.correct(CorrectionKind.SPLIT, states[0].story_id, articles=(states[1].article_id,))
    last = match_of(ROWS["t-rhm-0"], matched_at=START + timedelta(hours=200))
    state = fold.grouping.decide(last, source_offset=fold.offset)
    gone = fold.grouping.apply(state)
    assert answer.correction.correction_id in gone
    assert set(gone) >= {one.match_id for one in states}
    assert fold.grouping.states() == [state]


def test_a_story_that_was_split_off_and_merged_into_a_third_survives_a_restart_after_the_first_has_closed(
    kharkiv: tuple[Fold, list[StoryState], StoryState],
) -> None:
    fold, states, other = kharkiv
    split = fold.correct(CorrectionKind.SPLIT, states[0].story_id, articles=(states[1].article_id, states[2].article_id))
    fold.correct(CorrectionKind.MERGE, other.story_id, other=split.stories[1].story_id)
    fold.take("t-golan-0", hours=70, number=1)
    fold.take("t-rhm-0", hours=80)
    assert fold.grouping.correct(split.correction, source_offset=99) == split, "still needed: members that it moved are live"
    successor = fold.restarted()
    for name, hours in (("t-kharkiv-0", 81), ("t-golan-0", 82), ("t-kharkiv-2", 83)):
        expected = fold.take(name, hours=hours, number=7)
        assert expected.story_id == other.story_id
        assert encode(successor.take(name, hours=hours, number=7)) == encode(expected)


def test_an_article_whose_event_has_left_its_story_and_closed_never_opens_that_story_again(
    kharkiv: tuple[Fold, list[StoryState], StoryState],
) -> None:
    fold, states, other = kharkiv
    fold.correct(CorrectionKind.MERGE, states[0].story_id, other=other.story_id)
    fold.correct(CorrectionKind.SPLIT, states[0].story_id, articles=tuple(state.article_id for state in states))
    kept = [fold.take("t-golan-0", hours=hours, number=number) for number, hours in ((1, 50), (2, 78))]
    assert {state.story_id for state in kept} == {states[0].story_id}
    again = fold.take("t-kharkiv-1", hours=80)
    assert (again.relation, again.story.revision) == (Relation.OPENED, 1)
    assert again.story_id != states[0].story_id


@pytest.mark.parametrize("kind", CorrectionKind)
def test_a_correction_by_a_clock_that_is_ahead_keeps_no_story_open(
    kind: CorrectionKind, kharkiv: tuple[Fold, list[StoryState], StoryState]
) -> None:
    fold, states, other = kharkiv
    to = other.story_id if kind is CorrectionKind.MERGE else None
    articles = () if to is not None else (states[1].article_id,)
    assert fold.correct(kind, states[0].story_id, other=to, articles=articles, hours=9_000).outcome is CorrectionOutcome.APPLIED
    fold.take("t-rhm-0", hours=80)
    assert fold.grouping.story_count() == 1


def test_a_correction_of_a_story_that_a_clock_has_dated_ahead_lets_it_close() -> None:
    fold = Fold()
    ahead = [fold.take(f"t-kharkiv-{number}", hours=9_000 + number) for number in (0, 1)]
    fold.take("t-rhm-0", hours=1)
    answer = fold.correct(CorrectionKind.SPLIT, ahead[0].story_id, articles=(ahead[1].article_id,))
    assert answer.outcome is CorrectionOutcome.APPLIED
    fold.take("t-golan-0", hours=80)
    assert fold.grouping.story_count() == 1
