"""`newsmon explain`: why an article belongs to a theme, character by character, or which clause, context or stage excluded it."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from newsmon.app.cli import EXIT_NO
from newsmon.app.cli.options import config_option, settings_from, themes_option, words_option
from newsmon.errors import Problem, SettingsError

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

    from newsmon.records import Evidence
    from newsmon.settings import Settings
    from processors.matching.verdicts import Verdict
    from processors.search.scan import Scanned
    from processors.themes.theme_set import Theme, ThemeSet

NEAREST = 5
SHOWN_CHARS = 1_600


@dataclass(frozen=True, slots=True)
class Article:
    """The article to explain. Evidence offsets point into title, lead and body."""

    title: str
    lead: str
    body: str
    language: str | None
    tier: int | None = None
    country: str | None = None
    later: tuple[str, ...] = ()  # the decisions of later stages, one line each


@click.command(name="explain")
@click.option("--theme", "theme_id", help="Id of the theme to explain. With --pair: the theme whose words and whose `separate` count.")
@click.option("--url", help="Address of an article in the database.")
@click.option("--not", "negative", is_flag=True, help="Explain why the article does not match: the nearest misses and what stopped them.")
@click.option("--pair", nargs=2, metavar="A B", help="Explain why two articles (ids, addresses or files) are, or are not, one story.")
@click.option("--json", "as_json", is_flag=True, help="With --pair: print one JSON object.")
@themes_option
@click.argument("file", required=False, type=click.Path(path_type=Path, allow_dash=True))
@words_option
@config_option
def command(
    theme_id: str | None, url: str | None, negative: bool, pair: tuple[str, str] | None, as_json: bool, directory: Path | None,
    file: Path | None, config_file: Path | None,
) -> None:  # fmt: skip
    """Explain why an article matches a theme, or with --not why it does not; with --pair, why two articles are one event or story, or not.

    The article is FILE or --url. FILE holds a JSON line {title, text, lang?}, or plain text with the title on the first line; `-`
    is standard input. Prints the evidence and how it adds up. Exit code 1 if the theme does not match; with --not, if it does.

    --pair compares two articles as the processor does, and prints what was measured and how much it counts, what they share and how
    rare that is, and where grouping put them. Exit code 1 if they are two stories; with --not, if they are one.
    """
    from rich.console import Console

    from processors.themes import load_themes

    settings = settings_from(config_file)
    if pair is not None:
        _refuse_with_pair(url, file)
        from newsmon.app.cli.stories.pair import explain_pair

        known = None if theme_id is None else load_themes(directory or settings.themes.directory)
        chosen = None if known is None or theme_id is None else (known, _theme(known, theme_id))
        sys.exit(int(explain_pair(pair, chosen, settings, as_json=as_json) == negative))
    if theme_id is None:
        raise SettingsError([Problem("--theme", "name the theme to explain")])
    if as_json:
        raise SettingsError([Problem("--json", "goes with --pair only")])
    themes = load_themes(directory or settings.themes.directory)
    theme = _theme(themes, theme_id)
    if (url is None) == (file is None):
        raise SettingsError([Problem("FILE", "give a file or --url")])
    article = _stored(url, theme_id, settings) if url is not None else _read(file)
    console = Console(width=None if sys.stdout.isatty() else 100, highlight=False, markup=False, emoji=False)
    matched = _explain(article, theme, themes, console, negative=negative)
    sys.exit(int(matched == negative))


def _theme(themes: ThemeSet, theme_id: str) -> Theme:
    theme = themes.by_id(theme_id)
    if theme is None:
        known = ", ".join(one.theme_id for one in themes.themes)
        raise SettingsError([Problem("--theme", f"no theme is called {theme_id!r}; the themes are {known}")])
    return theme


def _refuse_with_pair(url: str | None, file: Path | None) -> None:
    if url is not None or file is not None:
        raise SettingsError([Problem("--pair", "names both articles: leave out FILE and --url")])


def _explain(article: Article, theme: Theme, themes: ThemeSet, console: Console, *, negative: bool) -> bool:
    from newsmon.text.language import identify_language
    from processors.matching.classify import masked_spans
    from processors.matching.verdicts import verdicts_of
    from processors.search.scan import scan

    language = article.language or identify_language(f"{article.title}. {article.lead} {article.body}"[:1000]).code
    masked = masked_spans(article.title, article.lead, article.body, language)
    scanned = scan(article.title, article.lead, article.body, masked)
    verdict = next(one for one in verdicts_of(scanned, themes, language, article.tier, article.country) if one.theme_id == theme.theme_id)
    console.print(f"theme {theme.theme_id} {theme.version}, generation {themes.generation}, language {language}")
    cut = sum(end - start for start, end in masked)
    if cut:
        console.print(f"{cut} characters of boilerplate are ignored", style="dim")
    _show_text(article, verdict.evidence, console)
    _show_arithmetic(verdict, console)
    if negative or not verdict.matched:
        _show_stage(scanned, theme, themes, verdict, console, article, language)
        _show_stops(scanned, theme, themes, verdict, console, language)
    for line in article.later:
        console.print(line)
    return verdict.matched


def _show_text(article: Article, evidence: tuple[Evidence, ...], console: Console) -> None:
    from rich.text import Text

    for name in ("title", "lead", "body"):
        content: str = getattr(article, name)
        if not content:
            continue
        shown = Text(content)
        for part in evidence:
            if part.field == name:
                shown.stylize("bold black on yellow" if part.contribution > 0 else "underline", part.start, part.end)
        console.print(Text.assemble((f"{name}: ", "dim"), _excerpt(shown)))


def _excerpt(text: Text) -> Text:
    return text if len(text) <= SHOWN_CHARS else text[:SHOWN_CHARS].append(" …")


def _show_arithmetic(verdict: Verdict, console: Console) -> None:
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="dim")
    for column, justify in (("points", "right"), ("clause", "left"), ("where", "left"), ("words", "left")):
        table.add_column(column, justify=justify, overflow="fold")  # type: ignore[arg-type]
    for part in verdict.evidence:
        points = f"{part.contribution:+g}" if part.contribution else "needed"
        table.add_row(points, part.clause, f"{part.field} {part.start}-{part.end}", part.text)
    if verdict.evidence:
        console.print(table)
    sign = ">=" if verdict.matched else "<"
    word = f"matched, severity {_levels(verdict)}" if verdict.matched else f"not matched: {verdict.reason.replace('_', ' ')}"
    console.print(f"score {verdict.score:g} {sign} threshold {verdict.threshold:g}: {word}", style="bold")


def _levels(verdict: Verdict) -> str:
    """The article's severity, and higher ones that wait for confirmation by other sources."""
    waiting = (
        f"{step.severity} once {step.min_sources or 'enough (alerts.flash)'} independent sources report it"
        for step in verdict.severity_steps
    )
    return ", ".join([verdict.severity.value, *waiting])


