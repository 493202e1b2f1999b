"""Every element of HTML: no word is lost that a browser shows, no two words are glued, none is shown that is not meant."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsmon.text import html_to_text, plain_to_text
from newsmon.text.tags import CELL_TAGS, CODE_TAGS, DROPPED_TAGS, EMPTY_TAGS, INLINE_TAGS, PARAGRAPH_TAGS

BLOCKS = sorted((PARAGRAPH_TAGS | CELL_TAGS | {"li"}) - EMPTY_TAGS - {"br", "hr"})


@pytest.mark.parametrize("name", BLOCKS)
def test_blocks_never_glue_words(name: str) -> None:
    assert html_to_text(f"one<{name}>two</{name}>three").replace("- ", "").replace("| ", "").split() == ["one", "two", "three"]
    assert html_to_text(f"<{name}>one</{name}><{name.upper()} class='x'>two</{name.upper()}>").replace("| ", "").replace(
        "- ", ""
    ).split() == ["one", "two"]


@pytest.mark.parametrize("name", sorted(INLINE_TAGS - {"sup", "q", "a"}))
def test_inline_elements_never_split_words_and_keep_theirs(name: str) -> None:
    assert html_to_text(f"un<{name}>believ</{name}>able") == "unbelievable"
    assert html_to_text(f"cut <{name} class='x'>off", is_headline=True) == "cut off"


@pytest.mark.parametrize("name", sorted(DROPPED_TAGS))
def test_what_browsers_run_or_hide_and_what_was_struck_goes_with_its_words(name: str) -> None:
    assert html_to_text(f"seen <{name}>gone</{name}>more") == "seen more"
    unclosed = html_to_text(f"seen <{name} class='x'>never closed")
    assert unclosed == ("seen" if name in CODE_TAGS else "seen never closed")


WORD = st.text(alphabet="abcdefghijklmnoprstuvwxyząćęłóśżабвгґдеєїіклмнопрстуçéèñüß", min_size=2, max_size=9)
TAG = st.sampled_from(sorted((PARAGRAPH_TAGS | CELL_TAGS | INLINE_TAGS | EMPTY_TAGS | {"li"}) - {"sup", "q"}))


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(TAG, WORD, st.booleans()), min_size=1, max_size=12), st.booleans())
def test_no_word_is_lost_and_none_glued_in_any_mixture(pieces: list[tuple[str, str, bool]], is_headline: bool) -> None:
    markup = " ".join(f"<{name} id='x'>{word}</{name}>" if closed else f"<{name} id='x'> {word}" for name, word, closed in pieces)
    found = html_to_text(markup, is_headline=is_headline).replace("|", " ").replace("\n", " ").split()
    assert [word for word in found if word != "-"] == [word for _name, word, _closed in pieces]


@settings(max_examples=200, deadline=None)
@given(st.lists(WORD, min_size=1, max_size=6), st.sampled_from(["a <{} b>", "<{}>", "<{}@desk.example>", "x<{}", "<{} y and z>", "5 <{}"]))
def test_what_only_looks_like_a_tag_stays(words: list[str], shape: str) -> None:
    name = "q" + words[0] + "q"
    text = f"{' '.join(words)} {shape.format(name)} end"
    assert html_to_text(text) == text
    assert html_to_text(text, is_headline=True) == text
    assert plain_to_text(text) == text


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<excerpt>Text</excerpt> <o:p>Word</o:p> <my-card>card</my-card> <unknown a='b'>x", "Text Word card x"),
        ("<p>Tariff of <del>25</del> <ins>15</ins> per cent.</p>", "Tariff of 15 per cent."),
        ("<s>All of it</s>", "All of it"),
        ("<![CDATA[<p>Text</p>]]>", "Text"),
        ("<p><![CDATA[Text]]></p>", "Text"),
        ("&lt;![CDATA[Text]]&gt;", "Text"),
        ("Text]]>", "Text"),
        ("an array[a[0]]>x stays", "an array[a[0]]>x stays"),
        ("<q>Yes</q>, he said", "“Yes”, he said"),
        ("<ruby>漢<rp>(</rp><rt>kan</rt><rp>)</rp></ruby>字", "漢字"),
        ("<p>x</p><p hidden>secret</p>y", "x\ny"),
        ('<div style="color:red; display : none">preheader</div>Text', "Text"),
        ('<p class="hidden" data-hidden="1" aria-hidden="true">shown</p>', "shown"),
        ("He said \x93yes\x94 &#146;", "He said “yes” ’"),
        ("one&nbsp;two\u00a0three&shy;s&zwnj;", "one two threes\u200c"),
        ("cut <a href=\"https://quay.example/a?b", "cut"),
        ("cut <a hre", "cut"),
        ("cut <", "cut"),
        ("cut <a...", "cut"),
        ("cut <p clas…", "cut"),
        ("cut <p clas [...]", "cut"),
        ("cut <p clas [&#8230;]", "cut"),
        ("cut <!-- a comment on x > y <b>and</b> <i", "cut"),
        ("cut &lt;!-- a comment", "cut"),
        ("whole <!-- a comment --> text", "whole text"),
        ("a picture <picture\\>", "a picture"),
        ("Promise<string> and List<T extends object> of code", "Promise<string> and List<T extends object> of code"),
        ("cut &am", "cut"),
        ("cut &nbs…", "cut …"),
        ("cut &#82", "cut"),
        ("Q&A with AT&T", "Q&A with AT&T"),
        ("Rock &roll", "Rock &roll"),
        ("AT&amp;amp;T &copy 2026", "AT&T © 2026"),
    ],
)  # fmt: skip
def test_kinds_of_careless_markup(markup: str, text: str) -> None:
    assert html_to_text(markup) == text


@pytest.mark.parametrize("number", ["3.5", "25", "1,204", "12.000", "7"])
@pytest.mark.parametrize("mark", ["1", "12", "[1]", "*", "†", "1, 2", "<a href='#fn1'>1</a>", "(2)", "‡ "])
def test_a_footnote_mark_never_joins_the_number_before_it(number: str, mark: str) -> None:
    assert html_to_text(f"<p>It rose {number}<sup>{mark}</sup> per cent.</p>") == f"It rose {number} per cent."


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("12 m<sup>2</sup>", "12 m²"), ("5 km<sup>3</sup>", "5 km³"), ("10<sup>9</sup>", "10⁹"), ("10<sup>-6</sup>", "10⁻⁶"), ("2<sup>10</sup>", "2¹⁰"),
        ("word <sup>1</sup>. Next", "word. Next"), ("2023=2<sup>11</sup>−5<sup>2</sup>", "2023=2¹¹−5²"), ("x<sup>2</sup>", "x²"), ("CO<sub>2</sub>, H<sub>2</sub>O", "CO2, H2O"), ("1<sup>er</sup> mai", "1er mai"),
        ("the 21<sup>st</sup>", "the 21st"), ("n<sup>o</sup> 5", "no 5"), ("<sup>235</sup>U", "235U"), ("Quay<sup>TM</sup>", "Quay™"),
        ("2<sup>1</sup>/<sub>2</sub> cups", "2 1/2 cups"), ("км<sup>2</sup>", "км²"), ("unclosed<sup>1 goes on", "unclosed1 goes on"),
    ],
)  # fmt: skip
def test_other_raised_characters_keep_their_meaning(markup: str, text: str) -> None:
    assert html_to_text(markup) == text


@pytest.mark.parametrize(
    "piece",
    [
        "<zz",
        "<zz x",
        "<a ",
        "<sup>1",
        "</q>",
        "<b ",
        "&lt;![CDATA[",
        "]]>",
        "<del>",
        "<p hidden ",
        "<rt>",
        "<![CDATA[",
        "&am",
        "<sup></sup>",
    ],
)
def test_no_repetition_takes_long(piece: str) -> None:
    """Each takes a fraction of a second; what grows with the square of its length would take minutes."""
    html_to_text(piece * (200_000 // len(piece)))
    html_to_text(piece * (100_000 // len(piece)) + ">", is_headline=True)


@pytest.mark.parametrize(
    "cut",
    [
        "<p cla", '<p class="le', "<di", '<a href="https://news.example/2026/', '<img data-caption="<em&', "<core-media data-kind",
        "&lt;p cla", "&lt;a href=&quot;https://news.exa", '<path d="M0,4.2 C0,7', "</",
    ],
)  # fmt: skip
def test_half_a_tag_at_the_end_is_no_text(cut: str) -> None:
    assert html_to_text(f"<p>The ferry sails again. {cut}") == "The ferry sails again."


@pytest.mark.parametrize("end", ["when a < b", "for x <y", "said <General Orlov"])
def test_what_only_looks_like_half_a_tag_stays(end: str) -> None:
    assert html_to_text(f"<p>It holds {end.replace('<', '&lt;')}</p>").endswith(end)
