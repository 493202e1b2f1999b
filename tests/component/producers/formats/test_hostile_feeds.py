"""Feeds made to be large: nesting and entities without end cost seconds, and never an article they should not."""

from __future__ import annotations

from pathlib import Path

from support import parsed_feeds

from producers.articles.draft import Draft


def test_nesting_and_entities_without_end_are_refused_or_survived() -> None:
    deep = b"<rss version='2.0'><channel><item><title>T</title>" + b"<x>" * 100_000 + b"</x>" * 100_000 + b"</item></channel></rss>"
    laughs = (
        b'<!DOCTYPE rss [<!ENTITY a "'
        + b"ha" * 1000
        + b'"><!ENTITY b "'
        + b"&a;" * 1000
        + b'">]><rss><channel><item><title>&b;</title></item></channel></rss>'
    )
    for body in (deep, laughs):
        parsed_feeds.assert_sound(parsed_feeds.parsed(body))


def test_entities_are_neither_expanded_without_end_nor_read_from_files(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("SECRET-9")
    bomb = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 9))
    doctype = f'<!DOCTYPE rss [<!ENTITY l0 "lol">{bomb}<!ENTITY file SYSTEM "{secret.as_uri()}">]>'
    body = f'<?xml version="1.0"?>{doctype}<rss version="2.0"><channel><item><title>T &l8; &file;</title><link>https://a.example/1</link></item></channel></rss>'
    for one in parsed_feeds.parsed(body.encode()).drafts:
        assert isinstance(one, Draft)
        assert "SECRET-9" not in one.title
        assert len(one.title) < 2_000