def _show_stage(
    scanned: Scanned, theme: Theme, themes: ThemeSet, verdict: Verdict, console: Console, article: Article, language: str
) -> None:  # fmt: skip
    """Reasons outside the rules: the scope, a cap, or removed boilerplate."""
    from processors.matching.second_opinion import says, title_and_text
    from processors.matching.verdicts import Reason, out_of_scope, verdicts_of
    from processors.matching.whynot import capped
    from processors.search.scan import scan

    shut_out = out_of_scope(theme, language, article.tier, article.country)
    if shut_out is not None:
        has = {"languages": language, "tiers": article.tier, "countries": article.country}[shut_out]
        console.print(f"out of scope: the theme covers only {shut_out} {getattr(theme.scope, shut_out)}; this article has {has}")
    for one in capped(scanned, themes, theme, language):
        console.print(f"cap: rule {one.rule} gives at most {one.cap:g} of {one.uncapped:g} points")
    if verdict.reason is Reason.SECOND_OPINION and theme.opinion is not None:
        said = says(theme.opinion, *title_and_text(scanned))
        labels = theme.opinion.wanted + theme.opinion.unwanted
        console.print(f"second opinion: {said:g}, at least {theme.opinion.least:g} is needed; learned from {labels} labelled articles")
    whole = scan(article.title, article.lead, article.body)
    unmasked = next(one for one in verdicts_of(whole, themes, language, article.tier, article.country) if one.theme_id == theme.theme_id)
    if unmasked.matched and not verdict.matched:
        console.print(f"boilerplate: counting the ignored text, the score would be {unmasked.score:g} and the theme would match")


