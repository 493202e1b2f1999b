"""Which text of an entry is its title, lead and body, and which angle brackets are markup."""

from __future__ import annotations

from itertools import permutations
from xml.sax.saxutils import escape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.feed_documents import atom, draft, drafts, rss

T, M = "<title>Own</title>", "<media:title>Picture</media:title>"
D, C = "<description>Envoys meet.</description>", "<content:encoded>Talks resume in Geneva on Monday.</content:encoded>"
CAPTION = "<media:description>What the picture shows, at greater length than anything else here.</media:description>"
WRAPPED = [
    "&lt;![CDATA[{}]]&gt;",
    "<![CDATA[<![CDATA[{}]]]]><![CDATA[>]]>",
    "&lt;![CDATA[{}",
    "{}]]&gt;",
    "&amp;lt;![CDATA[{}]]&amp;gt;",
    "&lt;![cdata[{}]]&gt;",
    "&lt;![CDATA[ {} ]]>".replace("]]>", "]]&gt;"),
    "&lt;![CDATA[&lt;![CDATA[{}]]&gt;]]&gt;",
    "<![CDATA[{}]]>",
]


@pytest.mark.parametrize("wrapper", WRAPPED)
def test_a_text_in_cdata_marks_that_were_escaped_is_the_text(wrapper: str) -> None:
    def inside(text: str) -> str:
        return wrapper.format(text)

    for body in (
        rss(f"<title>{inside('Pact talks')}</title><link>{inside('https://quay.example/a')}</link><description>{inside('In Geneva.')}</description>"),
        atom(f'<title>{inside("Pact talks")}</title><link href="https://quay.example/a"/><summary type="html">{inside("In Geneva.")}</summary>'),
        rss(f"<title>{inside('Pact talks')}</title><guid>{inside('https://quay.example/a')}</guid><content:encoded>{inside('In Geneva.')}</content:encoded>"),
    ):  # fmt: skip
        found = draft(body)
        assert (found.title, found.lead, found.url) == ("Pact talks", "In Geneva.", "https://quay.example/a")


@pytest.mark.parametrize("kind", ['type="text"', ""])
@pytest.mark.parametrize(
    "text", ["Leak names <General Orlov> as source", "a < b", "AT&T", "R&amp;D", "<b>", "1 < 2 > 0", "<p>", "x <y> z </y>"]
)
def test_plain_text_in_atom_is_shown_as_written(kind: str, text: str) -> None:
    found = draft(
        atom(f"<title {kind}>{escape(text)}</title><summary>Lead.</summary><content {kind}>{escape('So: ' + text)}</content><id>x</id>")
    )
    assert (found.title, found.lead, found.body) == (text, "Lead.", f"So: {text}")


@pytest.mark.parametrize(
    ("title", "wanted"),
    [
        ('<title type="html">Leak &lt;b&gt;names&lt;/b&gt; AT&amp;amp;T</title>', "Leak names AT&T"),
        ('<title type="html">Leak &lt;General Orlov&gt;</title>', "Leak <General Orlov>"),
        ('<title type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">Less: <em>1 &lt; 2</em></div></title>', "Less: 1 < 2"),
        ("<title>Don&amp;#8217;t&amp;nbsp;go&amp;mdash;now</title>", "Don’t go—now"),
    ],
)
def test_other_types_of_atom_titles_are_markup(title: str, wanted: str) -> None:
    assert draft(atom(f"{title}<id>x</id>")).title == wanted


@pytest.mark.parametrize(
    ("summary", "wanted"),
    [
        ("<summary>One&amp;nbsp;two &amp;ndash; &lt;General Orlov&gt;</summary>", "One two – <General Orlov>"),
        ("<summary>Don&amp;#8217;t &lt;b&gt;go&lt;/b&gt;</summary>", "Don’t go"),
        ('<summary mode="escaped">A &lt;b&gt;bold&lt;/b&gt; word</summary>', "A bold word"),
        ('<summary mode="base64">QSA8Yj5ib2xkPC9iPiB3b3Jk</summary>', "A bold word"),
        ('<summary type="text/plain" mode="escaped">A &lt;b&gt;bold&lt;/b&gt; word</summary>', "A <b>bold</b> word"),
    ],
)  # fmt: skip
def test_a_text_that_is_plain_by_default_only_is_markup_where_it_looks_so(summary: str, wanted: str) -> None:
    assert draft(atom(f"<title>Pact</title>{summary}<id>x</id><link href='https://quay.example/a'/>")).lead == wanted


