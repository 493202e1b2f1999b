"""Sentences that recur have one key, whatever day it is."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.samples import article

from processors.likeness.traits import observed
from processors.rarity.observation import MAX_KEY_CHARS, is_counted
from processors.rarity.sentences import key_of, number_of, sentences_of

COUNTED = next(name for name in map("article {}".format, range(20)) if is_counted(name))


def cut(text: str) -> list[str]:
    return [text[one.start : one.end] for one in sentences_of(text)]


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("The ferry ran aground. More details soon.", ["The ferry ran aground.", "More details soon."]),
        ("The U.S. Senate met on Jan. 5 in St. Paul. It voted.", ["The U.S. Senate met on Jan. 5 in St. Paul."]),
        ("Follow our live blog\nThe harbour is closed.", ["Follow our live blog", "The harbour is closed."]),
        ("Śledź relację na żywo! Więcej informacji wkrótce…", ["Śledź relację na żywo!", "Więcej informacji wkrótce…"]),
        ("Читайте також: пором. Стежте за новинами.", ["Читайте також: пором.", "Стежте за новинами."]),
        ("", []),
        ("…", []),
        ("Read more", ["Read more"]),
        ("More.", []),
    ],
)
def test_sentences_end_where_a_reader_sees_them_end(text: str, sentences: list[str]) -> None:
    assert cut(text) == sentences


def test_the_numbers_of_a_refrain_do_not_count() -> None:
    assert key_of("Day 1,350 of the war: what we know") == key_of("Day 1,351 of the war, what we know!")
    assert key_of("Day 1,350 of the war: what we know") != key_of("Day one of the war: what we know")


def test_a_key_from_elsewhere_does_no_harm() -> None:
    assert number_of(key_of("The harbour desk keeps you posted") or "") > 0
    assert number_of("l:no number") == 0
    assert number_of("l:" + "f" * 90) < 1 << 48


def test_a_long_text_gives_its_first_sentences_and_its_last() -> None:
    text = " ".join(f"Sentence of the number{letter} follows here." for letter in "abcdefgh") + " middle" * 400 + ". Follow our live blog."
    assert len(cut(text)) == 5
    assert cut(text)[-1] == "Follow our live blog."


def test_no_text_takes_long() -> None:
    for text in ("." * 100_000, "a." * 50_000, "A. " * 30_000, "\n" * 100_000, "word " * 20_000):
        assert len(cut(text)) <= 5


@given(st.text(max_size=3_000))
def test_sentences_lie_in_the_text_one_after_the_other(text: str) -> None:
    ends = [0]
    for one in sentences_of(text):
        assert ends[-1] <= one.start < one.end <= len(text)
        ends.append(one.end)


@given(st.text(max_size=200), st.text(max_size=2_000), st.sampled_from(["en", "pl", "uk", "und", "xx"]))
def test_whatever_a_text_holds_its_keys_can_be_counted_and_kept(title: str, lead: str, language: str) -> None:
    seen = observed(msgspec.structs.replace(article(), article_id=COUNTED, title=title, lead=lead, body="", language=language))
    assert seen is not None
    assert all(len(key) <= MAX_KEY_CHARS for key in seen.keys)
    msgspec.json.encode(sorted(seen.keys))


def test_the_end_of_a_text_that_is_hardly_longer_than_its_start_is_read_once() -> None:
    text = "Word after word follows here, and no end comes " * 30
    assert [(one.start, one.end) for one in sentences_of(text)] == sorted({(one.start, one.end) for one in sentences_of(text)})
    assert sum(one.end - one.start for one in sentences_of(text)) <= len(text)
