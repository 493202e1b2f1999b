"""Feeds with a missing or wrong encoding declaration are read all the same."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.parsed_feeds import parsed

from producers.articles.draft import Draft
from producers.charsets.settle import CharsetReason, decoded

WORDS = {
    "windows-1251": "Переговоры о мире продолжаются в столице, стороны встретились во второй раз за неделю",
    "iso-8859-1": "Les négociations ont repris à Genève, les délégués espèrent un accord",
    "shift_jis": "和平交渉は首都で続いている。両国の代表は今週二回目の会談を行った。",
    "koi8-r": "Переговоры о мире продолжаются в столице, стороны встретились во второй раз за неделю",
}


def feed(text: str, encoding: str, declaration: str = "") -> bytes:
    return f'{declaration}<rss version="2.0"><channel><item><title>{text}</title><link>https://a.example/1</link></item></channel></rss>'.encode(
        encoding
    )


def title(body: bytes, content_type: str = "") -> str:
    (only,) = parsed(body, content_type=content_type).drafts
    assert isinstance(only, Draft)
    return only.title


@pytest.mark.parametrize("encoding", WORDS)
@pytest.mark.parametrize("content_type", ["", "text/xml", "application/rss+xml; charset=utf-8"])
def test_an_encoding_nobody_declares_is_told_from_the_letters(encoding: str, content_type: str) -> None:
    assert title(feed(WORDS[encoding], encoding), content_type) == WORDS[encoding]


@pytest.mark.parametrize(
    "content_type", ["", "text/xml", "text/html; charset=us-ascii", "application/octet-stream", "text/xml; charset=nonsense"]
)
def test_utf_8_needs_no_declaration(content_type: str) -> None:
    assert title(feed("Зустріч у Києві – décision «sûre»", "utf-8"), content_type) == "Зустріч у Києві – décision «sûre»"


def test_one_character_cut_in_half_does_not_spoil_the_whole_feed() -> None:
    body = feed("Зустріч у Києві, друга за тиждень, друга за тиждень!", "utf-8").replace(b"!", "…".encode()[:2])
    assert title(body, "application/rss+xml; charset=utf-8") == "Зустріч у Києві, друга за тиждень, друга за тиждень\ufffd"


def test_what_is_declared_and_holds_is_believed() -> None:
    body = feed("Żółć", "iso-8859-2", '<?xml version="1.0" encoding="iso-8859-2"?>')
    assert decoded(body, "text/xml")[1:3] == ("iso-8859-2", CharsetReason.DECLARED)
    assert title(body) == "Żółć"


@given(st.binary(max_size=400), st.sampled_from(["", "text/xml; charset=utf-8", 'a/b; charset="', "text/xml; charset=\ud800"]))
def test_any_bytes_are_told_as_something(body: bytes, content_type: str) -> None:
    found = decoded(body, content_type)
    assert found.utf8.decode("utf-8") == found.text
    assert found.charset
