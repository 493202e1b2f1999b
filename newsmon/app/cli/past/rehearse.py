"""`newsmon rehearse`: the inbox that past articles would have led to, before anybody has to live with it."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from newsmon.app.cli import EXIT_NO
from newsmon.app.cli.options import config_option, settings_from
from newsmon.app.cli.times import Since

if TYPE_CHECKING:
    from newsmon.app.cli.past.rehearse_page import Span
    from newsmon.records import Article
    from newsmon.settings import ReceiverSettings, Settings
    from processors.handling.decision_result import Failed
    from processors.replay.rehearsal import Decided
    from processors.themes import ThemeSet
    from producers.articles.backfill_lines import BadLine


@click.command(name="rehearse")
@click.argument("archive", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--since", type=Since(), help="Take the articles stored since then instead of an archive: 12h, 14d, or 2026-11-24T06:00Z.")
@click.option("--themes", "directory", type=click.Path(path_type=Path), help="Directory of theme files. Default: themes.directory.")
@click.option("--from", "start", type=Since(), help="Count and show from here on; earlier articles only count as known.")
@click.option("--to", "end", type=Since(), help="Leave out articles first seen at this time or later.")
@click.option("--receiver", "receiver_id", help="Show the inbox of this receiver. Default: a chat or mailbox with default settings.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object per article and theme that it matched.")
@config_option
def command(
    archive: Path | None, since: datetime | None, directory: Path | None, start: datetime | None, end: datetime | None,
    receiver_id: str | None, as_json: bool, config_file: Path | None,
) -> None:  # fmt: skip
    """Show the messages that the articles in ARCHIVE, or those stored, would have led to: by day, theme and severity, then each one.

    Decides as the service does, with all settings and themes, in the articles' own time. Sends and stores nothing, needs no Kafka.
    ARCHIVE has lines as `newsmon backfill` reads them, plain or gzip, in any order. Each counts as live news first seen at its
    `first_seen_at`, else its `published_at`; a line with neither is left out. It has the tier that the line states, else that of your
    feeds with its `source` or site, else 4: such an outlet confirms no event. Exit code 1 if a line was invalid or a decision failed.

    --json prints, in the order decided: `at`, `article_id` (the line's id; null where a story closes or a burst begins), `theme`, `score`,
    `story` (the event's id), `running` (the story's id), `relation`, `decision` (why there is an alert, or none) and `told`: null, or the
    alert that leads a message, with `alert`, `revision`, `kind`, `reason`, `severity`, `title` and the `article_id` that the title comes
    from. An alert that goes out in another's message has `travels` instead, with the same fields and the alert it goes `with`. A line that
    only shows a known text again has `repeat`: true, and the decision made the first time.
    """
    from newsmon.app.cli.past.rehearse_page import Span, page
    from newsmon.app.cli.past.rehearse_rows import Rows
    from processors.replay.tally import Tally
    from processors.themes import load_themes
    from sinks.policy.inbox import inbox

    if (archive is None) == (since is None):
        raise click.UsageError("give an archive or --since")
    start = start or since
    if start is not None and end is not None and start >= end:
        raise click.UsageError("nothing is left to show: --to is not after --from or --since")
    settings = settings_from(config_file)
    receiver = _receiver(settings, receiver_id)
    themes = load_themes(directory or settings.themes.directory)
    span, tally, rows = Span(), Tally(), Rows(by_line=archive is not None)
    warm = None if since is None else since - timedelta(seconds=settings.stories.idle_close_s)  # so that open stories are known
    articles = _stored(settings, warm, end) if archive is None else _archived(settings, archive, end, span)
    for decided in _decided(settings, themes, _counted(articles, span, start), warm, span):
        is_counted = start is None or decided.match.matched_at >= start
        tally.add(decided, is_counted=is_counted)
        rows.add(decided, is_shown=is_counted)
    messages = [one for one in inbox(tally.alerts, receiver) if start is None or one.at >= start]
    if as_json:
        for line in rows.lines(messages):
            click.echo(json.dumps(line, ensure_ascii=False))
    else:
        for text in page("what is stored" if archive is None else archive.name, span, tally, messages):
            click.echo(text)
    sys.exit(EXIT_NO if span.bad_line_count or span.failed_count else 0)


def _receiver(settings: Settings, receiver_id: str | None) -> ReceiverSettings:
    from sinks.policy.inbox import people_receiver

    if receiver_id is None:
        return people_receiver()
    found = next((one for one in settings.receivers if one.id == receiver_id), None)
    if found is None:
        raise click.UsageError(f"no receiver is called {receiver_id!r}")
    return found


def _stored(settings: Settings, warm: datetime | None, end: datetime | None) -> Iterator[Article]:
    from newsmon.app.cli.past.articles import stored
    from processors.replay.rehearsal import COUNTED_BEFORE

    assert warm is not None
    return stored(settings, since=warm - COUNTED_BEFORE, end=end)


def _archived(settings: Settings, archive: Path, end: datetime | None, span: Span) -> Iterator[Article]:
    from newsmon.app.cli.past.articles import archived

    def report(bad: BadLine) -> None:
        span.bad_line_count += 1
        click.echo(f"{archive}:{bad.number}: {bad.reason.value}: {' '.join(bad.why.split())[:200]}", err=True)

    return archived(settings, archive, end=end, on_bad_line=report)


def _counted(articles: Iterator[Article], span: Span, start: datetime | None) -> Iterator[Article]:
    for article in articles:
        if start is None or article.first_seen_at >= start:
            span.add(article)
        yield article


def _decided(
    settings: Settings, themes: ThemeSet, articles: Iterator[Article], decided_from: datetime | None, span: Span
) -> Iterator[Decided]:
    from newsmon.kafka.partitions import partition_of
    from newsmon.topics import MATCHES
    from processors.replay.rehearsal import rehearse
    from processors.runner.policies import decisions_for

    def report(article: Article, failed: Failed) -> None:
        span.failed_count += 1
        click.echo(f"would go to quarantine: {article.url or article.article_id}: {failed.error[:200]}", err=True)

    return rehearse(
        articles, decisions_for(settings, themes), lambda theme_id: partition_of(MATCHES, theme_id.encode()), on_failed=report,
        decided_from=decided_from, deadline_s=settings.processor.record_deadline_s,
    )  # fmt: skip