@pytest.mark.parametrize(("text", "wanted"), [("NESCAFÉ® opens", None), ("CAFÉ™ opens", None), ("&#195;&#169;lan", "élan")])
def test_letters_and_signs_that_look_like_utf_8_stay_and_references_to_its_bytes_are_mended(text: str, wanted: str | None) -> None:
    assert draft(rss(f"<title>{text}</title><link>https://quay.example/a</link>")).title == (wanted or text)


def test_paragraphs_that_atom_calls_plain_by_mistake_are_paragraphs() -> None:
    assert draft(atom("<title>t</title><id>x</id><summary>&lt;p&gt;One.&lt;/p&gt;&lt;p&gt;Two.&lt;/p&gt;</summary>")).lead == "One.\nTwo."


@pytest.mark.parametrize(
    ("title", "wanted"),
    [
        ("Leak names <General Orlov> as source", "Leak names <General Orlov> as source"),
        ("<b>Leak</b> names <i>Orlov</i>", "Leak names Orlov"),
        ("How the <script> element is abused", "How the <script> element is abused"),
        ("Leak<script>alert(1)</script> named", "Leak named"),
        ("When to use the <b> tag", "When to use the <b> tag"),
        ("Tariffs: x < y", "Tariffs: x < y"),
        ("AT&amp;T", "AT&T"),
        ("two\n lines", "two lines"),
        ("We <3 Kyiv", "We <3 Kyiv"),
        ("Minister<br/>resigns", "Minister resigns"),
        ("Mail <desk@quay.example> for more", "Mail <desk@quay.example> for more"),
    ],
)
def test_an_rss_title_is_markup_where_it_is_html_and_words_elsewhere(title: str, wanted: str) -> None:
    assert draft(rss(f"<title>{escape(title)}</title><guid>x</guid>")).title == wanted
    assert draft(rss(f"<title><![CDATA[{title}]]></title><guid>x</guid>")).title == wanted


OTHERS = [
    M, "<media:content url='p.jpg'><media:title>Picture</media:title></media:content>", "<media:group><media:title>Picture</media:title></media:group>",
    "<dc:title>Other</dc:title>", "<itunes:title>Other</itunes:title>", "<image><title>Logo</title><url>https://quay.example/l.png</url></image>",
    '<source url="https://paper.example/feed">Paper</source>', "<x:title>Page</x:title>", "<author><name>N</name></author>",
]  # fmt: skip


@pytest.mark.parametrize("other", OTHERS)
def test_no_other_title_takes_the_place_of_the_entrys_own(other: str) -> None:
    for parts in permutations((T, other, D)):
        assert draft(rss("".join(parts) + "<guid>x</guid>")).title == "Own"
    if "<source" not in other and "<image" not in other:
        for parts in permutations((T, other)):
            assert draft(atom("".join(parts) + "<id>x</id>")).title == "Own"


@pytest.mark.parametrize("other", ["<media:title>Only</media:title>", "<dc:title>Only</dc:title>", "<itunes:title>Only</itunes:title>"])
def test_another_title_is_better_than_none(other: str) -> None:
    assert draft(rss(f"{other}<guid>x</guid>{D}")).title == "Only"
    assert draft(rss(f"<title/>{other}<guid>x</guid>{D}")).title == "Only"


def test_lead_and_body_do_not_depend_on_the_order_of_elements_and_captions_are_neither() -> None:
    for parts in permutations((D, C, CAPTION)):
        found = draft(rss(f"{T}<guid>x</guid>{''.join(parts)}"))
        assert (found.lead, found.body) == ("Envoys meet.", "Talks resume in Geneva on Monday.")
    assert draft(rss(f"{T}<guid>x</guid>{CAPTION}")).lead.startswith("What the picture shows")


def test_an_entry_in_an_atom_feed_keeps_its_title_beside_that_of_its_source() -> None:
    source = "<source><title>Paper</title><id>s</id><link href='https://paper.example/'/></source>"
    for parts in permutations((source, "<title>Own &lt;x></title>", "<link href='/a'/>", "<id>x</id>")):
        found = draft(atom("".join(parts)))
        assert (found.title, found.url) == ("Own <x>", "https://quay.example/a")


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet=st.characters(codec="utf-8", categories=("L", "N", "P", "S", "Zs")), min_size=1, max_size=60))
def test_whatever_plain_text_atom_holds_is_not_lost(text: str) -> None:
    body = atom(f'<title type="text">x{escape(text)}</title><id>x</id>')
    (found,) = drafts(body)
    for word in text.split():
        if word.isalpha() and word.isascii():
            assert word in found.title
