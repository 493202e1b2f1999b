"""The shipped themes on every recorded entry: exactly the expected themes, and none on all the others."""

from __future__ import annotations

import pytest
from support.recorded import NOW, recorded_articles, recorded_versions
from support.shipped import shipped_themes

from newsmon.app.demo.findings.expectations import load_expectations
from newsmon.app.demo.recorded.catalogue import RecordedFeed, demo_directory
from newsmon.ids import normalised
from newsmon.records import Article
from processors.matching.classify import classify_article

THEMES = shipped_themes()
ENTRIES = load_expectations(demo_directory() / "expected.toml").by_title()


@pytest.mark.parametrize(("feed", "version"), recorded_versions(), ids=lambda value: getattr(value, "id", str(value)))
def test_every_entry_of_a_feed_matches_exactly_its_themes(feed: RecordedFeed, version: int) -> None:
    wrong = []
    for article in recorded_articles(feed, version):
        entry = ENTRIES.get((feed.id, normalised(article.title)))
        wanted = set(entry.themes) if entry else set()
        classification, matches = classify_article(article, THEMES, now=NOW)
        found = set(classification.matched_theme_ids)
        assert found == {match.theme_id for match in matches}
        if found != wanted:
            wrong.append((article.title, f"wanted {sorted(wanted)}", f"found {sorted(found)}"))
    assert wrong == []


def test_evidence_is_cut_from_the_stored_text_and_adds_up() -> None:
    count = 0
    for feed, version in recorded_versions():
        for article in recorded_articles(feed, version):
            for match in classify_article(article, THEMES, now=NOW)[1]:
                count += 1
                for item in match.evidence:
                    assert _field(article, item.field)[item.start : item.end] == item.text
                assert sum(item.contribution for item in match.evidence) == pytest.approx(match.score)
                assert match.score >= match.threshold
    assert count > 50


def _field(article: Article, name: str) -> str:
    return {"title": article.title, "lead": article.lead, "body": article.body}[name]
