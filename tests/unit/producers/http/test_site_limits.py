"""Requests to one host are spaced; a 429 holds the whole registrable domain."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from producers.addresses.sites import registrable_domain
from producers.http.site_limits import SiteLimits

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def test_a_host_is_free_again_after_the_spacing_and_others_at_once() -> None:
    site_limits = SiteLimits(timedelta(seconds=2))
    site_limits.take("https://a.example/1", now=NOW)
    assert not site_limits.is_free("https://A.example/2", now=NOW + timedelta(seconds=1.9))
    assert site_limits.is_free("https://a.example/2", now=NOW + timedelta(seconds=2))
    assert site_limits.is_free("https://b.example/1", now=NOW)


def test_a_hold_covers_the_whole_domain_until_its_end_and_nobody_else() -> None:
    site_limits = SiteLimits(timedelta(0))
    site_limits.hold_domain("https://one.blogs.example.co.uk/feed", NOW + timedelta(minutes=5))
    site_limits.hold_domain("https://two.blogs.example.co.uk/feed", NOW + timedelta(minutes=1))
    assert not site_limits.is_free("https://two.blogs.example.co.uk/feed", now=NOW + timedelta(minutes=4))
    assert site_limits.is_free("https://two.blogs.example.co.uk/feed", now=NOW + timedelta(minutes=5))
    assert site_limits.is_free("https://other.co.uk/feed", now=NOW)


@pytest.mark.parametrize(
    ("url", "wanted"),
    [
        ("https://feeds.bbci.co.uk/news", "bbci.co.uk"),
        ("https://www.abc.net.au/feed", "abc.net.au"),
        ("https://pravda.com.ua/rss", "pravda.com.ua"),
        ("http://127.0.0.1:8000/feed", "127.0.0.1"),
        ("http://localhost/feed", "localhost"),
    ],
)
def test_registrable_domains_without_the_network(url: str, wanted: str) -> None:
    assert registrable_domain(url) == wanted
