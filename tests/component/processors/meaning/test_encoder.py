"""An article's meaning is near that of the same news in other words or in another language."""

from __future__ import annotations

import pytest

from processors.meaning.encoder import Meaning, meaning_of, nearness

ENGLISH = ("Parliament backs higher levy on imported steel", "Members voted on Tuesday to raise the duty to half of the price.")
GERMAN = (
    "Parlament billigt höheren Zoll auf Stahl",
    "Die Abgeordneten stimmten am Dienstag dafür, die Abgabe auf die Hälfte des Preises zu erhöhen.",
)
RUSSIAN = ("Парламент одобрил повышение пошлины на сталь", "Депутаты проголосовали во вторник за повышение пошлины до половины цены.")
UNLIKE = ("Choir wins the autumn festival", "Forty singers from the harbour town took the first prize with a cradle song.")


def _read(article: tuple[str, str]) -> Meaning:
    found = meaning_of(*article)
    assert found is not None
    return found


@pytest.mark.parametrize("other", [GERMAN, RUSSIAN], ids=["de", "ru"])
def test_the_same_news_in_another_language_is_nearer_than_other_news(other: tuple[str, str]) -> None:
    report, same, different = map(_read, (ENGLISH, other, UNLIKE))
    near, far = nearness(report, same), nearness(report, different)
    assert near.titles > far.titles + 0.4
    assert near.across > far.across + 0.05


def test_an_article_is_as_near_to_itself_as_can_be_and_nearness_has_no_direction() -> None:
    left, right = _read(ENGLISH), _read(UNLIKE)
    assert nearness(left, left).titles == pytest.approx(1, abs=0.01)
    assert nearness(left, right) == nearness(right, left)


def test_vectors_survive_the_wire_and_what_is_no_vector_is_none() -> None:
    meaning = _read(ENGLISH)
    assert Meaning.from_flat(meaning.flat()) == meaning
    for broken in ([], ["x"], meaning.flat()[:1], [meaning.flat()[0], meaning.flat()[1][:8]], ["*", "*"]):
        assert Meaning.from_flat(broken) is None


def test_what_has_no_words_says_nothing_and_a_title_or_a_text_is_enough() -> None:
    assert meaning_of("", " \n ") is None
    assert meaning_of(" ", ENGLISH[1]) is not None
    assert meaning_of(ENGLISH[0], "") is not None


def test_hostile_text_costs_no_more_than_a_page() -> None:
    assert meaning_of("\u200b" * 5_000, "x" * 5_000_000) is not None
    assert meaning_of("?", "\ud800 lone surrogate, then much. " * 10_000) is not None
