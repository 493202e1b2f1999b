"""Classifies an article: the themes it belongs to, and why.

In: an article (or title, lead, body), the compiled themes, the time. Out: `Classification` and one `Match` per theme, or verdicts.
Boilerplate that survived cleaning is masked, not cut, so every span still points into the text as given.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache

from newsmon.ids import match_id
from newsmon.records import Article, Classification, ClassificationOutcome, Match, ThemeScore
from newsmon.text.boilerplate import boilerplate_spans
from newsmon.words import Words, current
from processors.matching.verdicts import Verdict, verdicts_of
from processors.search.scan import Scanned, scan
from processors.themes.theme_set import ThemeSet

_SEPARATOR_LENGTH = 2  # between the fields of the scanned text


def verdicts_on_text(
    title: str, lead: str, body: str, language: str, themes: ThemeSet, *,
    tier: int | None = None, country: str | None = None, mask: bool = True,
) -> tuple[Verdict, ...]:  # fmt: skip
    """One verdict per theme, negative ones included; evidence spans are code points into the named field."""
    masked = masked_spans(title, lead, body, language) if mask else []
    return verdicts_of(scan(title, lead, body, masked), themes, language, tier, country)


def masked_spans(title: str, lead: str, body: str, language: str) -> list[tuple[int, int]]:
    """Boilerplate in lead and body, as spans of the scanned text."""
    lead_start = len(title) + _SEPARATOR_LENGTH
    body_start = lead_start + len(lead) + _SEPARATOR_LENGTH
    known = None if language == "und" else language
    return [
        (start + span.start, start + span.end)
        for start, text in ((lead_start, lead), (body_start, body))
        if text
        for span in boilerplate_spans(text, known)
    ]


def scanned_article(article: Article) -> Scanned:
    """The article in searchable form, for any number of theme sets; the last one is remembered for the next set."""
    return _scanned(article.title, article.lead, article.body, article.language, current())


@lru_cache(maxsize=1)
def _scanned(title: str, lead: str, body: str, language: str, _words: Words) -> Scanned:
    return scan(title, lead, body, masked_spans(title, lead, body, language))


def verdicts_on_article(article: Article, themes: ThemeSet) -> tuple[Verdict, ...]:
    """One verdict per theme on an article, negative ones included."""
    return verdicts_of(scanned_article(article), themes, article.language, article.tier, article.country)


def classify_article(article: Article, themes: ThemeSet, *, now: datetime) -> tuple[Classification, tuple[Match, ...]]:
    """Return exactly one classification, and a match for every theme the article belongs to, highest score first."""
    given = verdicts_on_article(article, themes)
    return classification_of(article, given, themes, now=now)


def classification_of(
    article: Article, given: Sequence[Verdict], themes: ThemeSet, *, now: datetime
) -> tuple[Classification, tuple[Match, ...]]:
    """The records made from the verdicts; see `classify_article`."""
    ranked = sorted((one for one in given if one.score > 0), key=lambda one: (-one.score, one.theme_id))
    matched = [one for one in ranked if one.matched]
    scores = {one.theme_id: ThemeScore(theme_id=one.theme_id, score=one.score, threshold=one.threshold) for one in ranked}
    classification = Classification(
        article_id=article.article_id, revision=article.revision, revision_id=article.revision_id, origin=article.origin,
        feed_id=article.feed_id, poll_seq=article.poll_seq, language=article.language,
        outcome=ClassificationOutcome.MATCHED if matched else ClassificationOutcome.UNMATCHED,
        scores=tuple(scores.values()), matched_theme_ids=tuple(one.theme_id for one in matched),
        generation=themes.generation, classified_at=now,
    )  # fmt: skip
    known = {theme.theme_id: theme for theme in themes.themes} if matched else {}
    return classification, tuple(
        Match(
            match_id=match_id(article.revision_id, one.theme_id), theme_id=one.theme_id, theme_label=known[one.theme_id].label,
            theme_version=one.version, generation=themes.generation, score=one.score, threshold=one.threshold,
            severity=one.severity, severity_steps=one.severity_steps, evidence=one.evidence,
            also_matched=tuple(scores[other.theme_id] for other in matched if other is not one),
            matched_at=now, article=article, stories=known[one.theme_id].stories,
        )
        for one in matched
    )  # fmt: skip
