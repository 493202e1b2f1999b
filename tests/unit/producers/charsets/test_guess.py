"""An encoding that nobody declares, or that is declared wrong, is told from the letters; one that is declared right is always believed.

All languages and encodings: tests/component/producers/charsets.
"""

from __future__ import annotations

import pytest
from support.encoded_feeds import feed, written

from producers.charsets.labels import encoding_of
from producers.charsets.settle import CharsetReason, decoded
from producers.charsets.tables import decode

USUAL = {("fr", "windows-1252"), ("pl", "iso-8859-2"), ("cs", "windows-1250"), ("ru", "windows-1251"), ("uk", "koi8-u"), ("el", "windows-1253"),
         ("zh", "gb18030"), ("ja", "shift_jis")}  # fmt: skip
EVERY = [pytest.param(encoding, pairs, id=f"{language.code}-{encoding}") for language, encoding, pairs in written()
         if (language.code, encoding) in USUAL]  # fmt: skip


def test_the_usual_ones_are_there() -> None:
    assert len(EVERY) == len(USUAL)


@pytest.mark.parametrize(("encoding", "pairs"), EVERY)
def test_an_encoding_is_told_without_a_label_and_against_a_wrong_one_and_a_right_label_is_believed(
    encoding: str, pairs: list[tuple[str, bytes]]
) -> None:
    titles = [title for _, title in pairs]
    assert decoded(feed(titles)).text == decode(feed(titles), encoding)
    label = "iso-8859-1" if encoding != "windows-1252" else "windows-1251"
    assert decoded(feed(titles, label)).text == decode(feed(titles, label), encoding)
    for some in (titles, titles[:1]):
        assert decoded(feed(some, encoding))[1:3] == (encoding, CharsetReason.DECLARED)


@pytest.mark.parametrize(
    "label", ["gb2312", "shift_jis", "euc-jp", "euc-kr", "big5", "iso-8859-7", "windows-1251", "windows-1256", "cp874"]
)
def test_a_right_label_holds_around_english_with_curly_quotes(label: str) -> None:
    texts = ("We’re told it’s what users’ data show", "The Captain’s “blog” – don’t miss it", "I’ve been really fascinated… wouldn’t you?")
    for titles in (texts, *((text,) for text in texts)):
        body = feed([text.replace("“", "‘").replace("”", "’").replace("–", "-").replace("…", ".").encode(label) for text in titles], label)
        assert decoded(body)[1:3] == (encoding_of(label), CharsetReason.DECLARED)
