"""Reports of two events of one subject are near each other only by their subject, which is taken away."""

from __future__ import annotations

import pytest

from processors.meaning.distinctive import distinctive
from processors.meaning.encoder import Meaning, meaning_of, nearness

ONE = "Washington raises tariffs on timber from Norland"
THE_SAME = "Waszyngton podnosi cła na drewno z Norlandii"
ANOTHER = "President threatens new tariffs on imported bicycles"


def _read(title: str) -> Meaning:
    found = meaning_of(title, "")
    assert found is not None
    return found


def test_another_event_of_the_subject_is_no_longer_near_and_the_same_one_in_another_language_is_as_near_as_before() -> None:
    one, same, another = map(_read, (ONE, THE_SAME, ANOTHER))
    assert nearness(one, another).titles > 0.3
    assert nearness(distinctive(one), distinctive(another)).titles < 0.15
    assert nearness(distinctive(one), distinctive(same)).titles > nearness(one, same).titles - 0.1


def test_what_is_left_has_the_length_of_a_meaning() -> None:
    report = distinctive(_read(ONE))
    assert nearness(report, report).titles == pytest.approx(1, abs=0.01)
    assert Meaning.from_flat(report.flat()) == report