def _show_stops(scanned: Scanned, theme: Theme, themes: ThemeSet, verdict: Verdict, console: Console, language: str) -> None:
    from processors.matching.whynot import stops, unmet_requirements

    for need in unmet_requirements(scanned, themes, theme, language):
        console.print(f"required but not found: {need}")
    found = stops(scanned, themes, theme, language)
    if not found:
        console.print("no rule of this theme finds its first word in the text (boilerplate removed)")
        return
    fired = {part.clause.partition("/")[0] for part in verdict.evidence}
    console.print("nearest misses:")
    for stop in [one for one in found if one.rule not in fired][:NEAREST]:
        place = f"{stop.core.field} {stop.core.start}-{stop.core.end}"
        console.print(f"  rule {stop.rule}: '{stop.core.text}' ({place}) {stop.reason.replace('_', ' ')}: {stop.detail}")


def _read(file: Path | None) -> Article:
    import json

    from processors.matching.offline import BadItem, parse_item
    from processors.search.scan import lead_end

    assert file is not None
    try:
        raw = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    except OSError as error:
        raise SettingsError([Problem(str(file), f"cannot be read: {error.strerror}")]) from error
    if raw.lstrip()[:1] == b"{":
        try:
            data = json.loads(raw.splitlines()[0] if raw.count(b"\n{") else raw)
            item = parse_item(json.dumps({"id": "1"} | data).encode())
        except (ValueError, TypeError, BadItem) as error:
            raise SettingsError([Problem(str(file), f"is not an article: {error}")]) from error
        title, text, language = item.title, item.text, item.language
    else:
        title, _, text = raw.decode("utf-8", "replace").strip().partition("\n")
        language = None
    text = text.strip()
    end = lead_end(text)
    return Article(title.strip(), text[:end].strip(), text[end:].strip(), language)


def _stored(url: str, theme_id: str, settings: Settings) -> Article:
    """The newest stored text of an address, looked up by article id, so that tracking parameters do not matter."""
    from sqlalchemy import select

    from producers.identity.places import ids_of_address
    from sinks.database.engine import create_engine_for, reading
    from sinks.database.tables import articles, members, revisions, sightings
    from sinks.queries.addresses import article_id_at

    article_ids = ids_of_address(url)
    if not article_ids:
        raise SettingsError([Problem("--url", "is not an http(s) address")])
    engine = create_engine_for(settings, must_exist=True)
    query = select(revisions).join(articles, articles.c.revision_id == revisions.c.revision_id)
    try:
        article_id = article_id_at(engine, url, article_ids)
        with reading(engine) as connection:
            row = connection.execute(query.where(articles.c.article_id == article_id)).mappings().first()
            if row is not None:
                seen = select(sightings.c.tier, sightings.c.country).where(sightings.c.revision_id == row["revision_id"])
                tier, country = connection.execute(seen.order_by(sightings.c.first_seen_at)).first() or (None, None)
                decided = members.c.revision_id == row["revision_id"], members.c.theme_id == theme_id
                later = connection.execute(select(members.c.relation, members.c.story_id, members.c.alert_decision).where(*decided)).first()
    finally:
        engine.dispose()
    if row is None:
        click.echo(f"the database has no article with the address {url}: no feed showed it, or the store has not read it yet")
        sys.exit(EXIT_NO)
    said = (f"grouping: {later.relation} {later.story_id}; alert: {later.alert_decision.replace('_', ' ')}",) if later is not None else ()
    return Article(row["title"], row["lead"], row["body"], row["language"], tier, country, said)
