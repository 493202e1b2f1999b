"""A Location header leads where a browser would go."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from producers.answers.locations import redirect_target

BASE = "https://quay.example/news/feed?x=1"


@pytest.mark.parametrize(
    ("location", "target"),
    [
        ("https://other.example/rss", "https://other.example/rss"),
        ("/rss", "https://quay.example/rss"),
        ("rss", "https://quay.example/news/rss"),
        ("../rss", "https://quay.example/rss"),
        ("?page=2", "https://quay.example/news/feed?page=2"),
        ("//other.example/rss", "https://other.example/rss"),
        ("\\\\other.example\\rss", "https://other.example/rss"),
        ("https:\\\\other.example\\rss?a=\\b", "https://other.example/rss?a=\\b"),
        ("\\rss", "https://quay.example/rss"),
        ("/a b.xml", "https://quay.example/a%20b.xml"),
        ("/a%20b.xml", "https://quay.example/a%20b.xml"),
        ("  /rss \t", "https://quay.example/rss"),
        ("<https://other.example/rss>", "https://other.example/rss"),
        ('"/rss"', "https://quay.example/rss"),
        ("/größe", "https://quay.example/größe"),
        (b"/gr\xf6\xdfe".decode("utf-8", "surrogateescape"), "https://quay.example/gr%F6%DFe"),
        ("/a\tb\nc", "https://quay.example/abc"),
        ("/rss#top", "https://quay.example/rss#top"),
        ("HTTPS://OTHER.example/RSS", "https://OTHER.example/RSS"),
        ("javascript:alert(1)", "javascript:alert(1)"),
    ],
)
def test_where_it_leads(location: str, target: str) -> None:
    assert redirect_target(BASE, location) == target


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=80))
def test_any_bytes_lead_somewhere_that_can_be_written_down_or_are_an_error(raw: bytes) -> None:
    try:
        target = redirect_target(BASE, raw.decode("utf-8", "surrogateescape"))
        urlsplit(target)
    except ValueError:
        return
    target.encode("utf-8")
    assert not any(ord(letter) < 33 or letter == "\x7f" for letter in target)
