"""Addresses are read as browsers read them: against a base, with blanks, backslashes and letters of any script."""

from __future__ import annotations

from urllib.parse import unquote, urljoin

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from yarl import URL

from producers.addresses.urls import canonical_url, readable_url

BASES = ["https://quay.example", "https://quay.example/", "http://quay.example/news/all.xml", "https://quay.example:8443/a/b/?page=2"]
RELATIVE = [
    "a",
    "a/b",
    "/a",
    "//cdn.example/a",
    "../a",
    "../../../a",
    "./a",
    "?id=1",
    "#part",
    "a?x=1#y",
    "a;b,c",
    "a%20b",
    "https://other.example/z",
]


@pytest.mark.parametrize("base", BASES)
@pytest.mark.parametrize("link", RELATIVE)
def test_relative_addresses_resolve_as_another_library_resolves_them(base: str, link: str) -> None:
    found = readable_url(link, base)
    assert found is not None
    assert URL(found) == URL(base).join(URL(link))
    assert unquote(found) == unquote(urljoin(base, link).replace("/../", "/"))


@pytest.mark.parametrize(
    ("written", "wanted"),
    [
        ("https://quay.example/press release 12.pdf", "https://quay.example/press%20release%2012.pdf"),
        ("  https://quay.example/a\n", "https://quay.example/a"),
        ("\u00a0https://quay.example/a\u200b\ufeff", "https://quay.example/a"),
        ("https://quay.example/\n      a/b", "https://quay.example/a/b"),
        ("https://quay.example/a\tb", "https://quay.example/ab"),
        ("https:\\\\quay.example\\a\\b?c=\\d", "https://quay.example/a/b?c=%5Cd"),
        ("\\\\cdn.example\\x", "https://cdn.example/x"),
        ("https:/quay.example/a", "https://quay.example/a"),
        ("http://https://quay.example/a", "https://quay.example/a"),
        ("https:////quay.example/a", "https://quay.example/a"),
        ("www.quay.example/a", "https://www.quay.example/a"),
        ("base.example/a", "https://base.example/a"),
        ("WWW.base.example?x=1", "https://WWW.base.example?x=1"),
        ("https://quay.example/новини?q=порт#ї", "https://quay.example/новини?q=порт#ї"),
        ("https://quay.example/e\u0301", "https://quay.example/e%CC%81"),
        ("https://žluť.example/ř", "https://žluť.example/ř"),
        ('https://quay.example/a"b<c>', "https://quay.example/a%22b%3Cc%3E"),
        ("https://quay.example/a?q=b c&r=d", "https://quay.example/a?q=b%20c&r=d"),
        ("https://quay.example/../../a", "https://quay.example/a"),
        ("https://quay.example/a%20b%zz", "https://quay.example/a%20b%zz"),
        ("https://quay.example/x?next=http://b.example//c", "https://quay.example/x?next=http://b.example//c"),
    ],
)
def test_what_is_written_carelessly_opens(written: str, wanted: str) -> None:
    assert readable_url(written, "https://base.example/feeds/all") == wanted


@pytest.mark.parametrize(
    "written",
    ["mailto:a@b.example", "javascript:void(0)", "data:text/html,x", "tag:a.example,2026:1", "urn:uuid:1", "ftp://a.example/",
     "https://quay example/a", "https://qu<ay.example/", "https://\ufffe.example/", "https://", "", " "],
)  # fmt: skip
def test_what_opens_in_no_browser_is_no_address(written: str) -> None:
    assert readable_url(written, "https://base.example/") is None


@settings(max_examples=200, deadline=None)
@given(path=st.text(alphabet=st.characters(codec="utf-8"), max_size=30), base=st.sampled_from(BASES))
def test_an_address_for_readers_holds_no_blank_and_stays_the_same_article(path: str, base: str) -> None:
    found = readable_url(f"/{path}", base)
    if found is not None:
        assert not any(letter.isspace() or (not letter.isprintable() and letter.isascii()) for letter in found)
        assert readable_url(found, base) == found
        assert canonical_url(found) == canonical_url(f"/{path}", base)
