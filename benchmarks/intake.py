"""The cost of other input on one core: backfill lines, news sitemaps, article pages, boilerplate, language of headlines.

Run: .venv/bin/python -I benchmarks/intake.py
CPU time of this process, best of three; the texts are made up.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from newsmon.records import Feed
from newsmon.text import identify_language, without_boilerplate
from producers.articles.backfill_lines import feed_of, piece_of
from producers.articles.comparison import PollStamp, compare
from producers.articles.draft import Draft, draft_of
from producers.articles.page_text import PageJob, extract_page
from producers.formats.entry import Entry
from producers.formats.sitemap import parse_sitemap

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
HEADLINES = Path(__file__).resolve().parent.parent / "tests" / "data" / "languages" / "headlines.tsv"
SENTENCE = "Deputies said on Tuesday that paragraph {0} of the harbour agreement, number {1}, would bring new jobs to the coast. "


def best_s(work: Callable[[], object]) -> float:
    times = []
    for _ in range(3):
        started_s = time.process_time()
        work()
        times.append(time.process_time() - started_s)
    return min(times)


def article_of(number: int) -> object:
    feed = Feed(feed_id="a", url="https://a.example/feed", source="A", language="en")
    entry = Entry(None, f"https://a.example/{number}", "Deputies debate the harbour agreement", "The harbour agreement.", "", None)
    draft = draft_of(entry, feed, base=None, first_seen_at=NOW)
    assert isinstance(draft, Draft)
    return compare([draft], None, feed, PollStamp(1, "p", NOW, 24)).articles[0]


def main() -> None:
    text = "".join(SENTENCE.format(part, 7) for part in range(17))  # about 2 kB
    lines = [
        (number, json.dumps({"title": f"Harbour report {number}", "text": text, "url": f"https://a.example/{number}"}).encode())
        for number in range(2_000)
    ]
    spent_s = best_s(lambda: piece_of(feed_of("ab" * 32, "A"), 1, lines, now=NOW, max_revisions=24))
    print(f"backfill, lines of 2 kB read and cleaned: {len(lines) / spent_s:,.0f}/s")

    url = (
        "<url><loc>https://a.example/{0}</loc><news:news><news:publication><news:name>A</news:name><news:language>en</news:language>"
        "</news:publication><news:publication_date>2026-11-24T08:00:00Z</news:publication_date><news:title>T {0}</news:title></news:news></url>"
    )
    spaces = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"'
    sitemap = f"<urlset {spaces}>{''.join(url.format(number) for number in range(1_000))}</urlset>".encode()
    spent_s = best_s(lambda: parse_sitemap(sitemap))
    print(f"news sitemap of 1,000 addresses parsed: {spent_s * 1_000:.1f} ms ({len(sitemap) / spent_s / 1e6:.0f} MB/s)")

    article = article_of(1)
    filler = "".join(f'<li><a href="/{number}">Link number {number} of the menu</a></li>' for number in range(400))
    paragraphs = "".join(f"<p>{SENTENCE.format(part, 8) * 2}</p>" for part in range(20))
    page = f"<html><body><nav><ul>{filler}</ul></nav><article><h1>Harbour</h1>{paragraphs}</article></body></html>".encode()
    job = PageJob(msgspec.structs.replace(article), page, "text/html; charset=utf-8", "https://a.example/1")  # type: ignore[type-var]
    extract_page(job)  # loads the extractor and the language model
    spent_s = best_s(lambda: [extract_page(job) for _ in range(50)])
    print(f"article pages of {len(page) / 1_000:.0f} kB extracted: {50 / spent_s:,.0f}/s, {spent_s / 50 * 1_000:.1f} ms each")

    boxed = text.replace(". Deputies", ".\nSign up for our daily newsletter to get the stories that matter.\nDeputies", 3)
    spent_s = best_s(lambda: [without_boilerplate(boxed, "en") for _ in range(500)])
    print(f"boilerplate cut from texts of 2 kB: {500 / spent_s:,.0f}/s")

    headlines = [line.split("\t") for line in HEADLINES.read_text("utf-8").splitlines()]
    spent_s = best_s(lambda: [identify_language(headline) for _code, headline in headlines])
    right = sum(identify_language(headline).code == code for code, headline in headlines)
    own = sum(identify_language(headline, prior=code).code == code for code, headline in headlines)
    print(f"language of a bare headline: {len(headlines) / spent_s:,.0f}/s")
    print(
        f"  right: {right / len(headlines):.1%} of {len(headlines)} in 17 languages; {own / len(headlines):.1%} when the feed states its language"
    )


if __name__ == "__main__":
    main()
