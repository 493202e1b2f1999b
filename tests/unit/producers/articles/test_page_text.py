"""The article in a page is found, cleaned and judged; bot walls, front pages and garbage give a reason and no text."""

from __future__ import annotations

import pytest
from support.pages import TEXT, TITLE, article, page

from newsmon.records import PageResult
from producers.articles.page_text import PageJob, PageText, extract_page


def extracted(body: bytes, content_type: str = "text/html; charset=utf-8", **changes: str) -> PageText:
    return extract_page(PageJob(article(**changes), body, content_type, "https://a.example/1"))


def test_the_text_of_the_article_comes_out_plain_without_the_site_around_it() -> None:
    found = extracted(page(*TEXT))
    assert (found.result, found.lead, found.language) == (PageResult.EXTRACTED, "The Rada voted on Tuesday.", "en")
    assert found.body.split("\n") == TEXT


def test_a_lead_that_is_only_the_beginning_gives_way_to_the_first_paragraph() -> None:
    found = extracted(page(*TEXT), lead=TEXT[0][:60] + "…")
    assert (found.lead, found.body.split("\n")) == (TEXT[0], TEXT[1:])


def test_boxes_in_the_page_are_cut_and_sentences_about_them_stay() -> None:
    about = "Cookie banners were no part of the harbour agreement, deputies said."
    found = extracted(page(*TEXT[:4], "Sign up for our daily newsletter to get the stories that matter.", about, *TEXT[4:]))
    assert about in found.body
    assert "Sign up" not in found.body


def test_markup_written_about_in_the_text_stays_text() -> None:
    found = extracted(page(*TEXT, "The clerk typed &lt;b&gt;harbour&lt;/b&gt; &amp;amp; went home."))
    assert "The clerk typed" in found.body


@pytest.mark.parametrize(
    ("body", "content_type", "result"),
    [
        (b"%PDF-1.7 ...", "application/pdf", PageResult.NOT_HTML),
        (b'{"a": 1}', "application/json", PageResult.NOT_HTML),
        (b"plain words", "", PageResult.NOT_HTML),
        (b"<html><body></body></html>", "text/html", PageResult.NO_TEXT),
        (page("Subscribe to continue reading this article."), "text/html", PageResult.NO_TEXT),
        (
            page(
                *(
                    f"Partner {n} keeps information on a device and processes personal details such as unique identifiers for you."
                    for n in range(6)
                )
            ).replace(TITLE.encode(), b"Consent"),
            "text/html",
            PageResult.UNRELATED,
        ),
        (b"\x00\xff" * 4_000, "text/html", PageResult.NO_TEXT),
    ],
)
def test_what_is_no_article_has_a_reason(body: bytes, content_type: str, result: PageResult) -> None:
    found = extracted(body, content_type)
    assert (found.result, found.lead, found.body) == (result, "", "")


def test_a_page_that_says_no_more_than_the_feed_is_no_gain() -> None:
    assert extracted(page(*TEXT), lead=" ".join(TEXT)).result is PageResult.NO_GAIN


def test_the_stated_charset_is_believed() -> None:
    ukrainian = [f"Депутати сказали в абзаці {n}, що угода про гавань, яку Рада ратифікувала у вівторок, дасть роботу." for n in range(8)]
    body = page(*ukrainian).decode().replace('<meta charset="utf-8">', "").encode("cp1251", "replace")
    found = extracted(body, "text/html; charset=windows-1251", title="Рада ратифікувала угоду про гавань", lead="")
    assert (found.result, found.language) == (PageResult.EXTRACTED, "uk")
    assert ukrainian[3] in found.body


def test_nothing_of_ours_touches_trafilaturas_downloader() -> None:
    from pathlib import Path

    import producers

    sources = [file.read_text("utf-8") for file in Path(producers.__file__).parent.rglob("*.py")]
    assert sum("trafilatura" in source for source in sources) == 1
    assert not any(
        word in source for source in sources for word in ("fetch_url", "fetch_response", "trafilatura.downloads", "trafilatura.spider")
    )


@pytest.mark.parametrize(
    ("tag", "wanted"),
    [
        ('<link rel="canonical" href="https://www.a.example/one">', "https://www.a.example/one"),
        ("<LINK REL=canonical HREF=/one>", "https://a.example/one"),
        ("<link href='https://www.a.example/one?a=1&amp;b=2' rel='shortlink canonical' />", "https://www.a.example/one?a=1&b=2"),
        ('<link rel="canonical" href="https://b.example/one">', None),
        ('<link rel="canonical" href="https://www.a.example/">', None),
        ('<link rel="canonical" href="">', None),
        ('<link rel="alternate" href="https://www.a.example/one">', None),
        ("<link " * 40_000, None),
        ("", None),
    ],
)
def test_the_canonical_link_of_a_page_is_read_if_it_can_be_the_articles(tag: str, wanted: str | None) -> None:
    assert extracted(page(*TEXT).replace(b"<head>", b"<head>" + tag.encode())).canonical == wanted
