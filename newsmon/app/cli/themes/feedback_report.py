"""`newsmon themes test --feedback`: the themes measured by people's feedback, and thresholds that would have done better."""

from __future__ import annotations

import json
from collections import defaultdict

import click

from newsmon.settings import Settings
from processors.matching.classify import verdicts_on_text
from processors.matching.evaluate import Count, Miss
from processors.matching.suggest import LEAST_OF_EACH, count_at, suggest
from processors.themes import ThemeSet
from sinks.database.engine import create_engine_for, reading
from sinks.database.schema import check_schema
from sinks.queries.feedback import JudgedArticle, judged_articles, without_text


def report_feedback(settings: Settings, themes: ThemeSet, miss_limit: int, *, as_json: bool) -> None:
    """Print one section per theme that has feedback."""
    engine = create_engine_for(settings, must_exist=True)
    try:
        check_schema(engine)
        by_theme: dict[str, list[tuple[JudgedArticle, float]]] = defaultdict(list)
        gone: dict[str, int] = defaultdict(int)
        for one in judged_articles(engine):
            if themes.by_id(one.theme_id) is None:
                gone[one.theme_id] += 1
                continue
            given = verdicts_on_text(one.title, one.lead, one.body, one.language, themes, tier=one.tier, country=one.country)
            by_theme[one.theme_id].append((one, next(verdict.score for verdict in given if verdict.theme_id == one.theme_id)))
        with reading(engine) as connection:
            textless = without_text(connection)
    finally:
        engine.dispose()
    for theme_id, scored in sorted(by_theme.items()):
        theme = themes.by_id(theme_id)
        assert theme is not None  # the others are in `gone`
        _theme(theme_id, theme.threshold, scored, miss_limit, as_json=as_json)
    if as_json:
        return
    if not by_theme:
        click.echo("no feedback on stored articles yet; give some with: newsmon feedback ARTICLE useful|noise|missed")
    if textless:
        click.echo(f"not counted: {textless} on articles whose text is not stored")
    for theme_id, count in sorted(gone.items()):
        click.echo(f"not counted: {count} on {theme_id}, which is no longer a theme")


def _theme(theme_id: str, threshold: float, scored: list[tuple[JudgedArticle, float]], miss_limit: int, *, as_json: bool) -> None:
    pairs = [(score, one.wanted) for one, score in scored]
    now, found = count_at(pairs, threshold), suggest(pairs, threshold)
    misses = [
        Miss(one.article_id, one.language, theme_id, one.wanted, score, threshold, one.title)
        for one, score in scored
        if one.wanted is not (score >= threshold)
    ]
    misses.sort(key=lambda one: (-one.margin, one.item_id))
    if as_json:
        suggestion = None if found is None else {"threshold": found.threshold, **_numbers(found.count)}
        known = {"theme": theme_id, "feedback": len(scored), "threshold": threshold, **_numbers(now), "suggestion": suggestion}
        click.echo(json.dumps(known, ensure_ascii=False))
        return
    click.echo(f"{theme_id}: {len(scored)} articles with feedback; threshold {threshold:g}: {_words(now)}")
    for miss in misses[:miss_limit]:
        kind = "missed" if miss.expected else "false "
        click.echo(f"  {kind} {miss.score:g}/{miss.threshold:g} [{miss.language}] {miss.item_id}: {miss.title}")
    if found is None:
        click.echo(f"  too little feedback to suggest a threshold: it takes {LEAST_OF_EACH} wanted and {LEAST_OF_EACH} unwanted articles")
    elif found.threshold == threshold:
        click.echo("  no other threshold would have done better")
    else:
        click.echo(f"  threshold {found.threshold:g} would have done better: {_words(found.count)}; to use it, edit the theme")
    click.echo("")


def _words(count: Count) -> str:
    return f"P {_share(count.precision)}  R {_share(count.recall)}  F1 {_share(count.f1)}"


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"


def _numbers(count: Count) -> dict[str, float | int | None]:
    return {
        "precision": count.precision, "recall": count.recall, "f1": count.f1,
        "true_positives": count.true_positive, "false_positives": count.false_positive, "false_negatives": count.false_negative,
    }  # fmt: skip
