"""Canonical addresses: one for each article, and stable when computed again."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from producers.addresses.tracking import DOUBTFUL_NAMES, DOUBTFUL_PREFIXES, SURE_NAMES, SURE_PREFIXES, is_tracking
from producers.addresses.urls import absolute_url, canonical_url, readable_url

SAME = [
    ("HTTPS://WWW.Example.ORG/News", "https://www.example.org/News"),
    ("http://example.org/a", "https://example.org/a"),
    ("https://example.org:443/a", "https://example.org/a"),
    ("http://example.org:80/a", "https://example.org/a"),
    ("https://example.org:8443/a", "https://example.org:8443/a"),
    ("https://example.org", "https://example.org/"),
    ("https://example.org./a", "https://example.org/a"),
    ("https://example.org/a#comments", "https://example.org/a"),
    ("https://reader:secret@example.org/a", "https://example.org/a"),
    ("https://example.org//a///b", "https://example.org/a/b"),
    ("https://example.org/a?utm_source=rss&utm_medium=feed&id=7", "https://example.org/a?id=7"),
    ("https://example.org/a?CMP=Share_iOSApp_Other", "https://example.org/a"),
    ("https://example.org/a?maca=en-rss-en-all-1573-rdf", "https://example.org/a"),
    ("https://example.org/a?at_medium=RSS&at_campaign=KARANGA", "https://example.org/a"),
    ("https://example.org/a?partner=rss&emc=rss", "https://example.org/a"),
    ("https://example.org/a?fbclid=x&gclid=y&msclkid=z&mc_cid=1", "https://example.org/a"),
    ("https://example.org/%7Euser/caf%c3%a9", "https://example.org/~user/caf%C3%A9"),
    ("https://example.org/café", "https://example.org/caf%C3%A9"),
    ("https://ПРЕЗИДЕНТ.рф/новости", "https://xn--d1abbgf6aiiy.xn--p1ai/%D0%BD%D0%BE%D0%B2%D0%BE%D1%81%D1%82%D0%B8"),
    (" https://example.org/a\n", "https://example.org/a"),
]


@pytest.mark.parametrize(("given_url", "wanted"), SAME)
def test_spellings_of_one_address_become_one(given_url: str, wanted: str) -> None:
    assert canonical_url(given_url) == wanted


@pytest.mark.parametrize(
    "url",
    [
        "https://example.org/story?id=4711&page=2",
        "https://example.org/?p=123",
        "https://example.org/story.php?storyid=9&lang=en",
        "https://example.org/a?q=x%20y%26z",
        "https://example.org/a%2Fb",
        "https://example.org/100%25-sure",
    ],
)
def test_what_names_the_article_stays(url: str) -> None:
    """An address cut too short makes one article out of two, and the second is lost."""
    cut = canonical_url(url)
    assert cut is not None
    assert canonical_url(url.replace("4711", "4712")) == cut.replace("4711", "4712")
    assert cut.count("=") == url.count("=")
    assert ("%2F" in cut, "%25" in cut) == ("%2F" in url, "%25" in url)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "   ",
        "mailto:desk@example.org",
        "javascript:alert(1)",
        "ftp://example.org/a",
        "/only/a/path",
        "https://",
        "http://[::1",
        "https://example.org:99999/a",
    ],
)
def test_what_is_no_web_address_has_no_canonical_form(url: str) -> None:
    assert canonical_url(url) is None


def test_a_relative_address_is_resolved_against_the_feed() -> None:
    assert canonical_url("../news/1?utm_source=x", "https://example.org/feeds/all.xml") == "https://example.org/news/1"
    assert absolute_url("/news/1", "https://example.org/feeds/all.xml") == "https://example.org/news/1"


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/a?utm_source=rss&id=7#part-2", "https://example.org/a?fbclid=Iw&&x", "https://example.org/a?b=1&UTM_Medium=feed",
        "https://example.org/a?xtor=RSS-1#xtor=RSS-1", "https://example.org/a?at_medium=RSS&CMP=x&ref=rss", "https://example.org/a?q=a+b%20c",
    ],
)  # fmt: skip
def test_the_address_people_open_is_the_one_that_the_feed_gives(url: str) -> None:
    assert readable_url(url) == url


@pytest.mark.parametrize("name", sorted(SURE_NAMES | DOUBTFUL_NAMES | {f"{one}x" for one in (*SURE_PREFIXES, *DOUBTFUL_PREFIXES)}))
def test_no_tracking_is_cut_from_the_address_people_open(name: str) -> None:
    url = f"https://example.org/a?id=7&{name}=4711"
    assert readable_url(url) == url
    assert canonical_url(url) == "https://example.org/a?id=7"


def test_the_address_people_open_gives_nobody_our_password_or_session() -> None:
    url = "https://reader:secret@example.org/a;jsessionid=0F?PHPSESSID=1&utm_source=rss"
    assert readable_url(url) == "https://example.org/a?utm_source=rss"


@pytest.mark.parametrize("name", ["utm_whatever", "UTM_Source", "at_link_id", "CMP", "fbclid", "mtm_campaign"])
def test_tracking_parameters_are_known_in_any_case(name: str) -> None:
    assert is_tracking(name)


@pytest.mark.parametrize("name", ["id", "p", "page", "story", "article", "src", "cid", "v", "lang", "date", "attachment", "atlas", "nsfw"])
def test_parameters_that_name_articles_are_not_tracking(name: str) -> None:
    assert not is_tracking(name)


address_text = st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\x00"), max_size=60)


@settings(max_examples=100, deadline=None)
@given(
    path=address_text,
    query=address_text,
    host=st.sampled_from(["example.org", "EXAMPLE.org.", "žluť.example", "example.org:8080", "[2001:db8::1]"]),
)
def test_doing_it_twice_changes_nothing(path: str, query: str, host: str) -> None:
    once = canonical_url(f"https://{host}/{path}?{query}")
    if once is not None:
        assert canonical_url(once) == once
        assert once.isascii()


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=80), st.none() | st.text(max_size=40))
def test_no_text_makes_it_fail(url: str, base: str | None) -> None:
    answer = canonical_url(url, base)
    assert answer is None or answer.startswith("https://")
    assert readable_url(url, base) is None or canonical_url(url, base) is not None


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["id", "page", "utm_source", "CMP", "x"]), st.text(alphabet="abc&=% é", max_size=6)), max_size=6))
def test_every_parameter_that_is_not_tracking_keeps_its_value_and_place(pairs: list[tuple[str, str]]) -> None:
    from urllib.parse import parse_qsl, urlencode, urlsplit

    cut = canonical_url("https://example.org/a?" + urlencode(pairs))
    assert cut is not None
    assert parse_qsl(urlsplit(cut).query, keep_blank_values=True) == [pair for pair in pairs if not is_tracking(pair[0])]
