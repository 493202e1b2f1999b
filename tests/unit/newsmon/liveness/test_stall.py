"""When waiting work counts as standing still."""

from __future__ import annotations

from newsmon.liveness.stall import Progress, Waiting, stall_of


def waiting(mark: object, place: str = "news.articles-0") -> Waiting:
    return Waiting(place, mark)


def test_work_that_waits_stands_still_as_long_as_its_mark_does_not_change() -> None:
    progress = Progress()
    assert progress.stalled_s([waiting(5)], 0) == {"news.articles-0": 0}
    assert progress.stalled_s([waiting(5)], 60) == {"news.articles-0": 60}
    assert progress.stalled_s([waiting(6)], 70) == {"news.articles-0": 0}, "it moved"
    assert progress.stalled_s([], 90) == {}, "nothing to do"
    assert progress.stalled_s([waiting(6)], 100) == {"news.articles-0": 0}, "new work starts at zero"


def test_a_first_mark_of_nothing_at_all_is_a_mark_too() -> None:
    progress = Progress()
    assert progress.stalled_s([waiting(None)], 100) == {"news.articles-0": 0}
    assert progress.stalled_s([waiting(None)], 130) == {"news.articles-0": 30}
    assert progress.stalled_s([waiting(0)], 140) == {"news.articles-0": 0}


def test_each_place_is_measured_alone() -> None:
    progress = Progress()
    progress.stalled_s([waiting(1, "a"), waiting(1, "b")], 0)
    assert progress.stalled_s([waiting(1, "a"), waiting(2, "b")], 50) == {"a": 50, "b": 0}


def test_nothing_stands_still_while_a_dependency_does_not_answer() -> None:
    progress = Progress()
    progress.stalled_s([waiting(5)], 0)
    progress.start_over()
    assert progress.stalled_s([waiting(5)], 200) == {"news.articles-0": 0}


def test_the_reason_names_what_has_stood_still_for_the_limit_and_nothing_else() -> None:
    assert stall_of({"a": 119.9, "b": 10}, 120) is None
    assert stall_of({"a": 120, "b": 10, "c": 240}, 120) == "work is waiting and nothing was done: a for 120 s, c for 240 s"
