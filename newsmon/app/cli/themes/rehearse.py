"""`newsmon rehearse`: the inbox that an archive would have led to, before anybody has to live with it."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from newsmon.app.cli import EXIT_NO
from newsmon.app.cli.options import config_option, settings_from
from newsmon.app.cli.times import Since

if TYPE_CHECKING:
    from newsmon.records import Alert, Article, StoryState
    from newsmon.settings import Settings
    from processors.replay.rehearsal import Decided


@click.command(name="rehearse")
@click.argument("archive", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--themes", "directory", type=click.Path(path_type=Path), help="Directory of theme files. Default: themes.directory.")
@click.option("--from", "start", type=Since(), help="Leave out what was first seen before.")
@click.option("--to", "end", type=Since(), help="Leave out what was first seen at this time or later.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object for each match instead.")
@config_option
def command(
    archive: Path, directory: Path | None, start: datetime | None, end: datetime | None, as_json: bool, config_file: Path | None
) -> None:  # fmt: skip
    """Run ARCHIVE through classification, stories and alerts as the service would have, and show the messages. Sends nothing."""
    from processors.replay.rehearsal import Rehearsal
    from processors.runner.policies import decisions_for
    from processors.themes import load_themes

    settings = settings_from(config_file)
    decisions = decisions_for(settings, load_themes(directory or settings.themes.directory))
    line_ids: dict[str, str] = {}
    bad: list[int] = []
    articles = _articles(settings, archive, start, end, line_ids, bad)
    for decided in Rehearsal(decisions).decided(articles):
        for row in rows_of(decided, line_ids):
            if as_json:
                click.echo(json.dumps(row, ensure_ascii=False))
            elif row["told"] is not None:
                told = row["told"]
                click.echo(f"{row['at'][:16]} {told['severity']:7} {row['theme']:22} {told['reason']:20} {told['title']}")
    sys.exit(EXIT_NO if bad else 0)


def _articles(
    settings: Settings, archive: Path, start: datetime | None, end: datetime | None, line_ids: dict[str, str], bad: list[int]
) -> Iterator[Article]:
    from newsmon.settings.feeds import load_feeds
    from producers.articles.archive_lines import Refusal
    from producers.articles.backfill_lines import BadLine
    from producers.articles.past_articles import PastArticles
    from producers.articles.publishers import publishers_of
    from producers.backfill.past import in_order

    def report(one: BadLine) -> None:
        bad.append(one.number)
        click.echo(f"{archive}:{one.number}: {one.reason.value}: {' '.join(one.why.split())[:200]}", err=True)

    past = PastArticles(
        publishers_of(load_feeds(settings.producer.feeds_file)), source=archive.name, max_revisions=settings.producer.max_revisions
    )  # fmt: skip
    for at, number, line in in_order(archive, now=datetime.now(UTC), on_bad_line=report):
        if (start is not None and at < start) or (end is not None and at >= end):
            continue
        article = past.article(line, at, number)
        if isinstance(article, Refusal):
            report(BadLine(number, article.reason, article.why))
            continue
        line_ids[article.article_id] = str(line.id) if line.id is not None else article.article_id
        yield article


def rows_of(decided: Decided, line_ids: dict[str, str]) -> Iterator[dict[str, Any]]:
    """What the decision led to, as lines of `--json`: stories that closed, the match itself, a burst."""
    match, state = decided.match, decided.state
    at = match.matched_at.isoformat()
    if not decided.is_repeat:
        for alert in state.closed_alerts:
            yield _line(at, alert, None)
    yield {
        "at": at,
        "article_id": line_ids[state.article_id],
        "theme": state.theme_id,
        "score": match.score,
        "story": state.event_id,
        "running": state.story_id,
        "relation": state.relation.value,
        "told": None if decided.is_repeat or state.alert is None else _told(state.alert, line_ids[_headline_article(state)]),
    }
    if state.burst is not None and not decided.is_repeat:
        yield _line(at, state.burst, None)


def _headline_article(state: StoryState) -> str:
    """The article whose title the alert shows."""
    return state.article_id


def _line(at: str, alert: Alert, article_id: str | None) -> dict[str, Any]:
    return {
        "at": at, "article_id": None, "theme": alert.theme_id, "score": alert.score, "story": None, "running": alert.story_id,
        "relation": None, "told": _told(alert, article_id),
    }  # fmt: skip


def _told(alert: Alert, article_id: str | None) -> dict[str, Any]:
    return {
        "alert": alert.alert_id, "revision": alert.revision, "kind": alert.state.value, "reason": alert.reason.value,
        "severity": alert.severity.value, "title": alert.title, "article_id": article_id,
    }  # fmt: skip
