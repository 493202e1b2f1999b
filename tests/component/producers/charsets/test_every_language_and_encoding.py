"""An encoding that nobody declares, or that is declared wrong, is told from the letters; one that is declared right is always believed."""

from __future__ import annotations

import pytest
from support.encoded_feeds import feed, languages, written

from producers.charsets.labels import encoding_of
from producers.charsets.settle import CharsetReason, decoded
from producers.charsets.tables import decode

EVERY = [pytest.param(*one, id=f"{one[0].code}-{one[1]}") for one in written()]
CODES = [language.code for language in languages()]
WRONG_LABELS = ("iso-8859-1", "iso-8859-2", "windows-1251", "gb2312")
FOREIGN = ("José Peña", "Jürgen Müller", "Zoë Brontë", "François Hollande", "Søren Ålborg", "Gabriel García Márquez", "São Paulo")
HARD_ALONE = 0.95  # of the headlines alone, without a label: the others have one letter outside ASCII, or an encoding hardly used


@pytest.mark.parametrize(("language", "encoding", "pairs"), EVERY)
def test_a_feed_that_declares_nothing_is_read_right(language, encoding, pairs) -> None:  # type: ignore[no-untyped-def]
    body = feed([title for _, title in pairs])
    assert decoded(body).text == decode(body, encoding)


def test_one_headline_is_nearly_always_enough() -> None:
    count = 0
    wrong = []
    for language, encoding, pairs in written():
        for text, title in pairs:
            body = feed([title])
            count += 1
            if decoded(body, language=language.code).text != decode(body, encoding):
                wrong.append((language.code, encoding, text))
    assert len(wrong) <= (1 - HARD_ALONE) * count, wrong


@pytest.mark.parametrize("change", ["", "upper"])
@pytest.mark.parametrize("code", CODES)
def test_a_right_label_is_never_overruled(code: str, change: str) -> None:
    for language, encoding, pairs in written(change):
        if language.code != code:
            continue
        everything = [title for _, title in pairs]
        for titles in (everything, *([title] for title in everything if not change)):
            assert decoded(feed(titles, encoding))[1:3] == (encoding, CharsetReason.DECLARED)
        assert decoded(feed(everything), f"text/xml; charset={encoding}", language=code).charset == encoding


@pytest.mark.parametrize("code", CODES)
def test_a_right_label_holds_with_foreign_names_quotes_and_dashes(code: str) -> None:
    for language, encoding, pairs in written():
        if language.code != code:
            continue
        names = []
        for name in FOREIGN:
            for quoted in (f"«{name}»", f"„{name}“ – {name}", f"“{name}” — {name}…", name.upper(), name):
                try:
                    names.append(quoted.encode(encoding))
                except (UnicodeEncodeError, LookupError):
                    continue
        body = feed([*names, pairs[0][1]], encoding)
        assert decoded(body).charset == encoding


@pytest.mark.parametrize("label", WRONG_LABELS)
def test_a_wrong_label_is_overruled_by_a_whole_feed(label: str) -> None:
    for _, encoding, pairs in written():
        body = feed([title for _, title in pairs], label)
        differing = sum(
            one != other for one, other in zip(decode(body, encoding), decode(body, encoding_of(label) or "utf-8"), strict=False)
        )
        if differing >= 3:
            assert decoded(body).text == decode(body, encoding), (encoding, pairs[0])


@pytest.mark.parametrize("language", ["ru", "de-AT"])
def test_a_language_that_is_wrong_or_unknown_spoils_nothing(language: str | None) -> None:
    for _, encoding, pairs in written():
        if encoding in ("windows-1250", "windows-1251", "windows-1253", "koi8-r", "gb18030", "shift_jis", "windows-1256"):
            body = feed([title for _, title in pairs])
            assert decoded(body, language=language).text == decode(body, encoding)
