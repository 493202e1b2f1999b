"""html_to_text keeps what people read, drops what browsers run, and survives what attackers send."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsmon.text.html import MAX_TEXT_CHARS, html_to_text


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<p>First.</p><p>Second<br/>third</p>", "First.\nSecond\nthird"),
        ("<p>One <b>bold</b><i>er</i> word</p>", "One bolder word"),
        ("<ul><li>steel<li>copper</ul>tail", "- steel\n- copper\ntail"),
        ("<table><tr><th>Country<th>Rate<tr><td>Peru<td>10%</table>", "Country | Rate\nPeru | 10%"),
        ("<table><tr><td><p>newsletter layout</p></td></tr></table>", "newsletter layout"),
        ("a<script>if (a < b) { x('</p>') }</script>b", "ab"),
        ("<style>p{}</style>seen<iframe src=x>hidden</iframe><noscript><img></noscript>", "seen"),
        ("<a href=\"a>b\" title='c>d'>link</a> after", "link after"),
        ("<!-- a > b --><p>shown</p><!DOCTYPE x><?php y ?>", "shown"),
        ("5 < 6 and 7 > 2", "5 < 6 and 7 > 2"),
        ("Caf&eacute;&nbsp;&#8212;&#x20ac;5 AT&T &bogus;", "Café —€5 AT&T &bogus;"),
        ("&lt;p&gt;Escaped &amp;amp; once too often&lt;/p&gt;&lt;p&gt;second", "Escaped & once too often\nsecond"),
        ("Tom&amp;#39;s &amp;amp; co", "Tom's & co"),
        ("first paragraph,\nwrapped\n\nsecond paragraph", "first paragraph, wrapped\nsecond paragraph"),
        ("<pre>a\nb</pre>c\nd", "a\nb\nc d"),
        ("Frie\u00addens\u200btruppe \u202eabc\ufeff", "Friedenstruppe abc"),
        ("и\u0306", "й"),
        ('<p>text cut off in <a href="http', "text cut off in"),
        ("<iframe>never closed, text goes on", "never closed, text goes on"),
        ("<script>never closed, code", ""),
        ("nul\x00 and \ud83d\ude00 and \ud800 lone", "nul and 😀 and \ufffd lone"),
        ("", ""),
    ],
)
def test_markup_becomes_the_text_a_reader_sees(markup: str, text: str) -> None:
    assert html_to_text(markup).replace("\ufffd\ufffd", "\ufffd") == text


def test_long_text_is_cut_at_a_word() -> None:
    text = html_to_text("<p>" + "word " * 60_000)
    assert len(text) <= MAX_TEXT_CHARS
    assert text.endswith(" word")


_PIECES = st.sampled_from(
    [
        "<p>",
        "</p>",
        "<b",
        ">",
        "<!--",
        "-->",
        "&amp;",
        "&#x",
        ";",
        '"',
        "'",
        "<td>",
        "<li>",
        "<script>",
        "</script>",
        "<pre>",
        "\x00",
        "\ud800",
        "\u0301",
        "\xa0",
        "\n",
        "Text",
        "і",
        " ",
    ]
)


@settings(max_examples=100, deadline=None)
@given(st.lists(_PIECES | st.text(max_size=6), max_size=60))
def test_any_input_gives_clean_lines(pieces: list[str]) -> None:
    text = html_to_text("".join(pieces))
    text.encode("utf-8")
    for line in text.split("\n"):
        assert line == " ".join(line.split())
        assert not any(ord(character) < 32 for character in line)
    assert "\n\n" not in text
